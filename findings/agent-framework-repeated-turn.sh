#!/usr/bin/env bash
# Believed: a history provider of Microsoft Agent Framework appends what a run adds, message by message.
# Seen: agent-framework-core 1.23.0, 30 November 2026. What is added is laid over the end of what is stored, and the overlap
#   is left out. A user who says the same thing four times and gets the same answer four times has a history of two
#   messages, and two different runs that end and begin alike are joined. The file provider and the one in memory do so.
# Matters to: bots whose users say "next", "yes" or "continue"; whoever counts turns, or bills by them.
# Source: run here; the provider's reference does not speak of equal messages.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check agent-framework-core==1.23.0
cd "$place"
env/bin/python -W ignore - <<'PROGRAM'
import asyncio
from importlib.metadata import version

from agent_framework import FileHistoryProvider, InMemoryHistoryProvider, Message


async def kept(turns):
    state = {}
    found = []
    for provider in (FileHistoryProvider("files"), InMemoryHistoryProvider()):
        for user, assistant in turns:
            turn = [Message("user", [user]), Message("assistant", [assistant])]
            await provider.save_messages("chat", turn, state=state)
        stored = await provider.get_messages("chat", state=state)
        found.append([f"{message.role}: {message.text}" for message in stored])
    return found


print("agent-framework-core", version("agent-framework-core"))
print("input: four runs, each a user's 'next' and an assistant's 'OK'")
for name, messages in zip(("file", "memory"), asyncio.run(kept([("next", "OK")] * 4)), strict=True):
    print(f"{name}: {messages}")
    assert messages == ["user: next", "assistant: OK"], "changed: repeated turns are kept"
print("seen: 2 of 8 messages are kept, by both providers")
PROGRAM
