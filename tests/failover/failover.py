"""One failover: a crowd calls, the primary is lost, another server takes its place."""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.failover.cases import Case
from tests.failover.crowd import HASTY, PATIENT, SESSIONS
from tests.failover.judge import Outcome, Record, judge
from tests.faults.links import imported
from tests.subject.recipes import RECIPES
from tests.subject.servers.losses import Loss
from tests.subject.targets import ROOT

FAR = ["patient", "patient", "repeater", "giver-up", "reader", "reader"]
NEAR = ["repeater", "giver-up", "reader"]
# Seconds of calls before the loss, and after the servers work again.
BEFORE, AFTER = 2.0, 1.0
# So long after the promotion a partition goes on: long enough for a caller to know its errors.
ALIVE = 4.0


class Crowd:
    """A crowd in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def end(self) -> list[Record]:
        """Let it end, and return its records."""
        printed, _ = self._process.communicate(timeout=60)
        return [json.loads(line) for line in printed.splitlines()]


@contextmanager
def crowd(place: Path, name: str, roles: list[str], store: dict[str, Any]) -> Iterator[Crowd]:
    """Start a crowd on the store of a module."""
    spec = {"name": name, "roles": roles} | store
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.failover.crowd"],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{place}", "PATH": "/usr/bin:/bin"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(spec) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "ready\n"
        yield Crowd(process)
    finally:
        process.kill()
        process.wait()


def fail_over(case: Case, loss: Loss) -> Outcome:
    """Lose the primary of a case, and judge what became of the messages."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="failover-")))
        replicas = stack.enter_context(case.start())
        recipe = next(each for each in RECIPES if each.page == replicas.page)
        module = recipe.write(place)
        [made] = re.findall(r"class (\w+SessionStore)\b", recipe.block.text)
        opened = imported(place, module).__dict__[made]

        def client(arguments: dict[str, Any]) -> dict[str, Any]:
            return {"module": module, "class": made, "arguments": case.arguments | arguments}

        # The first client makes what the store needs, as a table.
        probe = opened(**case.arguments | replicas.far() | PATIENT | {"answer": HASTY["answer"]})
        probe.add_message("probe", "user", "before")
        far = stack.enter_context(crowd(place, "far", FAR, client(replicas.far())))
        crowds = [far]
        if loss == "partition":
            near = stack.enter_context(crowd(place, "near", NEAR, client(replicas.near())))
            crowds.append(near)
        time.sleep(BEFORE)
        replicas.lose(loss)
        replicas.promote()
        records: list[Record] = []
        if loss == "partition":
            time.sleep(ALIVE)
            records += crowds.pop().end()
        replicas.rejoin(loss)
        probe.add_message("probe", "user", "after")
        time.sleep(AFTER)
        records += far.end()
        reader = opened(**{**case.arguments, **replicas.direct()})
        found = {
            session: [each["content"] for each in reader.get_chat_history(session)]
            for session in (f"s{number}" for number in range(SESSIONS))
        }
        for store in (probe, reader):
            if hasattr(store, "close"):
                store.close()
        return judge(records, found, "far")
