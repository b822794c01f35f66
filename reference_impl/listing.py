"""Finding sessions without knowing their ids."""

from typing import Any

from reference_impl.access import Access
from reference_impl.session import SessionData


class Listing:
    """The lists of a store. Each reads every session's file, and raises what keeps it from that."""

    _access: Access

    def list_sessions(self, limit: int = 50) -> list[dict[str, Any]]:
        """A description of each session, the last changed first."""
        listed = sorted(
            self._access.directory.sessions(), key=lambda each: str(each.updated_at), reverse=True
        )
        return [_description(session) for session in listed[:limit]]

    def list_sessions_by_agent(self, agent_name: str, limit: int = 50) -> list[str]:
        """The ids of an agent's sessions."""
        return [session.session_id for session in self.get_sessions_by_agent(agent_name, limit)]

    def get_sessions_by_agent(self, agent_name: str, limit: int = 10) -> list[SessionData]:
        """The sessions of an agent."""
        found = (s for s in self._access.directory.sessions() if s.agent_name == agent_name)
        return list(found)[:limit]

    def get_by_gateway_session(self, gateway_session_id: str) -> SessionData | None:
        """The session linked to a gateway's, or None."""
        found = self._access.directory.sessions()
        return next((s for s in found if s.gateway_session_id == gateway_session_id), None)

    def list_sessions_by_gateway_agent(self, agent_id: str, limit: int = 50) -> list[str]:
        """The ids of the sessions linked to a gateway's agent."""
        found = (s.session_id for s in self._access.directory.sessions() if s.agent_id == agent_id)
        return list(found)[:limit]


def _description(session: SessionData) -> dict[str, Any]:
    found = session.metadata | session.extra
    return {
        "session_id": session.session_id,
        "id": session.session_id,
        "agent_name": session.agent_name,
        "title": session.metadata.get("title"),
        "agent_id": session.agent_id or session.metadata.get("agent_id"),
        "source": found.get("source"),
        "parent_id": found.get("parent_id"),
        "parent_session_id": found.get("parent_session_id"),
        "agent_key": found.get("agent_key"),
        "created_at": session.created_at,
        "updated_at": session.updated_at,
        "message_count": len(session.messages),
        "model": session.metadata.get("model") or session.metadata.get("llm"),
        "total_tokens": found.get("total_tokens") or found.get("token_count"),
        "cost": found.get("cost"),
    }
