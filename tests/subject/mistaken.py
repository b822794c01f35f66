"""What the release says to code with names that it does not have; runs in a worker."""

import contextlib
import io
import logging
from typing import Any

_NAMES = """
from praisonaiagents import Agent, MemoryConfig, Session
from praisonaiagents.session import DefaultSessionStore
store = DefaultSessionStore("sessions")
"""


def tried(code: str) -> str:
    """How a line of code ends: its error with the first line of the message, or nothing."""
    logging.disable()
    names: dict[str, Any] = {}
    exec(_NAMES, names)
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(code, names)
        except Exception as error:
            return f"{type(error).__name__}: {error}".splitlines()[0]
    return ""
