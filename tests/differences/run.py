"""Both targets are given thousands of steps, and each difference has to be a known one."""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.differences.agent_programs import agent_programs
from tests.differences.beyond_programs import manager_programs
from tests.differences.bot_programs import bot_programs
from tests.differences.comparison import Difference
from tests.differences.pair import Pair, Program
from tests.differences.predicates import explained
from tests.differences.programs import alone, programs
from tests.differences.steps import written

Explain = Callable[[Difference], list[str]]


class Unexplained(AssertionError):
    """Both targets did a step, not alike, and no known difference says why."""


class Run:
    """The programs that were run, and which entries explained what they found.

    `used` counts by entry; `alone` counts what that entry explains and no other does.
    """

    def __init__(self, pair: Pair, explain: Explain = explained) -> None:
        self.pair = pair
        self.explain = explain
        self.used: Counter[str] = Counter()
        self.alone: Counter[str] = Counter()

    def check(self, program: Program) -> None:
        """Run a program on both targets.

        Raises:
            Unexplained: A step differs, and no entry explains it.
        """
        done = []
        for step, differences in self.pair.run(program):
            done.append(step)
            strange = []
            for difference in differences:
                anchors = self.explain(difference)
                self.used.update(anchors)
                self.alone.update(anchors if len(anchors) == 1 else ())
                if not anchors:
                    strange.append(difference)
            if strange:
                places = "\n".join(f"    {each}" for each in strange)
                raise Unexplained(
                    f"no known difference explains the last step of\n{written(done)}\n{places}"
                )

    def edges(self, every: int = 1) -> None:
        """Each edge alone; the smallest program of one that is not explained is the program."""
        for number, program in enumerate(alone()):
            if number % every == 0:
                self.check(program)

    def random(self, made: st.SearchStrategy[Program], examples: int, start: int = 0) -> None:
        """Random programs; Hypothesis makes one that is not explained as small as it can."""

        @seed(start)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(made)
        def check(program: Program) -> None:
            self.check(program)

        check()

    def __str__(self) -> str:
        return (
            f"{self.pair.steps} steps on both targets, {self.pair.differing} differ, 0 unexplained"
        )


def main() -> int:
    """The exit code is 1 when a step is not explained, or an entry explains nothing."""
    from tests.differences.predicates import PREDICATES, TABLES
    from tests.differences.witnesses import WITNESSES

    with (
        tempfile.TemporaryDirectory(prefix="differences-") as directory,
        Pair(Path(directory)) as pair,
    ):
        run = Run(pair)
        try:
            for program in WITNESSES.values():
                run.check(program)
            run.edges()
            run.random(programs(12), examples=400)
            run.random(bot_programs(8), examples=200)
            run.random(manager_programs(9), examples=200)
            run.random(agent_programs(8), examples=200)
        except Unexplained as error:
            print(error, file=sys.stderr)
            return 1
    print(run)
    idle = sorted({*PREDICATES, *TABLES} - set(run.alone))
    for anchor, count in sorted(run.used.items()):
        print(f"{count:6} {anchor}")
    if idle:
        print(f"nothing is explained by {', '.join(idle)} alone", file=sys.stderr)
    return 1 if idle else 0


if __name__ == "__main__":
    sys.exit(main())
