"""Finding sessions without knowing their ids."""

from typing import Any

from reference_impl import encoding, rows
from reference_impl.access import Access
from reference_impl.session import SessionData


class Listing:
    """The lists of a store. Each reads every session's file, and raises what keeps it from that.

    What is listed is what a read of its id finds: name and id of a file have to agree. None and ""
    find nothing: a program that was told no name is not given the sessions that have none.
    """

    _access: Access

    def list_sessions(self, limit: int = 50) -> list[dict[str, Any]]:
        """A description of each session, the last changed first."""
        sessions = [summary for _, summary in self._access.directory.sessions()]
        listed = sorted(sessions, key=lambda each: str(each.updated_at or ""), reverse=True)
        return [_description(each) for each in listed[:limit]]

    def list_sessions_by_agent(self, agent_name: str, limit: int = 50) -> list[str]:
        """The ids of an agent's sessions."""
        return self._ids(limit, "agent_name", agent_name)

    def get_sessions_by_agent(self, agent_name: str, limit: int = 10) -> list[SessionData]:
        """The sessions of an agent."""
        return self._found(limit, "agent_name", agent_name)

    def get_by_gateway_session(self, gateway_session_id: str) -> SessionData | None:
        """The session linked to a gateway's, or None."""
        return next(iter(self._found(1, "gateway_session_id", gateway_session_id)), None)

    def list_sessions_by_gateway_agent(self, agent_id: str, limit: int = 50) -> list[str]:
        """The ids of the sessions linked to a gateway's agent."""
        return self._ids(limit, "agent_id", agent_id)

    def _ids(self, limit: int, label: str, value: str) -> list[str]:
        sessions = self._access.directory.sessions()
        found = [str(each.session_id) for _, each in sessions if _has(each, label, value)]
        return found[:limit]

    def _found(self, limit: int, label: str, value: str) -> list[SessionData]:
        matching = [
            (summary.session_id, data)
            for data, summary in self._access.directory.sessions()
            if _has(summary, label, value)
        ]
        found = []
        for session_id, data in matching[:limit]:
            session = encoding.load(data)
            session.session_id = session_id or ""
            found.append(session)
        return found


def _has(summary: rows.Summary, label: str, value: str) -> bool:
    return bool(value) and bool(getattr(summary, label) == value)


# The metadata says these before the top of the file does.
_NOTED = (
    "source",
    "parent_id",
    "parent_session_id",
    "agent_key",
    "model",
    "llm",
    "total_tokens",
    "token_count",
    "cost",
)


def _description(summary: rows.Summary) -> dict[str, Any]:
    noted = summary.metadata
    for name in _NOTED if noted else ():
        if (value := noted.get(name)) is not None:
            setattr(summary, name, value)
    return {
        "session_id": summary.session_id,
        "id": summary.session_id,
        "agent_name": summary.agent_name,
        "title": noted.get("title"),
        "agent_id": summary.agent_id or noted.get("agent_id"),
        "source": summary.source,
        "parent_id": summary.parent_id,
        "parent_session_id": summary.parent_session_id,
        "agent_key": summary.agent_key,
        "created_at": summary.created_at,
        "updated_at": summary.updated_at,
        "message_count": len(summary.messages or ()),
        "model": summary.model or summary.llm,
        "total_tokens": summary.total_tokens or summary.token_count,
        "cost": summary.cost,
    }
