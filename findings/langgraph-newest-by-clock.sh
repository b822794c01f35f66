#!/usr/bin/env bash
# Believed: the newest checkpoint of a LangGraph thread is the one that was saved last.
# Seen: langgraph 1.2.24 with langgraph-checkpoint-sqlite 3.1.2, 30 November 2026. It is the one with the largest id, and an id
#   begins with the clock of the process that made it. A turn by a worker whose clock is five minutes behind is saved,
#   acknowledged, and is in no later state: the next turn of another worker goes on from the one before it.
# Matters to: whoever runs more than one worker of a graph on machines whose clocks differ, or sets a clock back.
# Source: run here. Only time.time_ns is moved, before the turn is made.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check \
  langgraph==1.2.24 langgraph-checkpoint-sqlite==3.1.2
cd "$place"
cat > worker.py <<'PROGRAM'
import sys
import time

said, behind = sys.argv[1], int(sys.argv[2]) * 10**9
clock = time.time_ns
time.time_ns = lambda: clock() - behind

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, MessagesState, StateGraph

graph = StateGraph(MessagesState).add_node("answer", lambda state: {"messages": [("ai", "noted")]})
with SqliteSaver.from_conn_string("threads.db") as saver:
    app = graph.add_edge(START, "answer").compile(checkpointer=saver)
    config = {"configurable": {"thread_id": "chat"}}
    if said:
        app.invoke({"messages": [("user", said)]}, config)
    print([each.content for each in app.get_state(config).values["messages"] if each.type == "human"])
PROGRAM
env/bin/python -c 'from importlib.metadata import version as v; print("langgraph", v("langgraph"), "langgraph-checkpoint-sqlite", v("langgraph-checkpoint-sqlite"))'
echo "input: three workers, one after the other, say first, second and third; the second one's clock is 300 s behind"
env/bin/python worker.py first 0 > /dev/null
env/bin/python worker.py second 300 > /dev/null
env/bin/python worker.py third 0 > /dev/null
state=$(env/bin/python worker.py "" 0)
echo "the conversation afterwards: $state"
[ "$state" = "['first', 'third']" ]
echo "seen: a turn that was saved by a worker whose clock is behind is in no conversation"
