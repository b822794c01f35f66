"""Checks what a table says: one function for each kind, chosen by the comment before it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from executable_pages.testing.processes import RemoteError, Worker
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import ROOT, Table
from executable_pages.testing.tables import TableCheck, compare
from executable_pages.testing.target import Target as AnyTarget
from executable_pages.testing.wrong import Wrong
from tests.subject.behaviour import check_behaviour
from tests.subject.bot_rows import check_bots
from tests.subject.kinds import KINDS
from tests.subject.lived import check_loops, check_stored, check_users
from tests.subject.targets import Target
from tests.subject.words import check_words

FACTS = "tests.subject.facts"
JSON_TYPES = {str: "string", list: "list", dict: "object", int: "integer", float: "number"}

POLICIES = ("compact", "truncate", "keep_all")


def _ask(sandbox: Sandbox, target: AnyTarget, function: str, *arguments: Any) -> Any:
    with Worker(FACTS, sandbox, target) as worker:
        return worker.call(function, *arguments)


def _methods(table: Table, owner: str, target: AnyTarget, sandbox: Sandbox) -> None:
    with Worker(FACTS, sandbox, target) as worker:
        found = worker.call("methods", owner)
        protocol = worker.call("methods", "SessionStoreProtocol")
    listed = [row[0].strip("`") for row in table.rows]
    for index, method in enumerate(listed):
        if method not in found:
            raise Wrong(f"{table.row_where(index)} on {target}: {owner} has no {method}")
    # The release has methods beyond these pages; the reference is documented whole.
    if target is Target.REFERENCE and (missing := sorted(set(found) - set(listed))):
        raise Wrong(f"{table.where} on {target}: the table leaves out {missing[0]}")
    columns: dict[str, Callable[[str], str]] = {
        "Parameters": lambda method: str(found[method]["parameters"]),
        "Returns": lambda method: str(found[method]["returns"]),
        "In the protocol": lambda method: "yes" if method in protocol else "no",
    }
    for head, fact in columns.items():
        if head in table.header:
            compare(table, table.header.index(head), [fact(each) for each in listed], target)


def _parameters(table: Table, owner: str, target: AnyTarget, sandbox: Sandbox) -> None:
    facts = _ask(sandbox, target, "parameters", owner)
    if target is Target.RELEASE:
        # `mirror` and `cache_maxsize` of the release are beyond these pages.
        facts = facts[: len(table.rows)]
    for column in range(3):
        compare(table, column, [fact[column] for fact in facts], target)


def _fields(table: Table, owner: str, target: AnyTarget, sandbox: Sandbox) -> None:
    found = _ask(sandbox, target, "session_files")
    examples = {
        "SessionData": [found["least"], found["most"]],
        "SessionMessage": [*found["least"]["messages"], *found["most"]["messages"]],
        "CompactionCheckpoint": [found["most"]["last_compaction"]],
    }[owner]
    keys = dict.fromkeys(key for example in examples for key in example)
    rows = {row[0].strip("`"): row for row in table.rows}
    wanted = {"role": 0, "content": 1}
    order = sorted(keys, key=lambda key: wanted.get(key, 2)) if owner == "SessionMessage" else keys
    compare(table, 0, [f"`{key}`" for key in order], target)
    kinds = [_json_type([e[key] for e in examples if key in e]) for key in order]
    compare(table, 1, kinds, target)
    for index, (key, row) in enumerate(rows.items()):
        if ("absent" in row[2]) != any(key not in example for example in examples):
            where = table.row_where(index)
            raise Wrong(f"{where} on {target}: whether {key} can be absent is not as it says")


def _json_type(values: list[Any]) -> str:
    kinds = {JSON_TYPES[type(value)] for value in values if value is not None}
    kind = "number" if kinds == {"integer", "number"} else " or ".join(sorted(kinds))
    return f"{kind} or null" if None in values else kind


def _retention(table: Table, owner: str, target: AnyTarget, sandbox: Sandbox) -> None:
    outcomes = {
        "move to `archived_messages`; one system message at the start of the history "
        "sums them up": (["system", "user", "user"], ["0", "1", "2"]),
        "are dropped": (["user", "user"], []),
        "stay": (["user"] * 5, []),
    }
    for index, (policy, says) in enumerate(table.rows):
        try:
            found = _ask(sandbox, target, "retained", policy.strip("`"))
        except RemoteError as error:
            raise Wrong(f"{table.row_where(index)} on {target}: {error.message}") from None
        if (found["roles"], found["archived"]) != outcomes.get(says):
            raise Wrong(f"{table.row_where(index)} on {target}: {policy} gave {found}")
    if len(table.rows) != 3:
        raise Wrong(f"{table.where}: there are three policies")


def _environment(table: Table, owner: str, target: AnyTarget, sandbox: Sandbox) -> None:
    effects = {
        "`PRAISONAI_HOME`": ("session_dir", {"elsewhere": str(Path("elsewhere", "sessions"))}),
        "`PRAISONAI_SESSION_RETENTION`": (
            "retention",
            {"compact": "compact", "truncate": "truncate", "keep_all": "keep_all", "x": "compact"},
        ),
        "`PRAISONAI_SESSION_ACTIVE_WINDOW`": ("active_window", {"7": 7, "many": 100}),
    }
    compare(table, 0, list(effects), target)
    compare(table, 1, ["a directory", _listed(POLICIES), "a whole number"], target)
    for index, row in enumerate(table.rows):
        attribute, cases = effects[row[0]]
        for value, expected in cases.items():
            extra = {row[0].strip("`"): value}
            with Worker(FACTS, sandbox, target, extra=extra) as worker:
                found = worker.call("default_store")[attribute]
            if found != expected:
                where = table.row_where(index)
                raise Wrong(f"{where} on {target}: {value!r} made {attribute} {found!r}")
        if attribute not in row[2] and attribute != "session_dir":
            raise Wrong(f"{table.row_where(index)}: it sets {attribute}")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _options(table: Table, owner: str, target: AnyTarget, sandbox: Sandbox) -> None:
    done = sandbox.run(["python", "-m", "pytest", "--help", "-p", "no:cacheprovider"], target)
    group = done.stdout.split("session store contract:", 1)[1].split("\n\n", 1)[0]
    found = re.findall(r"^  (--[\w-]+)", group, re.MULTILINE)
    compare(table, 0, [f"`{option}`" for option in found], target)


def _paths(table: Table, owner: str, target: AnyTarget, sandbox: Sandbox) -> None:
    for index, row in enumerate(table.rows):
        for path in re.findall(r"`([^`]+)`", row[0]):
            if not (ROOT / path).exists():
                raise Wrong(f"{table.row_where(index)}: there is no {path}")


def _evidence(table: Table, owner: str, target: AnyTarget, sandbox: Sandbox) -> None:
    kinds = {"snippet", "diagram", "table", "guarantee", "difference", "mutant"}
    for index, row in enumerate(table.rows):
        found = re.fullmatch(r'<Evidence count="(\w+)" />', row[1])
        if found is None or found[1] not in kinds:
            raise Wrong(f"{table.row_where(index)}: a number here comes from evidence")


def _mentions(table: Table, owner: str, target: AnyTarget, sandbox: Sandbox) -> None:
    compare(table, 0, [f"`{kind}`" for kind in KINDS], target)


def _safe(table: Table, owner: str, target: AnyTarget, sandbox: Sandbox) -> None:
    # A promise that the release keeps, or a program that shows what goes wrong: the tests of both
    # are elsewhere, and tests/contract/test_conformance.py holds the promises against them.
    leads = {"yes": "/verification/guarantees#", "no": "/verification/known-differences#"}
    words = [re.sub(r"<[^>]*>|\W", "", row[1]) for row in table.rows]
    for index, (word, row) in enumerate(zip(words, table.rows, strict=True)):
        if leads.get(word, "nowhere") not in row[2]:
            raise Wrong(f"{table.row_where(index)}: {word} leads to {leads.get(word)}")
    shown = set(words)
    if shown != set(leads):
        raise Wrong(f"{table.where}: the table says {', '.join(sorted(shown))} alone")


BEYOND = ("Method", "What it does", "Tried", "Gave", "Why it is left out")


def _beyond(table: Table, owner: str, target: AnyTarget, sandbox: Sandbox) -> None:
    if table.header != BEYOND:
        raise Wrong(f"{table.where}: the columns are {', '.join(BEYOND)}")
    listed = [row[0].strip("`") for row in table.rows]
    with Worker("tests.subject.beyond", sandbox, Target.REFERENCE) as worker:
        ours = set(worker.call("surface", owner))
    if kept := sorted(ours & set(listed)):
        raise Wrong(f"{table.where}: the reference has {kept[0]}")
    if target is Target.REFERENCE:
        return
    with Worker("tests.subject.beyond", sandbox, target) as worker:
        theirs = set(worker.call("surface", owner))
        if wrong := sorted((theirs - ours) ^ set(listed)):
            raise Wrong(
                f"{table.where} on {target}: {wrong[0]} is in the table or there, not in both"
            )
        for index, row in enumerate(table.rows):
            name = listed[index].split(".")[-1]
            if name not in row[2]:
                raise Wrong(f"{table.row_where(index)}: {row[2]} tries something else than {name}")
            found = worker.call("tried", row[2].strip("`"))
            if f"`{found}`" != row[3]:
                raise Wrong(f"{table.row_where(index)} on {target}: it gave `{found}`")


def _left_out(table: Table, owner: str, target: AnyTarget, sandbox: Sandbox) -> None:
    calls = [row[0].strip("`") for row in table.rows]
    with Worker("tests.subject.beyond", sandbox, Target.REFERENCE) as worker:
        ours = [worker.call("parameters", call) for call in calls]
    if target is Target.REFERENCE:
        for index, (row, names) in enumerate(zip(table.rows, ours, strict=True)):
            if kept := [name for name in names if f"`{name}`" in row[1]]:
                raise Wrong(f"{table.row_where(index)}: the reference takes {kept[0]}")
        return
    with Worker("tests.subject.beyond", sandbox, target) as worker:
        theirs = [worker.call("parameters", call) for call in calls]
    left = [
        ", ".join(f"`{name}`" for name in names if name not in known)
        for names, known in zip(theirs, ours, strict=True)
    ]
    compare(table, 1, left, target)


def _mistaken(table: Table, owner: str, target: AnyTarget, sandbox: Sandbox) -> None:
    if target is Target.REFERENCE:
        return
    with Worker("tests.subject.mistaken", sandbox, target) as worker:
        for index, (wrote, says, instead) in enumerate(table.rows):
            where = f"{table.row_where(index)} on {target}"
            answer = worker.call("tried", wrote.strip("`"))
            if not answer.startswith(says.strip("`")):
                raise Wrong(f"{where}: it says `{answer}`")
            if failed := worker.call("tried", instead.strip("`")):
                raise Wrong(f"{where}: {instead} says `{failed}`")


CHECKS: dict[str | tuple[str, ...], TableCheck] = {
    "behaviour": check_behaviour,
    "bots": check_bots,
    "beyond": _beyond,
    "environment": _environment,
    "fields": _fields,
    "kinds": _mentions,
    "lacks": _left_out,
    "loops": check_loops,
    "methods": _methods,
    "mistaken": _mistaken,
    "options": _options,
    "parameters": _parameters,
    "protocol": _methods,
    "retention": _retention,
    "safe": _safe,
    "stored": check_stored,
    "users": check_users,
    "words": check_words,
    ("Proven here", ""): _evidence,
    ("path", "what it holds"): _paths,
}
