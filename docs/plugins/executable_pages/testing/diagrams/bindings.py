"""What a project binds the words of its diagrams to; everything else in this package knows none."""

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from executable_pages.testing.diagrams.texts import Spoken

Pairs = frozenset[tuple[str, str]]
USER = "user"


@dataclass(frozen=True)
class Condition:
    """Something that a frame such as `alt` brings about: the stage's `begin` and `end` are told.

    They are told in every process of a part or, when the condition is `apart`, in one more process.
    """

    apart: bool = False


@dataclass
class Beside:
    """What runs beside a process of parts, such as a server: `extra` is for its environment.

    `calls` returns what has been asked of it since the last time, each as in `Stage.calls`.
    """

    extra: Mapping[str, str] = field(default_factory=dict)
    calls: Callable[[], list[dict[str, Any]]] = list


def _as_it_is(answer: Any, wanted: Any) -> Any:
    return answer


def _no_complaint(source: str, target: str, spoken: Spoken) -> str:
    return ""


def _nothing_beside(roles: Collection[str]) -> AbstractContextManager[Beside]:
    return nullcontext(Beside())


@dataclass(frozen=True)
class Bindings:
    """How the participants, arrows, qualifiers and conditions of a project's diagrams are bound.

    `roles` says by a pattern which role a title (`as Ledger file`) means; the first that is found
    counts. An `actor` is always the role `user`. `parts` are the roles behind which something real
    stands: `stage` is the module that opens it, in a process (see `Stage`).

    `calls` are the pairs of roles, caller and called, between which an arrow is a call. The called
    part's method is called, or the caller's where nothing real stands behind the called. `inner`
    are calls that a part makes while it answers another: they are observed. Answers go the other
    way. `complaint` may object to a call, in words.

    `steps` are texts of what a call does inside, each with the roles at which it is shown, the
    first of them that the diagram has; behind one of `changes` there is what is there after the
    call, which a recording shows; `qualifiers` are words in brackets behind a call, and whether
    the trace of the call shows them. `conditions` are the labels that `alt` and its like may have;
    those that need nothing are `None`. Calls of methods whose names begin like one of `reads` may
    stay without an answer beside others. `shown` gives an answer the form in which a reply writes
    it. `unseen` says what cannot be observed on this system, and why.
    """

    roles: Mapping[str, re.Pattern[str]]
    parts: frozenset[str]
    calls: Pairs
    stage: str
    inner: Pairs = frozenset()
    steps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    changes: frozenset[str] = frozenset()
    qualifiers: Mapping[str, Callable[[list[str]], bool]] = field(default_factory=dict)
    conditions: Mapping[str, Condition | None] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    shown: Callable[[Any, Any], Any] = _as_it_is
    complaint: Callable[[str, str, Spoken], str] = _no_complaint
    unseen: Callable[[], Mapping[str, str]] = dict
    beside: Callable[[Collection[str]], AbstractContextManager[Beside]] = _nothing_beside
