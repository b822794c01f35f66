"""`make powercuts`: cut the power of real file systems while stores write, and read what is left.

It needs root. Beside each store another program flushes a file of its own, as databases and logs
do on a machine. The report is `docs/verification/powercuts.json`.
"""

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docs.reports.powercuts import load, report_of
from tests.powercuts.images import FILE_SYSTEMS, copy, disk, make, missing, mounted, sync
from tests.powercuts.stores import SUBJECTS, Environment, Subject
from tests.powercuts.writer import IN_A_SESSION, OF_FIRST, OLD, SAFE, session
from tests.subject.recipes import RECIPES
from tests.subject.targets import ROOT

WRITER = "tests.powercuts.writer"
# Messages that were acknowledged, of those lost, sessions without any left or that raise, equal
# messages, cuts with a loss, cuts that also took what had been flushed before the writer began, and
# cuts after which the server did not start.
COUNTED = ("acknowledged", "lost", "gone", "unreadable", "doubled", "bad", "safe", "refused")


def main() -> int:
    """The exit code is 2 where power cannot be cut."""
    parser = argparse.ArgumentParser(prog="python -m tests.powercuts", description=__doc__)
    parser.add_argument("--cuts", type=int, default=8, help="for each store and file system")
    parser.add_argument("--only", default="", help="stores whose name contains this")
    chosen = parser.parse_args()
    if (why := missing()) is not None:
        print(why, file=sys.stderr)
        return 2
    rows = []
    with tempfile.TemporaryDirectory(prefix="power-") as directory:
        place = Path(directory).resolve()
        # A server that refuses to be root runs as nobody.
        place.chmod(0o755)
        os.environ["POWER_BESIDE"] = str(place)
        for recipe in RECIPES:
            recipe.write(place)
        with disk(place) as found:
            for subject in [each for each in SUBJECTS if chosen.only in each.name]:
                for file_system in FILE_SYSTEMS:
                    row = cut(subject, file_system, place, found, chosen.cuts)
                    print(json.dumps(row), flush=True)
                    rows.append(row)
    write(rows)
    return 0


def write(rows: list[dict[str, Any]]) -> None:
    """Put rows into the report, in the place of those of the same stores."""
    before = {(row["store"], row["file_system"]): row for row in load(ROOT).get("rows", [])}
    found = before | {(row["store"], row["file_system"]): row for row in rows}
    order = [(subject.name, each) for subject in SUBJECTS for each in FILE_SYSTEMS]
    report = {
        "day": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, Linux {platform.release().partition('-')[0]}",
        "rows": [found[each] for each in order if each in found],
    }
    report_of(ROOT).write_text(json.dumps(report, indent=1, sort_keys=True) + "\n", "utf-8")


def cut(subject: Subject, file_system: str, place: Path, found: Path, cuts: int) -> dict[str, Any]:
    """Cut the power of a store so often, and count what is gone."""
    image, guest = found / "guest.img", place / "guest"
    make(file_system, image)
    moments = []
    with mounted(image, guest):
        with subject.serve(guest) as variables, written(subject, variables, place, guest) as log:
            for number in range(cuts):
                # Later ones meet what the kernel writes by itself after some seconds.
                time.sleep(random.uniform(0.3, 1.5 + number / 2))
                moments.append((time.monotonic(), log.stat().st_size // OF_FIRST.size))
                copy(image, found / f"cut-{number}.img")
        instants = [each for (each,) in OF_FIRST.iter_unpack(log.read_bytes())]
    row: dict[str, Any] = dict.fromkeys(COUNTED, 0)
    row |= {"store": subject.name, "file_system": file_system, "cuts": cuts, "seconds": 0.0}
    for number, (moment, count) in enumerate(moments):
        copied = found / f"cut-{number}.img"
        with mounted(copied, guest):
            try:
                with subject.serve(guest) as variables:
                    # A call may have been stored that was acknowledged after the cut.
                    left = readable(subject, variables, place, log, len(instants))
            except RuntimeError as error:
                # What a server refuses is lost until somebody mends its files.
                row["refused"] += 1
                left = unread(str(error).splitlines()[-1], len(instants))
        copied.unlink()
        judge(row, left, instants[:count], moment)
    image.unlink()
    return row


def judge(row: dict[str, Any], left: dict[str, Any], instants: list[float], moment: float) -> None:
    """Add to a row what a cut has taken of what had been acknowledged."""
    row["acknowledged"] += len(instants)
    lost = []
    for number in range(len(instants)):
        messages = left.get(session(number), [])
        if not isinstance(messages, list) or f"m-{number}" not in messages:
            lost.append(number)
    row["lost"] += len(lost)
    row["bad"] += bool(lost)
    if lost:
        row["seconds"] = round(max(row["seconds"], moment - instants[lost[0]]), 1)
    sessions = {session(number) for number in range(1, len(instants), IN_A_SESSION)}
    row["gone"] += sum(not left.get(each) or isinstance(left[each], str) for each in sessions)
    old = left[OLD] if isinstance(left[OLD], list) else []
    row["safe"] += not set(SAFE) <= set(old)
    row["unreadable"] += sum(isinstance(each, str) for each in left.values())
    row["doubled"] += sum(
        isinstance(each, list) and len(each) > len(set(each)) for each in left.values()
    )


@contextmanager
def written(subject: Subject, variables: Environment, place: Path, guest: Path) -> Iterator[Path]:
    """Let a process write while the block lasts, beside one that flushes; its log."""
    log, until = place / "log", place / "until"
    log.unlink(missing_ok=True)
    until.unlink(missing_ok=True)
    words = [sys.executable, "-m", WRITER]
    around: Any = {"cwd": ROOT, "env": surroundings(variables, place)}
    subprocess.run([*words, "begin", subject.factory, str(log)], check=True, **around)
    sync(guest)
    command = [*words, "write", subject.factory, str(log), str(until)]
    writer = subprocess.Popen(command, **around)
    over = threading.Event()
    beside = threading.Thread(target=flush, args=(guest / "beside.log", over))
    beside.start()
    try:
        deadline = time.monotonic() + 240
        while not log.exists() or not log.stat().st_size:
            if writer.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{subject.name} does not write")
            time.sleep(0.05)
        yield log
        if writer.poll() is not None:
            raise RuntimeError(f"{subject.name} has stopped")
    finally:
        over.set()
        beside.join()
        until.touch()
        writer.wait(timeout=240)


def flush(path: Path, over: threading.Event) -> None:
    """Append to a file and flush it, as a log or a database beside does."""
    with path.open("ab", buffering=0) as file:
        while not over.wait(0.2):
            file.write(b"x" * 100)
            os.fsync(file.fileno())


def readable(
    subject: Subject, variables: Environment, place: Path, log: Path, count: int
) -> dict[str, Any]:
    """What a new process reads of all sessions."""
    command = [sys.executable, "-m", WRITER, "read", subject.factory, str(log), str(count)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=surroundings(variables, place),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1]
        return unread(last, count)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def unread(why: str, count: int) -> dict[str, Any]:
    """Every session, with the words of the error."""
    return {OLD: why} | {session(each): why for each in range(0, count, IN_A_SESSION)}


def surroundings(variables: Environment, place: Path) -> dict[str, str]:
    """The environment of a process that opens the store."""
    path = os.pathsep.join([str(ROOT), str(place)])
    return os.environ | variables | {"PYTHONPATH": path, "DO_NOT_TRACK": "1"}


if __name__ == "__main__":
    raise SystemExit(main())
