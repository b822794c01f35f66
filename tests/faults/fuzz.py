"""Hostile ids and files, drawn from a seed."""

import json
import os
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reference_impl import DefaultSessionStore
from reference_impl.turns import Message
from tests.faults.result import Result

# What a path, a shell, a file system or a careless store reads as something else.
_PIECES = re.findall(
    r"\S+",
    """
    .. / \\ ./ // ~ * ? %2e %00 .json .lock .tmp .wait .corrupt-1 .json.lock - _ : ; CON nul
    aux.json COM1 $HOME $(id) `id` ' " < > | & é ß ẞ SS ﬁ İ K ü 😀 A a user User USER 1 s S
    etc/passwd
    """,
)
# Control characters, spaces, look-alikes, halves of characters, and what is too long for a name.
_PIECES += ["\0", "\n", "\r", "\t", "\x7f", " ", "e\u0301", "\u0131", "\u017f", "\u212a", "\uff21"]
_PIECES += ["\u202e", "\ufeff", "\ud800", "\udc00", "\ud83d\ude00"]
_PIECES += ["x" * 64, "é" * 60, "a" * 200, "b" * 256]
_KEYS = [
    *("session_id", "messages", "created_at", "updated_at", "agent_name", "user_id", "metadata"),
    *("runtime_state", "archived_messages", "last_compaction", "model", "cost", "role", "content"),
    *("timestamp", "tool_calls", "tool_call_id", "summary", "message_index", "strange", ""),
]
_ATOMS: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 2**70, -(2**70), 5e-324, 1e308, float("nan"), float("inf")),
    *("", "text", "é", "\ud800", "\u2028", "\0", "x" * 5000, "user", "tool", "s", [], {}),
]


def ids(seed: int, count: int) -> Iterator[str]:
    """Ids of every kind, among them the names that a store gave to others."""
    draw = random.Random(seed)
    earlier: list[str] = ["s"]
    for _ in range(count):
        kind = draw.random()
        made = "".join(draw.choices(_PIECES, k=draw.randint(1, 5)))
        if kind < 0.1:
            made = draw.choice(earlier).swapcase()
        elif kind < 0.2:
            made = draw.choice(earlier) + draw.choice(_PIECES)
        elif kind < 0.3:
            made = "".join(map(chr, draw.choices(range(0x250), k=draw.randint(1, 12))))
        if len(earlier) < 1000:
            earlier.append(made)
        else:
            earlier[draw.randrange(1000)] = made
        yield made


def fuzz_ids(place: Path, seed: int, count: int) -> Result:
    """Give each id a message of its own, and look for one that anybody else can see."""
    result = Result("fuzzed ids")
    outside = {place / "beside.json": b"{}", place / "s.json": b"beside"}
    for path, data in outside.items():
        path.write_bytes(data)
    store = DefaultSessionStore(place / "sessions", durable=False)
    directory = Path(store.session_dir)
    owners: dict[str, str] = {}
    for number, each in enumerate(ids(seed, count)):
        result.kinds["ids"] = number + 1
        wrong = []
        # Names that the store gave are ids too.
        if number % 50 == 49:
            each = draw_name(directory, number) or each
        try:
            if each not in owners:
                if store.get_chat_history(each):
                    wrong.append("reads another's session")
                if store.add_user_message(each, f"of {each!r}") is not True:
                    wrong.append("a write fails")
                owners[each] = f"of {each!r}"
        except ValueError:
            if _is_text(each):
                wrong.append("refused, though it is text")
        except Exception as error:
            wrong.append(f"undocumented exception: {type(error).__name__}: {error}")
        result.judge(repr(each), wrong)
    for each, text in owners.items():
        found = [message["content"] for message in store.get_chat_history(each)]
        if found != [text]:
            result.judge(repr(each), [f"reads another's session: {found}"])
    files = [name for name in os.listdir(directory) if name.endswith(".json")]
    if len(files) != len(owners):
        result.judge("all", [f"two ids share a file: {len(owners)} ids, {len(files)} files"])
    if {path: path.read_bytes() for path in outside} != outside or _strangers(place):
        result.judge("all", [f"leaves the directory: {_strangers(place)}"])
    return result


def draw_name(directory: Path, seed: int) -> str | None:
    """The name of some file of a directory, without its ending."""
    with os.scandir(directory) as found:
        names = [each.name.removesuffix(".json") for _, each in zip(range(50), found, strict=False)]
    return random.Random(seed).choice(names) if names else None


def _is_text(value: str) -> bool:
    try:
        return bool(value.encode())
    except UnicodeEncodeError:
        return False


def _strangers(place: Path) -> list[str]:
    """What is beside the directory and inside it that does not belong there."""
    beside = {path.name for path in place.iterdir()} - {"sessions", "beside.json", "s.json", "home"}
    return sorted(beside) + [p.name for p in (place / "sessions").iterdir() if p.is_dir()]


def contents(seed: int, count: int) -> Iterator[bytes]:
    """Files of every kind: sessions with odd values, with bytes changed, cut off, or no JSON."""
    draw = random.Random(seed)
    for _ in range(count):
        session: dict[str, Any] = {
            "session_id": "s",
            "messages": [
                {"role": "user", "content": f"m{n}", "timestamp": 1.5, "metadata": {}}
                for n in range(draw.randint(0, 3))
            ],
            "metadata": {"title": "t"},
        }
        kind = draw.random()
        if kind < 0.7:
            for _ in range(draw.randint(1, 3)):
                _bend(draw, session)
        data = json.dumps(session, ensure_ascii=draw.random() < 0.5, indent=draw.choice([None, 2]))
        raw = data.encode("utf-8", "surrogatepass")
        if kind > 0.5:
            raw = _damage(draw, raw)
        yield raw


def _bend(draw: random.Random, session: dict[str, Any]) -> None:
    """Put an odd value somewhere."""
    target: Any = session
    if draw.random() < 0.5 and isinstance(session.get("messages"), list) and session["messages"]:
        target = draw.choice(session["messages"])
    if not isinstance(target, dict):
        target = session
    target[draw.choice(_KEYS)] = _value(draw, 3)


def _value(draw: random.Random, depth: int) -> Any:
    kind = draw.random()
    if depth == 0 or kind < 0.6:
        return draw.choice(_ATOMS)
    if kind < 0.8:
        return [_value(draw, depth - 1) for _ in range(draw.randint(0, 3))]
    return {draw.choice(_KEYS): _value(draw, depth - 1) for _ in range(draw.randint(0, 3))}


def _damage(draw: random.Random, data: bytes) -> bytes:
    """Change some bytes of a file."""
    kind = draw.random()
    if kind < 0.25:
        return data[: draw.randrange(len(data))]
    if kind < 0.35:
        return draw.randbytes(draw.randint(0, 200))
    if kind < 0.4:
        return draw.choice(
            [b"\xef\xbb\xbf" + data, data + b"}", b"[" * 5000, data + data, b"\0" * 99]
        )
    changed = bytearray(data)
    for _ in range(draw.randint(1, 3)):
        changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def fuzz_files(place: Path, seed: int, count: int) -> Result:
    """Read and append to each file, and look for a byte that is lost."""
    result = Result("fuzzed files")
    path = place / "files" / "s.json"
    for number, data in enumerate(contents(seed, count)):
        result.kinds["files"] = number + 1
        store = DefaultSessionStore(path.parent, retention="keep_all", durable=False)
        path.write_bytes(data)
        # At rest: nobody waits for the rest of it.
        os.utime(path, (0, 0))
        result.judge(repr(data[:300]), _around(store, path, data))
        shutil.rmtree(place / "files")
    return result


def _around(store: DefaultSessionStore, path: Path, data: bytes) -> list[str]:
    """What is wrong about a read and an append of a file."""
    wrong = []
    try:
        before = store.get_chat_history("s")
    except OSError:
        before = None
    except Exception as error:
        return [f"undocumented exception: a read raises {type(error).__name__}: {error}"]
    kept = [aside.read_bytes() for aside in path.parent.glob("s.json.corrupt-*")]
    is_aside = kept == [data]
    if not is_aside and path.read_bytes() != data:
        wrong.append("a read changes the file")
    if is_aside and _is_object(data):
        wrong.append("an object is set aside")
    try:
        done = store.add_user_message("s", "new")
        after = store.get_chat_history("s") if done else None
    except OSError:
        done, after = False, None
    except Exception as error:
        return [*wrong, f"undocumented exception: a write raises {type(error).__name__}: {error}"]
    if not done:
        if path.read_bytes() != data:
            wrong.append("a refused write changes the file")
        return wrong
    if before is None:
        return [*wrong, "what could not be read is written to"]
    if after is None or _told(after) != [*_told(before), "'new'"]:
        wrong.append(f"messages are lost: {before} {after}")
    # The file of another id stays as it is.
    if not is_aside and (found := path.read_bytes()) != data:
        wrong += _lost(data, found)
    return wrong


def _told(messages: list[Message]) -> list[str]:
    """What messages say; calls of tools go when they were not answered in time."""
    return [repr(message["content"]) for message in messages]


def _is_object(data: bytes) -> bool:
    try:
        return isinstance(json.loads(data.decode("utf-8-sig")), dict)
    except (ValueError, RecursionError):
        return False


def _lost(old: bytes, new: bytes) -> list[str]:
    """The values of a file that an append has changed; an empty one may give way to a default."""
    before, after = json.loads(old.decode("utf-8-sig")), json.loads(new.decode())
    changed = [
        key
        for key, value in before.items()
        if key != "updated_at" and not _holds(after.get(key), value)
    ]
    return [f"values are lost: {changed} of {old!r} in {new!r}"] if changed else []


def _holds(new: Any, old: Any) -> bool:
    """Whether a value is there, with more beside it or not."""
    if not old:
        return True
    if isinstance(old, dict) and isinstance(new, dict):
        return all(_holds(new.get(key), value) for key, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(new) >= len(old) and all(map(_holds, new, old))
    return repr(new) == repr(old)
