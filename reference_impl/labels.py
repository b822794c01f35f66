"""What is written on a session beside its messages: metadata, title, owner, gateway, model."""

from typing import Any

from reference_impl import encoding, names, values
from reference_impl.access import Access
from reference_impl.session import SessionData


class Labels:
    """The labels of a store's sessions."""

    _access: Access

    def update_session_metadata(self, session_id: str, **fields: Any) -> bool:
        """Merge fields into the metadata; a field that is None changes nothing."""
        names.check(session_id)
        merged = {
            key: values.field(key, value) for key, value in fields.items() if value is not None
        }
        if not merged:
            return True

        def merge(session: SessionData) -> None:
            session.metadata |= merged
            for key in values.OWNERS & merged.keys():
                setattr(session, key, merged[key])

        return self._access.change(session_id, merge)

    def rename_session(self, session_id: str, title: str) -> bool:
        """Set the title in the metadata, or remove it by an empty one (PraisonAI issue #3737)."""
        stripped = (values.optional("title", title) or "").strip()

        def rename(session: SessionData) -> None:
            if stripped:
                session.metadata["title"] = stripped
            else:
                session.metadata.pop("title", None)

        return self._access.change(session_id, rename)

    def set_agent_info(
        self, session_id: str, agent_name: str | None = None, user_id: str | None = None
    ) -> bool:
        """Record whose session it is; None and "" change nothing."""
        agent, user = values.optional("agent_name", agent_name), values.optional("user_id", user_id)

        def record(session: SessionData) -> None:
            session.agent_name = agent or session.agent_name
            session.user_id = user or session.user_id

        return self._access.change(session_id, record)

    def set_gateway_info(
        self,
        session_id: str,
        gateway_session_id: str | None = None,
        agent_id: str | None = None,
    ) -> bool:
        """Link the session to a gateway's; None and "" change nothing."""
        gateway = values.optional("gateway_session_id", gateway_session_id)
        agent = values.optional("agent_id", agent_id)

        def link(session: SessionData) -> None:
            session.gateway_session_id = gateway or session.gateway_session_id
            session.agent_id = agent or session.agent_id

        return self._access.change(session_id, link)

    def get_session_model(self, session_id: str) -> str | None:
        """The model last recorded for the session or for one of its messages (issue #3685)."""
        session = self._access.find(session_id, encoding.load) or SessionData(session_id)
        recorded = [session.metadata.get("model"), session.metadata.get("llm")]
        for message in reversed(session.messages):
            if isinstance(message.metadata, dict):
                recorded.append(message.metadata.get("model"))
        return next((model for model in recorded if isinstance(model, str) and model), None)
