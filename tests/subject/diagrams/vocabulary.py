"""What the words of a diagram are bound to; docs/verification/diagrams.md says it to its reader."""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from time import monotonic_ns
from typing import Any

from executable_pages.testing.diagrams.bindings import USER, Beside, Bindings, Condition
from executable_pages.testing.diagrams.texts import Spoken
from tests.subject import trace
from tests.subject.model_server import ModelServer, Turns, answer, turns_of
from tests.subject.trace import ACQUIRE, RELEASE, RELOAD, TIMEOUT, WRITE

TURNS = "turns"
# What the client makes of the status 400, which it does not try again after.
REFUSED = "BadRequestError"
QUALIFIERS = ("FileLock", "fresh reload", "atomic write")


class _Clocked(list[Any]):
    """Requests of a model server, each a call of `turns` that was made at a time."""

    told = 0

    def __init__(self, server: ModelServer) -> None:
        self._server = server

    def append(self, item: Any) -> None:
        fails = self._server.failure is not None
        super().append({"request": item, "at": monotonic_ns(), "fails": fails})

    def calls(self) -> list[dict[str, Any]]:
        """What has been asked since the last time."""
        new, self.told = self[self.told :], len(self)
        return [self._call(turns_of(made["request"]), made["at"], made["fails"]) for made in new]

    @staticmethod
    def _call(turns: Turns, at: int, fails: bool) -> dict[str, Any]:
        said = {"turns": [text for _, text in turns]}
        came = {"raises": [REFUSED]} if fails else {"answer": answer(turns)}
        return {"method": TURNS, "given": said, "at": at} | came


@contextmanager
def _model(roles: Collection[str]) -> Iterator[Beside]:
    """A model server for one process, where the diagram has one or something in it asks one."""
    if not {"agent", "bot", "model"} & set(roles):
        yield Beside()
        return
    with ModelServer() as server:
        server.requests = requests = _Clocked(server)
        yield Beside({"OPENAI_BASE_URL": server.url}, requests.calls)


def _complaint(source: str, target: str, spoken: Spoken) -> str:
    is_turns = spoken.method == TURNS and len(spoken.args) == 1 and not spoken.kwargs
    return f"a model is sent `{TURNS}([...])`" if target == "model" and not is_turns else ""


def _shown(answer: Any, wanted: Any) -> Any:
    """An answer in the form of the reply: contents alone where the diagram shows those."""
    is_history = isinstance(answer, list) and all(isinstance(m, dict) for m in answer)
    if is_history and isinstance(wanted, list) and all(isinstance(w, str) for w in wanted):
        return [message.get("content") for message in answer]
    return answer


def _unseen() -> Mapping[str, str]:
    return dict.fromkeys((*trace.LOCKING, "FileLock"), trace.BLIND) if trace.BLIND else {}


BINDINGS = Bindings(
    # A model server is a model, and no file.
    roles={
        "bot": re.compile(r"\bbot manager\b", re.I),
        "agent": re.compile(r"\bagent\b", re.I),
        "model": re.compile(r"\bmodel\b", re.I),
        "store": re.compile(r"\b(store [A-Z]|process|worker|gateway|writer|reader|client)\b", re.I),
        "file": re.compile(r"\b(session file|session store|bucket|disk|database|server)\b", re.I),
        "lock": re.compile(r"\block\b", re.I),
    },
    parts=frozenset({"store", "bot", "agent"}),
    calls=frozenset({("store", "file"), (USER, "bot"), (USER, "agent"), (USER, "store")}),
    inner=frozenset({(who, whom) for who in ("bot", "agent") for whom in ("file", "model")}),
    stage="tests.subject.stage",
    # The lock's own steps are shown at the lock, if the diagram has one.
    steps={
        ACQUIRE: ("lock", "file"),
        TIMEOUT: ("lock", "file"),
        RELEASE: ("lock", "file"),
        RELOAD: ("file",),
        WRITE: ("file",),
    },
    changes=frozenset({WRITE}),
    qualifiers={qualifier: partial(trace.observed, qualifier) for qualifier in QUALIFIERS},
    conditions={
        "the disk has room": None,
        "the disk is full": Condition(),
        "the lock is free": None,
        "the lock is held": Condition(apart=True),
        "the model answers": None,
        "the model fails": Condition(),
        "the turn is cancelled": Condition(),
    },
    reads=("get_", "session_exists", "list_"),
    shown=_shown,
    complaint=_complaint,
    unseen=_unseen,
    beside=_model,
)
