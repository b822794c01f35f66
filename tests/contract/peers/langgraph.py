"""LangGraph: messages in the state of a graph, kept by `SqliteSaver`.

A graph without work of its own is compiled with the saver, and `update_state` adds messages, as
LangGraph's pages do to edit a thread.
"""

import sqlite3
from typing import Any

from langchain_core.messages import RemoveMessage, convert_to_openai_messages
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.graph.message import REMOVE_ALL_MESSAGES

from tests.contract.peers.place import directory, newest

Message = dict[str, Any]


class Threads:
    """A compiled graph; a session is a thread."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(directory() / "sessions.db", check_same_thread=False)
        self._saver = SqliteSaver(self._connection)
        graph = StateGraph(MessagesState)
        graph.add_node("turn", lambda state: {"messages": []})
        graph.add_edge(START, "turn")
        self._graph = graph.compile(checkpointer=self._saver)

    def _config(self, session_id: str) -> Any:
        return {"configurable": {"thread_id": session_id}}

    def add_message(
        self, session_id: str, role: str, content: Any, metadata: Message | None = None
    ) -> bool:
        """Add a message to the thread."""
        turn = {"messages": [{"role": role, "content": content}]}
        self._graph.update_state(self._config(session_id), turn, as_node="turn")
        return True

    def get_chat_history(self, session_id: str, max_messages: int | None = None) -> list[Message]:
        """The newest messages of the thread."""
        state = self._graph.get_state(self._config(session_id))
        found = convert_to_openai_messages(state.values.get("messages", []))
        return newest(found, max_messages)

    def clear_session(self, session_id: str) -> bool:
        """Remove the messages of the thread."""
        removal = {"messages": [RemoveMessage(id=REMOVE_ALL_MESSAGES)]}
        self._graph.update_state(self._config(session_id), removal, as_node="turn")
        return True

    def delete_session(self, session_id: str) -> bool:
        """Delete the thread."""
        self._saver.delete_thread(session_id)
        return True

    def session_exists(self, session_id: str) -> bool:
        """Whether the thread has a checkpoint."""
        return self._saver.get_tuple(self._config(session_id)) is not None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def open_sqlite() -> Threads:
    """Open one more client of `SqliteSaver`."""
    return Threads()
