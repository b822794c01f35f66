#!/usr/bin/env bash
# Believed: a ChatHistory of Semantic Kernel that is serialized and restored holds what it held, or a tool's result as JSON.
# Seen: semantic-kernel 1.45.0, 30 November 2026. A result that was a dict is written as Python prints it, 'True' and 'None' and single
#   quotes, inside a JSON string. After the restore it is that string, which no JSON reader takes. The model is sent the same text.
#   A call's arguments, in the same history, come back as the dict that they were.
# Matters to: whoever reads tool results of stored histories, moves them to another store, or lets a model quote them.
# Source: run here.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check semantic-kernel==1.45.0
cd "$place"
env/bin/python -W ignore - <<'PROGRAM'
import json
from importlib.metadata import version

from semantic_kernel.contents import (
    AuthorRole,
    ChatHistory,
    ChatMessageContent,
    FunctionCallContent,
    FunctionResultContent,
)

result = {"rain": True, "wind": None}
call = FunctionCallContent(id="c1", name="weather", arguments={"city": "Oslo"})
answer = FunctionResultContent(id="c1", name="weather", result=result)
history = ChatHistory()
history.add_message(ChatMessageContent(role=AuthorRole.ASSISTANT, items=[call]))
history.add_message(ChatMessageContent(role=AuthorRole.TOOL, items=[answer]))
restored = ChatHistory.restore_chat_history(history.serialize())

print("semantic-kernel", version("semantic-kernel"))
print("input: a tool's result", json.dumps(result))
arguments, after = restored.messages[0].items[0].arguments, restored.messages[1].items[0].result
sent = restored.messages[1].to_dict()["content"]
print(f"after serialize and restore: arguments {arguments!r}, result {after!r}")
print(f"the model is sent: {sent}")
try:
    json.loads(after)
    is_json = True
except (TypeError, ValueError) as error:
    is_json = False
    print("json.loads of the result:", error)
assert after == sent == "{'rain': True, 'wind': None}" and not is_json, "changed"
assert arguments == {"city": "Oslo"}, "changed: arguments"
print("seen: a tool's result comes back as Python's print of it, which is no JSON")
PROGRAM
