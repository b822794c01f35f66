"""What a store can do beyond the protocol, as its methods show it."""

import contextlib
import inspect
import os
import sys
from typing import Any


def offers(store: Any, ability: str) -> bool:
    """Whether a store has an ability, of those in `ABILITIES`."""
    match ability:
        case "whole history" | "no time to live" | "order of arrival":
            return True
        case "clocks that can be moved":
            return sys.implementation.name == "cpython"
        case "message ids":
            return getattr(store, "keeps_message_ids", False) is True
        case "async methods":
            return inspect.iscoroutinefunction(store.add_message)
        case "one client in many threads":
            return not inspect.iscoroutinefunction(store.add_message)
        case "processes that can be stopped":
            return os.name == "posix"
        case "tool turns":
            with contextlib.suppress(TypeError, ValueError):
                known = inspect.signature(store.add_message).parameters
                return {"tool_calls", "tool_call_id"} <= known.keys()
            return False
        case "get_sessions_by_agent":
            return _has(store, "get_sessions_by_agent", "set_agent_info")
        case "update_session_metadata":
            return _has(store, "update_session_metadata", "get_session")
        case _:
            return _has(store, ability)


def _has(store: Any, *methods: str) -> bool:
    return all(callable(getattr(store, method, None)) for method in methods)
