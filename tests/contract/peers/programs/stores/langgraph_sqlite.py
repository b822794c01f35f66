import sqlite3

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, MessagesState, StateGraph

saver = SqliteSaver(sqlite3.connect("sessions.db", check_same_thread=False))
builder = StateGraph(MessagesState)
builder.add_node("turn", lambda state: {"messages": []})
builder.add_edge(START, "turn")
graph = builder.compile(checkpointer=saver)


def append(session, content):
    turn = {"messages": [{"role": "user", "content": content}]}
    graph.update_state({"configurable": {"thread_id": session}}, turn, as_node="turn")


def read(session):
    state = graph.get_state({"configurable": {"thread_id": session}})
    return [each.content for each in state.values.get("messages", [])]


def remove(session):
    saver.delete_thread(session)
