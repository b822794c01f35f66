"""Where sessions live."""

import functools
import os
from pathlib import Path


def sessions_directory() -> Path:
    """`$PRAISONAI_HOME/sessions`, or `~/.praisonai/sessions` when the variable is not set."""
    return _home(*_variables()) / "sessions"


def state_directory() -> Path:
    """Where turns wait whose write failed (PraisonAI issue #3597)."""
    return _state(*_variables())


def _variables() -> tuple[str | None, ...]:
    # What Path.home() and expanduser() look at; every read asks, so the answer is remembered.
    return tuple(map(os.environ.get, ("PRAISONAI_HOME", "HOME", "USERPROFILE")))


@functools.lru_cache(8)
def _home(named: str | None, *_: str | None) -> Path:
    return Path(named).expanduser() if named else Path.home() / ".praisonai"


@functools.lru_cache(8)
def _state(*variables: str | None) -> Path:
    return _home(*variables) / "state" / "session_spill"
