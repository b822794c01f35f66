"""The steps that programs are made of: a call of the store, and a file that is planted."""

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from hypothesis import strategies as st

from tests.differences.edges import BROKEN, BYTES, SOUND, odd
from tests.differences.wire import shown

Step = dict[str, Any]
Program = list[Step]

# Each public method of the store, with an ordinary value for each of its parameters. A parameter
# in brackets may be absent.
STORE: dict[str, dict[str, Any]] = {
    "add_message": {
        "session_id": "chat",
        "role": "user",
        "content": "hello",
        "[metadata]": {"a": 1},
        "[tool_calls]": None,
        "[tool_call_id]": None,
    },
    "add_user_message": {"session_id": "chat", "content": "hello", "[metadata]": {"a": 1}},
    "add_assistant_message": {"session_id": "chat", "content": "hello", "[metadata]": {"a": 1}},
    "get_chat_history": {"session_id": "chat", "[max_messages]": None},
    "get_working_history": {"session_id": "chat", "[max_messages]": None},
    "get_session": {"session_id": "chat"},
    "get_session_model": {"session_id": "chat"},
    "session_exists": {"session_id": "chat"},
    "clear_session": {"session_id": "chat"},
    "delete_session": {"session_id": "chat"},
    "set_chat_history": {"session_id": "chat", "messages": [{"role": "user", "content": "one"}]},
    "append_compaction_checkpoint": {
        "session_id": "chat",
        "summary": "S",
        "[role]": "system",
        "[tokens_before]": 10,
        "[tokens_after]": 1,
        "[metadata]": {"a": 1},
    },
    "update_session_metadata": {
        "session_id": "chat",
        "[model]": "m",
        "[anything]": {"a": 1},
        "[agent_id]": "g",
        "[agent_name]": "A",
        "[user_id]": "u",
    },
    "rename_session": {"session_id": "chat", "title": "T"},
    "set_agent_info": {"session_id": "chat", "[agent_name]": "A", "[user_id]": "u"},
    "set_gateway_info": {"session_id": "chat", "[gateway_session_id]": "A", "[agent_id]": "g"},
    "list_sessions": {"[limit]": 50},
    "list_sessions_by_agent": {"agent_name": "A", "[limit]": 50},
    "get_sessions_by_agent": {"agent_name": "A", "[limit]": 10},
    "get_by_gateway_session": {"gateway_session_id": "A"},
    "list_sessions_by_gateway_agent": {"agent_id": "g", "[limit]": 50},
    "invalidate_cache": {"[session_id]": None},
}
OPEN = {
    "[session_dir]": "sessions",
    "[max_messages]": 100,
    "[lock_timeout]": 0.05,
    "[retention]": None,
    "[active_window]": None,
}
VALUES: dict[str, dict[str, Any]] = {
    "SessionMessage": {
        "role": "user",
        "content": "hello",
        "[metadata]": {"a": 1},
        "[tool_calls]": None,
        "[tool_call_id]": None,
    },
}
MESSAGE_METHODS = ("", "to_dict", "to_llm_message")
SESSION_METHODS = ("", "to_dict", "get_chat_history", "get_working_history")
# Of the bot manager: its turns and its reset.
BOT = ("chat", "reset")
FAULTS = ("locked", "full", "unreadable")

PLANTED: dict[str, Any] = {
    **{name: json.dumps(value) for name, value in (SOUND | BROKEN).items()},
    **{name: odd("bytes", data) for name, data in BYTES.items() if name != "nested deeply"},
    "nested deeply": BYTES["nested deeply"],
}


def call(method: str, **given: Any) -> Step:
    """A step that calls a method of the store, with its ordinary values but for those given."""
    ordinary = {name: value for name, value in STORE[method].items() if not name.startswith("[")}
    return {"do": "call", "method": method, "given": ordinary | given}


def plant(name: str, path: str = "sessions/chat.json") -> Step:
    """A step that writes one of the `PLANTED` files."""
    text = json.dumps(PLANTED[name]).replace(r"\"session_id\": \"chat\"", _named(path))
    return {"do": "plant", "what": name, "given": {"path": path, "data": json.loads(text)}}


def _named(path: str) -> str:
    """How a file of this name says whose it is; a copy goes on saying what it did."""
    own = PurePath(path).stem if path.startswith("sessions/bot_") else "chat"
    return rf"\"session_id\": \"{own}\""


def one_of(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def written(program: Program) -> str:
    """A program as a reader of a report can follow it."""
    lines = []
    for step in program:
        given = ", ".join(f"{name}={shown(value)}" for name, value in step["given"].items())
        more = ", ".join(f"{name}={shown(value)}" for name, value in step.get("with", {}).items())
        who = step.get("on", "store")
        if "agent" in step:
            given += f", agent={step['agent']!r}"
        line = {
            "call": f"{who}.{step.get('method')}({given})",
            "open": f"{who} = DefaultSessionStore({given})",
            "make": f"{who}({given}).{step.get('method') or '__init__'}({more})",
            "read": f"{who}.from_dict(...).{step.get('method') or '__init__'}({more})  # {given}",
            "agent": f"{who} = Agent({given})",
            "ask the agent": f"{who}.{step.get('method')}({given})",
        }.get(step["do"], f"{step['do']}: {step.get('what') or step.get('method') or ''} {given}")
        line += "  # and closed early" if step.get("closed") else ""
        lines.append(line + (f"  # while {step['fault']}" if step.get("fault") else ""))
    return "\n".join(f"    {line}" for line in lines)
