"""Opens what is measured; each function runs in a process of its own contender.

Every contender keeps all messages, and works in a directory below the current one. The stores of
the field are opened by their adapters; here are those that need more.
"""

from typing import Any

DIRECTORY = "sessions"


def reference() -> Any:
    """The reference store; what it has answered survives a power cut."""
    from reference_impl import DefaultSessionStore

    return DefaultSessionStore(DIRECTORY, retention="keep_all")


def reference_not_durable() -> Any:
    """The reference store without flushes."""
    from reference_impl import DefaultSessionStore

    return DefaultSessionStore(DIRECTORY, retention="keep_all", durable=False)


def openai_agents() -> Any:
    """The OpenAI Agents SDK's `SQLiteSession`."""
    from tests.contract.peers.openai_agents import Sessions

    class Filled(Sessions):
        async def fill(self, session_id: str, messages: list[Any]) -> None:
            await self.clear_session(session_id)
            await self._session(session_id).add_items(messages)

    return Filled("sqlite")


def langchain_file() -> Any:
    """LangChain's `FileChatMessageHistory`."""
    import json

    from langchain_core.messages import convert_to_messages, messages_to_dict

    from tests.contract.peers.langchain import Histories

    class Filled(Histories):
        def fill(self, session_id: str, messages: list[Any]) -> None:
            # Its own way adds one by one, and writes the whole file each time.
            rows = messages_to_dict(convert_to_messages(messages))
            self._history(session_id).file_path.write_text(json.dumps(rows))

    return Filled("file")


def flock_floor() -> Any:
    """The floor on blocking `flock`."""
    return _floor(raw=True, flush=False)


def filelock_floor() -> Any:
    """The floor on `filelock`."""
    return _floor(raw=False, flush=False)


def flock_floor_flushed() -> Any:
    """The floor on blocking `flock`, with flushes."""
    return _floor(raw=True, flush=True)


def filelock_floor_flushed() -> Any:
    """The floor on `filelock`, with flushes."""
    return _floor(raw=False, flush=True)


def _floor(*, raw: bool, flush: bool) -> Any:
    from tests.bench.floors import Floor

    return Floor(raw=raw, flush=flush)
