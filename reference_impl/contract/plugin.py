"""The pytest plugin behind `--session-store`: options, a word when the store is missing, a report.

Every pytest run loads it where the package is installed. It does nothing unless a clause was
collected.
"""

import argparse
import contextlib
import secrets
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reference_impl.contract.guarantees import VERSION
from reference_impl.contract.report import PROPERTY, Report, explained, in_rounds
from reference_impl.contract.verdicts import severity, verdict_of

if TYPE_CHECKING:
    from reference_impl.contract.processes import Pool


# By the short name, which a project may have taken: the full name, and what it is for.
_OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "--store": (
        "--session-store",
        {
            "metavar": "MODULE:FUNCTION",
            "help": "the function that opens one more client of the session store under test",
        },
    ),
    "--store-timeout": (
        "--session-store-timeout",
        {
            "type": float,
            "metavar": "SECONDS",
            "help": "the store's own limit on waiting (default: its lock_timeout, or 30)",
        },
    ),
    "--store-without": (
        "--session-store-without",
        {
            "default": "",
            "metavar": "ABILITY,...",
            "help": "what the store does not offer, such as session_exists,clear_session",
        },
    ),
    "--rounds": (
        "--session-store-rounds",
        {
            "type": int,
            "default": 1,
            "metavar": "N",
            "help": "run each clause in which processes or threads meet so often, and say how "
            "often it failed",
        },
    ),
    "--store-network": (
        "--session-store-network",
        {
            "metavar": "VARIABLE",
            "help": "the variable that says where the server is, as a URL or host:port: the "
            "contract puts a proxy there and cuts connections",
        },
    ),
    "--store-seed": (
        "--session-store-seed",
        {
            "type": int,
            "metavar": "SEED",
            "help": "repeat the random moments of an earlier run, which printed it",
        },
    ),
    "--store-contract": (
        "--session-store-contract",
        {
            "type": int,
            "choices": range(1, VERSION + 1),
            "metavar": "VERSION",
            "help": f"judge by the clauses of an older contract (default: the newest, {VERSION})",
        },
    ),
    "--contract-report": (
        "--session-store-report",
        {"metavar": "FILE", "help": "write the verdict of every clause as JSON"},
    ),
}
_GROUP = "session store contract"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, under names that no other plugin takes by chance."""
    for full, about in _OPTIONS.values():
        parser.getgroup(_GROUP).addoption(full, **about)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    parser: pytest.Parser, args: list[str]
) -> Generator[None, object, object]:
    """Take a short name that was written, unless a plugin or a conftest has defined it."""
    result = yield
    written = {each.partition("=")[0] for each in args}
    for short in _OPTIONS.keys() & written:
        full, about = _OPTIONS[short]
        with contextlib.suppress(ValueError, argparse.ArgumentError):
            dest = full.removeprefix("--").replace("-", "_")
            parser.getgroup(_GROUP).addoption(short, dest=dest, **about)
    return result


def pytest_configure(config: pytest.Config) -> None:
    """Watch for clauses, and choose the seed that all workers share."""
    if config.option.session_store_seed is None:
        config.option.session_store_seed = secrets.randbelow(2**32)
    config.pluginmanager.register(Reporter(config), "session_store_contract_reporter")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let `-k fresh-reads` choose the clauses of a guarantee."""
    if guarantee := getattr(getattr(item, "function", None), "guarantee", None):
        item.extra_keyword_matches.add(guarantee)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out clauses that are too new, and refuse to run the bare suite without a store."""
    clauses = [each for each in items if _since(each)]
    newer = [each for each in clauses if _since(each) > contract_of(each)]
    if newer:
        config.hook.pytest_deselected(items=newer)
        items[:] = [each for each in items if each not in newer]
    if not any(_needs_option(item) for item in items):
        return
    from reference_impl.contract.factory import Factory, FactoryError
    from reference_impl.contract.handle import verify

    name = config.getoption("session_store")
    if name is None:
        raise pytest.UsageError(
            "The contract needs a store: pytest --pyargs reference_impl.contract "
            "--session-store package.module:function, where function() opens one more client of it."
        )
    try:
        verify(Factory.parse(name))
    except FactoryError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note which guarantee a clause proves, where xdist carries it along."""
    function = getattr(item, "function", None)
    if (guarantee := getattr(function, "guarantee", None)) is None:
        return
    suite: Any = getattr(item, "cls", None)
    own = getattr(suite, "store", None) or (
        None if getattr(suite, "open_store", None) else item.config.getoption("session_store")
    )
    about: dict[str, Any] = {
        "since": _since(item),
        "contract": contract_of(item),
        "clause": item.name.removeprefix("test_"),
        "guarantee": guarantee,
        "ability": ", ".join(getattr(function, "abilities", ())),
        "store": own or f"{suite.__module__}:{suite.__qualname__}",
    }
    item.user_properties.append((PROPERTY, about))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a clause in which processes or threads meet as often as was asked for."""
    rounds = pyfuncitem.config.getoption("session_store_rounds")
    if rounds < 2 or not hasattr(pyfuncitem.function, "guarantee"):
        return None
    kit: Any = pyfuncitem.funcargs["kit"]
    failures: list[tuple[Exception, Any]] = []
    done = 0
    names = pyfuncitem._fixtureinfo.argnames
    while done < rounds and (done == 0 or kit.is_race):
        done += 1
        kit.history.clear()
        kit.notes.pop("counts", None)
        try:
            pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
        except Exception as error:
            failures.append((error, kit.notes.get("counts", "")))
    kit.notes["rounds"] = in_rounds([verdict_of(error) for error, _ in failures], done)
    if failures:
        # A store that lost a message in one round is not excused by what it refused in another.
        worst, kit.notes["counts"] = min(failures, key=lambda each: severity(each[0]))
        raise worst
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show of a clause that failed what it found, instead of the source of the contract."""
    report = yield
    about: Any = dict(item.user_properties).get(PROPERTY)
    if about is not None and report.failed and call.excinfo is not None:
        error = call.excinfo.value
        verdict = verdict_of(error)
        report.user_properties.append(("verdict", verdict))
        report.longrepr = explained(about, verdict, error)
        kit: Any = item.funcargs.get("kit") if isinstance(item, pytest.Function) else None
        if kit is not None:
            kit.failed = True
    return report


@pytest.fixture(scope="class")
def session_store_pool(request: pytest.FixtureRequest) -> Iterator["Pool"]:
    """The processes that the clauses of one class share."""
    from reference_impl.contract.factory import FactoryError, factory_of
    from reference_impl.contract.handle import verify
    from reference_impl.contract.processes import Pool
    from reference_impl.contract.route import Route

    wrong = ""
    try:
        variable = request.config.getoption("session_store_network")
        route = Route.parse(variable) if variable else None
        pool = Pool(factory_of(request.cls, request.config.getoption("session_store")), route)
        verify(pool.factory)
    except FactoryError as error:
        wrong = str(error)
    if wrong:
        pytest.fail(wrong, pytrace=False)
    yield pool
    pool.close()


def contract_of(item: pytest.Item) -> int:
    """The version of the contract that judges: as the command says, or the suite, or the newest.

    Raises `pytest.UsageError` when the suite names one that is not there.
    """
    own = getattr(getattr(item, "cls", None), "contract", None)
    if own is not None and own not in range(1, VERSION + 1):
        raise pytest.UsageError(
            f"{item.nodeid}: contract = {own!r} is no version of the contract; "
            f"there are those from 1 to {VERSION}."
        )
    return item.config.option.session_store_contract or own or VERSION


def _since(item: pytest.Item) -> int:
    """The version that first asked a clause; 0 for any other test."""
    return getattr(getattr(item, "function", None), "since", 0)


def _needs_option(item: pytest.Item) -> bool:
    suite = getattr(item, "cls", None)
    is_clause = hasattr(getattr(item, "function", None), "guarantee")
    return is_clause and not (getattr(suite, "store", None) or getattr(suite, "open_store", None))


class Reporter:
    """Collects the verdicts of clauses and shows them at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self._file = config.getoption("session_store_report")
        self.report = Report(seed=config.option.session_store_seed)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in one phase of a test."""
        self.report.add(report)

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Print a table for every store, and write the JSON report."""
        for store in self.report.stores():
            terminalreporter.section(f"session store contract: {store}")
            for line in self.report.lines(store):
                terminalreporter.line(line)
        if self._file and self.report.stores():
            self.report.write(Path(self._file))
            terminalreporter.line(f"report: {self._file}")
