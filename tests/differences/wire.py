"""Python values as JSON and back, the odd ones too: what the steps of a program are made of."""

import dataclasses
import datetime
from pathlib import Path, PurePath
from typing import Any

MARK = "$"


class Text(str):
    """A subclass of `str`, as templates give."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Text({str(self)!r})"


def decode(value: Any) -> Any:
    """The Python value that a JSON value of a program stands for."""
    if isinstance(value, list):
        return [decode(each) for each in value]
    if not isinstance(value, dict):
        return value
    if MARK not in value:
        return {key: decode(each) for key, each in value.items()}
    return _MADE[value[MARK]](value.get("of"))


def encode(value: Any) -> Any:
    """A JSON value for what a call answered; instances of other classes become their fields."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        return value if abs(value) < float("inf") else {MARK: "float", "of": repr(value)}
    if isinstance(value, list):
        return [encode(each) for each in value]
    if isinstance(value, dict):
        if all(isinstance(key, str) and key != MARK for key in value):
            return {key: encode(each) for key, each in value.items()}
        pairs = [[encode(key), encode(each)] for key, each in value.items()]
        return {MARK: "pairs", "of": pairs}
    if isinstance(value, tuple | set):
        return {MARK: type(value).__name__, "of": [encode(each) for each in value]}
    if isinstance(value, bytes):
        return {MARK: "bytes", "of": value.decode("latin-1")}
    if dataclasses.is_dataclass(value):
        # What the reference keeps beside upstream's fields, so that no key is lost, is its own.
        known = {each.name: encode(getattr(value, each.name)) for each in dataclasses.fields(value)}
        known.pop("extra", None)
        known.pop("unknown", None)
        return {"class": type(value).__name__} | known
    return {MARK: "object", "of": type(value).__name__}


def _nested(depth: int) -> Any:
    made: Any = []
    for _ in range(depth):
        made = [made]
    return made


def _released(name: str, of: Any) -> Any:
    # The classes of the target that this process runs.
    from praisonaiagents import session

    return getattr(session, name).from_dict(of)


def _policy(of: Any) -> Any:
    from praisonai_bot.bots._reset_policy import SessionResetPolicy

    return SessionResetPolicy(**of)


_MADE: dict[str, Any] = {
    "checkpoint": lambda of: _released("CompactionCheckpoint", of),
    "messages": lambda of: [_released("SessionMessage", each) for each in of],
    "moment": datetime.datetime.fromisoformat,
    "policy": _policy,
    "bytes": lambda of: of.encode("latin-1"),
    "float": float,
    "nested": _nested,
    "object": lambda _: object(),
    "pairs": lambda of: {decode(key): decode(each) for key, each in of},
    "path": lambda of: Path(of),
    "repeat": lambda of: of[0] * of[1],
    "set": lambda of: {decode(each) for each in of},
    "text": Text,
    "tuple": lambda of: tuple(decode(each) for each in of),
    "many": lambda of: [decode(of[0]) for _ in range(of[1])],
}


def shown(value: Any) -> str:
    """A value as a reader of a report would write it, shortened."""
    if isinstance(value, dict) and value.get(MARK) in ("checkpoint", "messages", "policy"):
        return f"{value[MARK]}({value['of']})"
    made = decode(value)
    text = f"Path({str(made)!r})" if isinstance(made, PurePath) else repr(made)
    return text if len(text) <= 120 else text[:117] + "..."
