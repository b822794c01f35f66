"""A full disk: a small file system of its own where this process may mount one, and a file limit.

`python -m tests.faults.full PLACE` fills the file system at a place.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from reference_impl import DefaultSessionStore
from tests.faults.cases import limited
from tests.faults.result import Result

_SIZE = 400 * 1024
_LIMIT = 60_000
_MOUNT = f'mount -t tmpfs -o size={_SIZE} none "$0" && exec "$@"'
_SESSIONS = ("a", "b", "c")
Acknowledged = dict[str, list[str]]
# How many calls were made, and what is wrong.
Found = tuple[int, list[str]]


def fill(place: Path) -> Result:
    """Fill a disk, or come to the limit of a file, and look for what was acknowledged."""
    result = Result("calls on a full disk")
    mounted = place / "mounted"
    mounted.mkdir()
    found = _mounted(mounted)
    if found is not None:
        _take(result, "small file system", found)
    _take(result, "limit of a file", _limited(place / "limited"))
    return result


def _take(result: Result, name: str, found: Found) -> None:
    result.kinds[name], wrong = found
    result.tried += found[0]
    if wrong:
        result.judge(name, wrong)


def _mounted(place: Path) -> Found | None:
    """What a process found that has a file system of its own; None where it may not mount one."""
    if (unshare := shutil.which("unshare")) is None:
        return None
    program = [sys.executable, "-m", "tests.faults.full", str(place)]
    for options in (["-m"], ["-r", "-m"]):
        done = subprocess.run(
            [unshare, *options, "sh", "-c", _MOUNT, str(place), *program],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.stdout:
            calls, wrong = json.loads(done.stdout)
            return calls, wrong
        if "Traceback" in done.stderr:
            raise RuntimeError(done.stderr)
    return None


def _limited(place: Path) -> Found:
    with limited(_LIMIT):
        store, calls, acknowledged, refused = _until_full(place)
    return _afterwards(store, calls, acknowledged, refused, lambda: None)


def _on_small_disk(place: Path) -> Found:
    ballast = DefaultSessionStore(place / "sessions", durable=False)
    ballast.add_user_message("ballast", "x" * (_SIZE // 4))
    found = _until_full(place)
    # Who deletes on a full disk has to be able to.
    return _afterwards(*found, lambda: _delete(ballast))


def _delete(store: DefaultSessionStore) -> None:
    assert store.delete_session("ballast") is True


def _until_full(place: Path) -> tuple[DefaultSessionStore, int, Acknowledged, tuple[str, str]]:
    """Append until a write fails; the session and the text of that write come last."""
    os.environ["PRAISONAI_HOME"] = str(place / "home")
    store = DefaultSessionStore(place / "sessions", retention="keep_all")
    acknowledged: Acknowledged = {session: [] for session in _SESSIONS}
    number = 0
    while True:
        session = _SESSIONS[number % len(_SESSIONS)]
        text = f"{number} " + "y" * 3000
        number += 1
        if store.add_user_message(session, text) is not True:
            return store, number, acknowledged, (session, text)
        acknowledged[session].append(text)


def _afterwards(
    store: DefaultSessionStore,
    calls: int,
    acknowledged: Acknowledged,
    refused: tuple[str, str],
    make_room: Callable[[], None],
) -> Found:
    """How many calls were made, and what is wrong with a full disk and with one that has room."""
    wrong = []
    for session, texts in acknowledged.items():
        if _texts(store, session)[: len(texts)] != texts:
            wrong.append(f"what was acknowledged is lost: {session}")
    if len(store.list_sessions()) < len(_SESSIONS):
        wrong.append("the list is short")
    make_room()
    session, text = refused
    if store.add_user_message(session, text) is not True:
        wrong.append("fails when repeated")
    acknowledged[session].append(text)
    fresh = DefaultSessionStore(store.session_dir, retention="keep_all")
    wrong += [
        f"doubled or lost when repeated: {name}"
        for name, texts in acknowledged.items()
        if _texts(fresh, name) != texts
    ]
    if left := [path.name for path in Path(store.session_dir).parent.rglob(".*.tmp")]:
        wrong.append(f"left behind: {left}")
    return calls + 2 * len(_SESSIONS) + 3, wrong


def _texts(store: DefaultSessionStore, session: str) -> list[str]:
    return [str(message["content"]) for message in store.get_chat_history(session)]


if __name__ == "__main__":
    json.dump(_on_small_disk(Path(sys.argv[1])), sys.stdout)
