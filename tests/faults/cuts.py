"""Power cuts: every state that a disk may be in at any moment of each kind of write."""

import itertools
import shutil
from pathlib import Path

from tests.faults.cases import Case, Prepared
from tests.faults.children import TRACED, run
from tests.faults.crashes import is_done, start
from tests.faults.disk import Disk, Tree, key, write
from tests.faults.judge import complaints
from tests.faults.result import Result


def cut(cases: list[Case], place: Path, every: int) -> Result:
    """Cut the power at every moment, and judge every `every`th state that this may leave."""
    result = Result("power cuts")
    numbers = itertools.count()
    for number, case in enumerate(cases):
        prepared = Prepared(case, place / f"case-{number}")
        state = place / f"run-{number}"
        found = states(prepared, state)
        result.kinds[case.name] = len(found)
        for tree, done in found:
            if next(numbers) % every:
                continue
            write(tree, state)
            wrong = complaints(prepared, state, is_done=done)
            result.judge(f"{case.name}, {'after' if done else 'before'} its answer", wrong)
    return result


def states(prepared: Prepared, place: Path) -> list[tuple[Tree, bool]]:
    """Each state that differs from the others, with whether the call was answered before."""
    child = start(prepared, place)
    # What the child finds was flushed long ago.
    disk = Disk(place)
    log = place.with_name("trace")
    run([child], log, "-xx", "-s", "4000000", "-e", TRACED)
    assert is_done(prepared, child), f"{prepared.case.name}: {child}"
    found: dict[object, tuple[Tree, bool]] = {}
    done = False
    for line in log.read_text().splitlines():
        said = disk.follow(line)
        done = done or (said is not None and said.startswith(b'{"answer"'))
        for tree in disk.states():
            found.setdefault((key(tree), done), (tree, done))
    shutil.rmtree(place)
    return list(found.values())
