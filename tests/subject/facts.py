"""What tables say about code, asked of the code; runs in a worker, on either target."""

import inspect
import json
import os
import types
import typing
from typing import Any

import praisonaiagents.session as package
from praisonaiagents.session import DefaultSessionStore, SessionStoreProtocol


def simple(annotation: Any) -> str:
    """A type as a table names it: without parameters, `or None` for an optional one."""
    if annotation is None or annotation is type(None):
        return "`None`"
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        named = [simple(each) for each in typing.get_args(annotation)]
        first = next(name for name in named if name != "`None`")
        return f"{first} or `None`" if "`None`" in named else first
    origin = typing.get_origin(annotation) or annotation
    return f"`{getattr(origin, '__name__', origin)}`"


def methods(owner: str) -> dict[str, dict[str, str]]:
    """The public methods of a class: parameters and return type, as tables write them."""
    found = {}
    for name, function in inspect.getmembers(_named(owner), inspect.isfunction):
        if not name.startswith("_"):
            signature = inspect.signature(function)
            parameters = [
                each.name if each.default is each.empty else f"{each.name}={each.default!r}"
                for each in signature.parameters.values()
                if each.name != "self"
            ]
            found[name] = {
                "parameters": f"`{', '.join(parameters)}`",
                "returns": _returned(function),
            }
    return found


def _returned(function: Any) -> str:
    try:
        return simple(typing.get_type_hints(function)["return"])
    except NameError:
        return "a type that only type checkers see"


def _named(owner: str) -> Any:
    # Members of a protocol class are not found by `inspect` on every Python.
    return SessionStoreProtocol if owner == "SessionStoreProtocol" else getattr(package, owner)


def parameters(owner: str) -> list[list[str]]:
    """Name, type and default of each parameter of the store's constructor or of a method."""
    is_class = owner == "DefaultSessionStore"
    function = DefaultSessionStore.__init__ if is_class else getattr(DefaultSessionStore, owner)
    hints = typing.get_type_hints(function)
    return [
        [
            f"`{each.name}`",
            simple(hints[each.name]).removesuffix(" or `None`"),
            "required" if each.default is each.empty else f"`{each.default!r}`",
        ]
        for each in inspect.signature(function).parameters.values()
        # What the reference has beside the release's is named, and stands in its own reference.
        if each.name != "self" and each.kind is not each.KEYWORD_ONLY
    ]


def session_files() -> dict[str, dict[str, Any]]:
    """The JSON of a session with nothing in it but a message, and of one with everything."""
    store = DefaultSessionStore("tables", retention="compact", active_window=2)
    store.add_user_message("least", "hello")
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    for number in range(4):
        store.add_user_message("most", str(number))
    store.add_message("most", "assistant", "", {"note": 1}, tool_calls=[call])
    store.add_message("most", "tool", "done", tool_call_id="c")
    store.append_compaction_checkpoint("most", "so far", tokens_before=9, tokens_after=3)
    store.set_agent_info("most", agent_name="Assistant", user_id="u")
    store.set_gateway_info("most", gateway_session_id="g", agent_id="a")
    found = {}
    for name in ("least", "most"):
        with open(os.path.join("tables", f"{name}.json"), encoding="utf-8") as file:
            found[name] = json.load(file)
    return found


def retained(retention: str) -> dict[str, Any]:
    """What is left of five messages in a window of two."""
    store = DefaultSessionStore("retained", retention=retention, active_window=2)
    for number in range(5):
        store.add_user_message(retention, str(number))
    session = store.get_session(retention)
    return {
        "history": [message["content"] for message in store.get_chat_history(retention)],
        "roles": [message["role"] for message in store.get_chat_history(retention)],
        "archived": [message.content for message in session.archived_messages],
    }


def default_store() -> dict[str, Any]:
    """How the environment has made the default store of this process."""
    store = package.get_default_session_store()
    return {
        "session_dir": str(store.session_dir),
        "retention": store.retention,
        "active_window": store.active_window,
    }
