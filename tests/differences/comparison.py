"""What two targets did in a step, and the single places in which that differs."""

import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.differences.wire import decode

NOW = "<now>"
# How far from the start of a program a moment is still one that the program has made, in seconds.
_NEAR = 86_400
_RANDOM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\bagent-[0-9a-f]{12}\b")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.:+Z-]*")
_ASIDE = re.compile(r"\.corrupt-\d+(-\d+)?")
# Where a turn waits whose write failed; the place is not compared, and what waits is.
_WAITING = re.compile(
    r".*/session_spill/(?P<release>.*)\.\d+\.\d+\.[0-9a-f]+\.json"
    r"|.*/\.(?P<reference>[^/]*)\.waiting/[^/]*\.json"
)
# Lists in no promised order: the release has the file system's.
_UNORDERED = {
    "list_sessions_by_agent",
    "list_sessions_by_gateway_agent",
    "get_sessions_by_agent",
}


class _Missing:
    """What is not there on one target."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()


@dataclass(frozen=True)
class Outcome:
    """What a step did on one target: its answer, and the files after it as values."""

    answer: dict[str, Any]
    files: dict[str, Any]
    flushed: bool
    modes: dict[str, str] = field(default_factory=dict)
    raw: dict[str, Any] = field(repr=False, default_factory=dict)

    @classmethod
    def read(cls, told: dict[str, Any], base: str, now: float) -> "Outcome":
        """The outcome in a worker's words, with this moment and this place left out."""
        answer = dict(told["answer"])
        says = answer.pop("says", None)
        answer = _plain(answer, base, now)
        if says is not None:
            answer["says"] = says
        files: dict[str, Any] = {}
        modes: dict[str, str] = {}
        for name, one in told["tree"].items():
            named = _name(name, files)
            modes[named] = f"{one['mode']:o}"
            if "data" in one or "to" in one:
                files[named] = _plain(_file(name, one), base, now)
        return cls(answer, files, told["flushed"], modes, told["tree"])


def _name(name: str, taken: dict[str, Any]) -> str:
    name = _RANDOM.sub("<random>", _ASIDE.sub(".corrupt-<now>", name))
    if waiting := _WAITING.fullmatch(name):
        name = f"waiting/{waiting['release'] or waiting['reference']}.json"
    number, numbered = 1, name
    while numbered in taken:
        number += 1
        numbered = f"{name} {number}"
    return numbered


def _file(name: str, one: dict[str, Any]) -> dict[str, Any]:
    bare = {key: one[key] for key in ("data", "to") if key in one}
    if "data" not in one or ".json" not in name or name.endswith(".lock"):
        return bare
    try:
        return {"value": _as_read(json.loads(one["data"].encode("latin-1").decode("utf-8")))}
    except (ValueError, RecursionError):
        return bare


# What a key that is absent or null means to both readers.
_SESSION: dict[str, Any] = {
    "agent_name": None,
    "user_id": None,
    "agent_id": None,
    "gateway_session_id": None,
    "metadata": {},
    "runtime_state": {},
    "archived_messages": [],
    "created_at": NOW,
    "updated_at": NOW,
}
_MESSAGE: dict[str, Any] = {"role": "user", "content": "", "metadata": {}, "timestamp": NOW}
_CHECKPOINT: dict[str, Any] = {
    "summary": "",
    "message_index": 0,
    "role": "system",
    "tokens_before": 0,
    "tokens_after": 0,
    "metadata": {},
    "timestamp": NOW,
}
# Written at the top of the file too, for those who list sessions.
MIRRORED = ("model", "llm", "total_tokens", "token_count", "cost", "source", "reasoning_effort")


def _as_read(value: Any) -> Any:
    """A session's file with its defaults written out: the same session is the same value."""
    if not isinstance(value, dict) or "messages" not in value:
        return value
    said = {key: each for key, each in value.items() if key not in _SESSION or each is not None}
    made = _SESSION | said
    if isinstance(made["metadata"], dict):
        made["metadata"] = dict(made["metadata"])
        for key in MIRRORED:
            if key in made and made["metadata"].setdefault(key, made[key]) == made[key]:
                del made[key]
    for key in ("messages", "archived_messages"):
        if isinstance(made.get(key), list):
            made[key] = [_with(_MESSAGE, each) for each in made[key]]
    if isinstance(made.get("last_compaction"), dict):
        made["last_compaction"] = _with(_CHECKPOINT, made["last_compaction"])
    return made


def _with(defaults: dict[str, Any], value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    # Null is a content of its own, beside calls of tools.
    said = {
        k: each
        for k, each in value.items()
        if each is not None or k not in defaults or k == "content"
    }
    return defaults | said


def _plain(value: Any, base: str, now: float) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each, base, now) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, base, now) for each in value]
    if isinstance(value, float):
        if value != value:
            return "<nan>"  # it differs from itself
        return NOW if abs(value - now) < _NEAR else value
    if isinstance(value, str):
        if _ISO.fullmatch(value) and _is_near(value, now):
            return NOW
        return _RANDOM.sub("<random>", value.replace(base, "<base>"))
    return value


def _is_near(text: str, now: float) -> bool:
    try:
        return abs(datetime.datetime.fromisoformat(text).timestamp() - now) < _NEAR
    except ValueError:
        return False


@dataclass(frozen=True)
class Difference:
    """One place in which the targets differ after a step, both having begun it alike.

    `where` begins with "answer", "files", "modes" or "flushed"; keys and numbers lead from there.
    """

    step: dict[str, Any]
    before: dict[str, Any] = field(repr=False)
    where: tuple[str | int, ...]
    reference: Any
    release: Any
    # What the targets did, where a predicate has to know more than the one place.
    did: tuple[Outcome, Outcome] = field(repr=False)

    def given(self, name: str, default: Any = None) -> Any:
        """A parameter of the step, as Python has it."""
        given = self.step.get("given", {})
        return decode(given[name]) if name in given else default

    @property
    def method(self) -> str:
        """The method that the step calls."""
        return str(self.step.get("method", ""))

    @property
    def raised(self) -> tuple[str | None, str | None]:
        """What the reference and the release raised."""
        reference, release = self.did
        return reference.answer.get("raised"), release.answer.get("raised")

    def __str__(self) -> str:
        place = ".".join(map(str, self.where))
        return f"{place}: reference {_short(self.reference)}, release {_short(self.release)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 300 else text[:297] + "..."


def compare(
    step: dict[str, Any], before: dict[str, Any], reference: Outcome, release: Outcome
) -> list[Difference]:
    """Every place in which two outcomes of a step differ."""
    one, other = _answers(step, reference.answer), _answers(step, release.answer)
    places = [*_differing(("answer",), one, other)]
    for name in sorted(reference.files.keys() | release.files.keys()):
        first, second = (each.files.get(name, MISSING) for each in (reference, release))
        places += _differing(("files", name), first, second)
    if step.get("watched"):
        places += _differing(("modes",), reference.modes, release.modes)
        places += _differing(("flushed",), reference.flushed, release.flushed)
    return [
        Difference(step, before, where, mine, theirs, (reference, release))
        for where, mine, theirs in places
    ]


def _answers(step: dict[str, Any], answer: dict[str, Any]) -> Any:
    if "raised" in answer:
        return {"raised": answer["raised"]}
    returned = answer["returned"]
    if step["do"] == "ask the agent":
        # What it had in mind before the turn is for the predicates.
        returned = {name: each for name, each in returned.items() if name != "had"}
    if step.get("method") in _UNORDERED and isinstance(returned, list):
        returned = sorted(returned, key=lambda each: json.dumps(each, sort_keys=True))
    return {"returned": returned}


Place = tuple[tuple[str | int, ...], Any, Any]


def _differing(where: tuple[str | int, ...], one: Any, other: Any) -> Iterator[Place]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            yield from _differing((*where, key), one.get(key, MISSING), other.get(key, MISSING))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (first, second) in enumerate(zip(one, other, strict=True)):
            yield from _differing((*where, index), first, second)
    elif type(one) is not type(other) or one != other:
        yield where, one, other
