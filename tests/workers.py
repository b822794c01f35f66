"""Workers of a run that begin as forks of the process which has collected its tests.

Those of pytest-xdist are new interpreters, each of which imports and collects everything again; for
the tests of a page that takes longer than the tests. A fork has it all. Otherwise a worker does
here what it does there: it takes the next group of tests, as `tests/scheduling.py` has them, and
its reports are logged by the process that has the screen.

On Linux alone: elsewhere a fork of a process that has used system libraries is not safe.
"""

import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import zip_longest
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any
from warnings import WarningMessage

import pytest
from xdist.remote import serialize_warning_message
from xdist.workermanage import unserialize_warning_message

from tests.scheduling import group

IS_POSSIBLE = sys.platform == "linux"
# What a worker needs to take down what its test has started.
PATIENCE = 10.0
Groups = Sequence[Sequence[pytest.Item]]


class Workers:
    """Runs the tests of a session on `count` forks."""

    def __init__(self, count: int) -> None:
        self.count = count

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run every test, unless there is nothing to share out or collecting them failed."""
        groups = _grouped(session.items)
        if session.testsfailed or session.config.option.collectonly or len(groups) < 2:
            return None
        # Workers would each make it, and the second remove what the first has put there.
        session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        with _started(session, groups, min(self.count, len(groups))) as running:
            while running:
                for told in wait(list(running)):
                    assert isinstance(told, Connection)
                    _hear(session, told, running)
                if session.shouldfail:
                    raise session.Failed(session.shouldfail)
                if session.shouldstop:
                    raise session.Interrupted(session.shouldstop)
        return True


def _grouped(items: Sequence[pytest.Item]) -> Groups:
    groups = dict[str, list[pytest.Item]]()
    for item in items:
        groups.setdefault(group(item.nodeid), []).append(item)
    return list(groups.values())


@contextmanager
def _started(
    session: pytest.Session, groups: Groups, count: int
) -> Iterator[dict[Connection, str]]:
    """What workers are heard through, and where each of them is: nowhere when it is done."""
    context = get_context("fork")
    # Otherwise each worker would copy the memory that it looks for garbage in.
    gc.freeze()
    turn, running, processes = context.Value("i", 0), dict[Connection, str](), []
    try:
        for _ in range(count):
            told, tells = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(session, groups, turn, tells))
            process.start()
            tells.close()
            processes.append(process)
            running[told] = "its beginning"
        yield running
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(PATIENCE)
            process.kill()
            process.join()
        for told in running:
            told.close()


def _hear(session: pytest.Session, told: Connection, running: dict[Connection, str]) -> None:
    hook = session.config.hook
    try:
        running[told], report, warning = told.recv()
    except EOFError:
        told.close()
        if test := running.pop(told):
            hook.pytest_runtest_logreport(report=_lost(test))
            session.shouldstop = f"a worker ended in the middle of {test}"
        return
    if report:
        found = hook.pytest_report_from_serializable(config=session.config, data=report)
        hook.pytest_runtest_logreport(report=found)
    if warning:
        warning["warning_message"] = unserialize_warning_message(warning["warning_message"])
        hook.pytest_warning_recorded.call_historic(kwargs=warning)


def _lost(test: str) -> pytest.TestReport:
    path = test.partition("::")[0]
    why = "the worker that was here has ended: a signal, or os._exit"
    return pytest.TestReport(test, (path, None, path), {}, "failed", why, "call")


class _Teller:
    """Tells the process that has the screen which test is run, and what came of it."""

    def __init__(self, config: pytest.Config, tells: Connection) -> None:
        self._config, self._tells, self._test = config, tells, ""

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Name the test."""
        self._test = nodeid
        self._tells.send((nodeid, None, None))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Pass a report on."""
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._tells.send((self._test, data, None))

    def pytest_warning_recorded(
        self, warning_message: WarningMessage, when: str, nodeid: str, location: Any
    ) -> None:
        """Pass a warning on."""
        text = serialize_warning_message(warning_message)
        about = {"warning_message": text, "when": when, "nodeid": nodeid, "location": location}
        self._tells.send((self._test, None, about))


def _work(session: pytest.Session, groups: Groups, turn: Any, tells: Connection) -> None:
    """Run groups as long as there are some."""
    # Ctrl-C reaches every process of a terminal; a worker ends once, when it is told to.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # The file that catches what tests print would be shared with the other workers.
    capture: Any = session.config.pluginmanager.get_plugin("capturemanager")
    capture.stop_global_capturing()
    # The screen belongs to the process that hears the reports.
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), sys.__stdout__.fileno())
    capture.start_global_capturing()
    capture.suspend_global_capture()
    session.config.pluginmanager.register(_Teller(session.config, tells), "teller")
    with suppress(KeyboardInterrupt):
        for test, following in _taken(groups, turn):
            session.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
            if session.shouldfail or session.shouldstop:
                break
    session._setupstate.teardown_exact(None)
    tells.send(("", None, None))


def _taken(groups: Groups, turn: Any) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    """Each test of a worker with the one after it in its group.

    A group is taken when the worker is free for it, so that none waits behind a long test.
    """
    while True:
        with turn.get_lock():
            index, turn.value = turn.value, turn.value + 1
        if index >= len(groups):
            return
        yield from zip_longest(groups[index], groups[index][1:])
