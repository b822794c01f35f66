#!/usr/bin/env bash
# Believed: the window of a conversation manager says what a Strands agent sends to the model; what the session manager has stored stays.
# Seen: strands-agents 1.62.0, 30 November 2026. With window_size=0, which is accepted, an agent that is made again begins to count
#   stored messages at 0 and overwrites the first files of the session, without a word. With window_size=2 nothing is overwritten.
# Matters to: whoever sets the window to 0 so that the model sees the newest message alone and the files keep the record.
# Source: run here, with a model that repeats what it is told.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check strands-agents==1.62.0
cd "$place"
cat > turn.py <<'PROGRAM'
import json
import sys
from pathlib import Path

from strands import Agent
from strands.agent.conversation_manager import SlidingWindowConversationManager
from strands.models import Model
from strands.session import FileSessionManager


class Echo(Model):
    def update_config(self, **settings): ...

    def get_config(self):
        return {}

    async def structured_output(self, *args, **settings):
        yield {}

    async def stream(self, messages, *args, **settings):
        yield {"messageStart": {"role": "assistant"}}
        yield {"contentBlockStart": {"start": {}}}
        yield {"contentBlockDelta": {"delta": {"text": "noted"}}}
        yield {"contentBlockStop": {}}
        yield {"messageStop": {"stopReason": "end_turn"}}


window, said = int(sys.argv[1]), sys.argv[2]
place = f"window-{window}"
agent = Agent(
    model=Echo(),
    agent_id="agent",
    callback_handler=None,
    session_manager=FileSessionManager(session_id="chat", storage_dir=place),
    conversation_manager=SlidingWindowConversationManager(window_size=window),
)
agent(said)
stored = (json.loads(path.read_text())["message"] for path in Path(place).rglob("message_*.json"))
print(sorted(each["content"][0]["text"] for each in stored if each["role"] == "user"))
PROGRAM
env/bin/python -c 'from importlib.metadata import version as v; print("strands-agents", v("strands-agents"))'
echo "input: three programs, one after the other, say first, second and third in one session"
for window in 2 0; do
  for said in first second third; do stored=$(env/bin/python -W ignore turn.py "$window" "$said"); done
  echo "window_size=$window: the user's messages on the disk are $stored"
  found="${found:-}$stored"
done
[ "$found" = "['first', 'second', 'third']['third']" ]
echo "seen: with a window of 0 each new agent overwrites what the session has stored"
