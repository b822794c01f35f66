"""What each process of the mixed fleet does; runs in a worker, under either target."""

import random
from typing import Any

from praisonaiagents.session import DefaultSessionStore

# A release that waits beside eager processes can starve: the fleet is about data, not waiting.
PATIENT = 120
WINDOW = 40
KINDS = (
    *("compact", "truncate", "keep_all", "tools", "pictures"),
    *("replace", "metadata", "read", "annotated"),
)
WEIGHTS = (5, 4, 4, 2, 2, 2, 3, 4, 1)


def store(retention: str | None = None, window: int | None = None) -> DefaultSessionStore:
    """A store on the fleet's directory."""
    return DefaultSessionStore(
        "sessions", lock_timeout=PATIENT, retention=retention, active_window=window
    )


STORES = {
    "compact": store("compact", WINDOW),
    "truncate": store("truncate", WINDOW),
    "keep_all": store("keep_all"),
}


def must(saved: bool) -> None:
    """Stop at the first write that was not stored."""
    if saved is not True:
        raise AssertionError(f"a write answered {saved!r}")


def work(name: str, operations: int, seed: int, annotates: bool) -> dict[str, list[str]]:
    """Perform operations on the shared sessions and return what was stored, by session."""
    chance = random.Random(seed)
    done: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for number in range(operations):
        kind = chance.choices(KINDS, WEIGHTS)[0]
        if kind == "annotated" and not annotates:
            kind = "read"
        mark = f"{name}-{number}"
        perform(kind, mark, chance)
        done[kind].append(mark)
    return done


def perform(kind: str, mark: str, chance: random.Random) -> None:
    """One operation."""
    if kind in STORES:
        must(STORES[kind].add_message(kind, "user", mark, {"mark": mark}))
    elif kind == "annotated":
        must(STORES["keep_all"].add_user_message("annotated", mark))
    elif kind == "tools":
        call = {"id": mark, "type": "function", "function": {"name": "f", "arguments": "{}"}}
        must(STORES["keep_all"].add_message("tools", "assistant", "", tool_calls=[call]))
        must(STORES["keep_all"].add_message("tools", "tool", mark, tool_call_id=mark))
    elif kind == "pictures":
        # As model APIs have it: a list of parts, and None beside the calls.
        call = {"id": mark, "type": "function", "function": {"name": "f", "arguments": "{}"}}
        must(STORES["keep_all"].add_message("pictures", "user", parts(mark)))
        must(STORES["keep_all"].add_message("pictures", "assistant", None, None, [call]))
        must(STORES["keep_all"].add_message("pictures", "tool", parts(mark), None, None, mark))
    elif kind == "replace":
        turns = [{"role": "user", "content": mark}] * chance.randint(1, 30)
        must(STORES["keep_all"].set_chat_history("replace", turns))
    elif kind == "metadata":
        must(STORES["keep_all"].update_session_metadata("metadata", **{mark: mark}))
    else:
        check_reads()


def parts(mark: str) -> list[dict[str, Any]]:
    """A text and an image, as multimodal agents store them."""
    image = {"type": "image_url", "image_url": {"url": f"data:,{mark}", "detail": "low"}}
    return [{"type": "text", "text": mark}, image]


def check_reads() -> None:
    """Every session reads whole at every moment."""
    history = STORES["keep_all"].get_chat_history("replace")
    if len({message["content"] for message in history}) > 1:
        raise AssertionError(f"a mix of two replacements: {history}")
    for session in ("compact", "truncate", "keep_all", "tools", "annotated"):
        for message in STORES["keep_all"].get_chat_history(session):
            if not isinstance(message["content"], str):
                raise AssertionError(f"half a message in {session}: {message}")
    for message in STORES["keep_all"].get_chat_history("pictures"):
        content = message["content"]
        if content != (parts(content[0]["text"]) if content else None):
            raise AssertionError(f"half a picture: {message}")


def history(session: str) -> list[dict[str, Any]]:
    """What this process reads of a session."""
    return STORES["keep_all"].get_chat_history(session)


def working_history(session: str) -> list[dict[str, Any]]:
    """What an agent of this process would send of a session."""
    return STORES["keep_all"].get_working_history(session)


def call(method: str, *args: Any, **kwargs: Any) -> Any:
    """Any method of the store."""
    return getattr(STORES["keep_all"], method)(*args, **kwargs)
