"""Strands Agents: `FileSessionManager`, which keeps each message in a file of its own.

Its manager belongs to one session and one agent. A message gets the next number, as the manager
counts when an agent appends.
"""

from typing import Any

from strands import Agent
from strands.agent.conversation_manager import SlidingWindowConversationManager
from strands.hooks import MessageAddedEvent
from strands.session.file_session_manager import FileSessionManager
from strands.types.exceptions import SessionException
from strands.types.session import SessionAgent, SessionMessage

from tests.contract.peers.place import directory, newest

Message = dict[str, Any]
AGENT = "contract"


class Managers:
    """Opens a manager for each session."""

    not_offered = frozenset({"clear_session"})

    def __init__(self) -> None:
        self._open: dict[str, FileSessionManager] = {}
        self._next: dict[str, int] = {}

    def _manager(self, session_id: str) -> FileSessionManager:
        if session_id not in self._open:
            manager = FileSessionManager(session_id, storage_dir=str(directory()))
            if manager.read_agent(session_id, AGENT) is None:
                manager.create_agent(session_id, SessionAgent(AGENT, {}, {}))
            stored = manager.list_messages(session_id, AGENT)
            self._next[session_id] = stored[-1].message_id + 1 if stored else 0
            self._open[session_id] = manager
        return self._open[session_id]

    def add_message(
        self, session_id: str, role: str, content: Any, metadata: Message | None = None
    ) -> bool:
        """Write the next message."""
        manager = self._manager(session_id)
        number = self._next[session_id]
        message: Any = {"role": role, "content": [{"text": content}]}
        manager.create_message(session_id, AGENT, SessionMessage(message, number))
        self._next[session_id] = number + 1
        return True

    def get_chat_history(self, session_id: str, max_messages: int | None = None) -> list[Message]:
        """The newest messages."""
        if not self.session_exists(session_id):
            return []
        stored = self._manager(session_id).list_messages(session_id, AGENT)
        found = [
            {"role": each.message["role"], "content": each.message["content"][0]["text"]}
            for each in stored
        ]
        return newest(found, max_messages)

    def delete_session(self, session_id: str) -> bool:
        """Delete the session's directory."""
        manager = self._open.pop(session_id, None)
        if manager is None and not self.session_exists(session_id):
            return True
        try:
            (manager or FileSessionManager(session_id, str(directory()))).delete_session(session_id)
        except SessionException:
            return not self.session_exists(session_id)
        return True

    def session_exists(self, session_id: str) -> bool:
        """Whether the session has a directory."""
        return (directory() / f"session_{session_id}").exists()


class Windowed(Managers):
    """Keeps an agent for each session, whose conversation manager has a window."""

    def __init__(self, window: int) -> None:
        super().__init__()
        self._window = window
        self._agents: dict[str, Agent] = {}

    def _agent(self, session_id: str) -> Agent:
        if session_id not in self._agents:
            self._agents[session_id] = Agent(
                agent_id=AGENT,
                session_manager=FileSessionManager(session_id, storage_dir=str(directory())),
                conversation_manager=SlidingWindowConversationManager(window_size=self._window),
            )
        return self._agents[session_id]

    def add_message(
        self, session_id: str, role: str, content: Any, metadata: Message | None = None
    ) -> bool:
        """Add a message as the agent does, and let its window slide as after a turn."""
        agent = self._agent(session_id)
        message: Any = {"role": role, "content": [{"text": content}]}
        agent.messages.append(message)
        agent.hooks.invoke_callbacks(MessageAddedEvent(agent=agent, message=message))
        agent.conversation_manager.apply_management(agent)
        agent._session_manager.sync_agent(agent)
        return True

    def get_chat_history(self, session_id: str, max_messages: int | None = None) -> list[Message]:
        """What the agent has in its window."""
        found = [
            {"role": each["role"], "content": each["content"][0]["text"]}
            for each in self._agent(session_id).messages
        ]
        return newest(found, max_messages)


def open_file(window: int | None = None) -> Managers:
    """Open one more client."""
    return Managers() if window is None else Windowed(window)
