"""What `Agent(memory=...)` takes."""

import hashlib
import uuid
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

_DB_HOOKS = ("on_agent_start", "on_user_message", "on_agent_message")


@dataclass(kw_only=True)
class MemoryConfig:
    """Where an agent keeps its conversation.

    Args:
        session_id: The session to restore and to append to. None keeps nothing on disk.
        user_id: Recorded in the session; "praison" when None.
        db: An object with the methods `on_agent_start`, `on_user_message` and
            `on_agent_message`, which takes the place of the session file.

    Raises:
        TypeError: `db` lacks one of the three methods.
    """

    session_id: str | None = None
    user_id: str | None = None
    db: Any = None

    def __post_init__(self) -> None:
        if self.db is not None:
            lacking = [hook for hook in _DB_HOOKS if not callable(getattr(self.db, hook, None))]
            if lacking:
                kind = type(self.db).__name__
                raise TypeError(f"MemoryConfig.db: {kind} has no method {', '.join(lacking)}")


def memory_config(memory: MemoryConfig | dict[str, Any] | bool | None) -> MemoryConfig:
    """The configuration that `memory` means.

    Raises:
        TypeError: It means none, or has a key that does not exist.
    """
    if memory is None or isinstance(memory, bool):
        return MemoryConfig()
    if isinstance(memory, MemoryConfig):
        return memory
    if isinstance(memory, dict):
        known = [field.name for field in fields(MemoryConfig)]
        if unknown := sorted(set(memory) - set(known)):
            raise TypeError(f"Unknown keys for memory: {unknown}. Valid keys: {', '.join(known)}")
        return MemoryConfig(**memory)
    kind = type(memory).__name__
    raise TypeError(f"memory must be a MemoryConfig, a dict, True, False or None, not {kind}")


def generated_id(name: str) -> str:
    """A session id for an agent of a database that was given none."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"{datetime.now(UTC):%Y%m%d%H}-{digest}-{uuid.uuid4().hex[:8]}"
