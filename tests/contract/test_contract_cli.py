"""The contract as a stranger runs it: one command, from a directory of their own."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reference_impl.contract import GUARANTEES, VERSION
from reference_impl.contract.factory import Factory, FactoryError
from reference_impl.contract.handle import verify
from reference_impl.contract.report import FAILED
from tests.subject.contract_run import APART

STRANGER = '''
import json, os
from pathlib import Path

class Store:
    """Five methods and a cache."""

    def __init__(self):
        self.root = Path(os.environ["STRANGER_DIRECTORY"])
        self.cache = {}

    def _path(self, session_id):
        return self.root / (session_id.encode("utf-8", "surrogatepass").hex()[-200:] + ".json")

    def _load(self, session_id):
        if session_id not in self.cache:
            path = self._path(session_id)
            self.cache[session_id] = json.loads(path.read_text()) if path.exists() else []
        return self.cache[session_id]

    def _save(self, session_id, messages):
        self.cache[session_id] = messages
        self._path(session_id).write_text(json.dumps(messages))
        return True

    def add_message(self, session_id, role, content, metadata=None):
        return self._save(session_id, self._load(session_id) + [{"role": role, "content": content}])

    def get_chat_history(self, session_id, max_messages=None):
        history = self._load(session_id)
        return history[-max(max_messages or 0, 0):]

    def clear_session(self, session_id):
        return self._save(session_id, [])

    def delete_session(self, session_id):
        self.cache.pop(session_id, None)
        self._path(session_id).unlink(missing_ok=True)
        return True

    def session_exists(self, session_id):
        return self._path(session_id).exists()

def open_store():
    return Store()

def open_nothing():
    return None

def open_with(address):
    return Store()

async def open_later():
    return Store()

def open_broken():
    raise ConnectionError("no server at port 1")

ONE = Store()

def open_one():
    return ONE

NOT_A_FUNCTION = 7
'''

SUBCLASSES = """
import os
from reference_impl import DefaultSessionStore
from reference_impl.contract import SessionStoreContract

class TestByName(SessionStoreContract):
    store = "tests.contract.stores:open_reference"

class TestByFunction(SessionStoreContract):
    @staticmethod
    def open_store():
        return DefaultSessionStore(os.environ["CONTRACT_DIRECTORY"], lock_timeout=2.0)

class TestWithout(SessionStoreContract):
    store = "nobody.has:this"

def test_ordinary():
    pass
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a stranger's module and places for sessions, and nothing of the project."""
    (tmp_path / "stranger.py").write_text(STRANGER)
    for name, folder in (("STRANGER_DIRECTORY", "strange"), ("CONTRACT_DIRECTORY", "sessions")):
        (tmp_path / folder).mkdir()
        monkeypatch.setenv(name, str(tmp_path / folder))
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def pytest_in(home: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start pytest as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *APART, *arguments],
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def contract(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the contract and wait for it."""
    process = pytest_in(home, "--pyargs", "reference_impl.contract", *arguments)
    output, _ = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, output)


def test_a_store_with_a_cache_fails_with_a_diagram(home: Path) -> None:
    """A stranger's five methods and a cache fail `fresh-reads`, shown as a sequence diagram."""
    done = contract(
        home, "--session-store", "stranger:open_store", "--session-store-report=out/report.json"
    )
    assert done.returncode == 1, done.stdout
    clause = "another_instance_is_seen "
    row = next(line for line in done.stdout.splitlines() if line.startswith(clause))
    assert row.split() == ["another_instance_is_seen", "broken", "fresh-reads"]
    summary = done.stdout.partition("guarantees that do not hold:\n")[2]
    assert f" fresh-reads: {GUARANTEES['fresh-reads']} " in " ".join(summary.split())
    assert "append-order:" not in summary
    assert "reference_impl/contract" not in done.stdout
    _, mark, table = done.stdout.partition("session store contract: stranger:open_store")
    first, *rows = [line.split() for line in table.partition("\n---")[2].splitlines()[1:76]]
    told = [row[1].rstrip("*") for row in (first, *rows)]
    failed = [each in FAILED for each in told]
    assert failed == sorted(failed, reverse=True), "what failed stands first"
    assert max(map(len, (mark + table).partition("short test summary")[0].splitlines())) <= 100
    assert "Acknowledged means answered True" in done.stdout
    assert re.search(r"\d+ other calls are left out: the fault shows without", done.stdout)
    diagram = re.search(r"did not read .*?```mermaid\n(.*?)```", done.stdout, re.DOTALL)
    assert diagram is not None
    lines = [line.removeprefix("E").strip() for line in diagram.group(1).splitlines()]
    assert lines[0] == "sequenceDiagram"
    assert "participant Store as Session store" in lines
    assert any(re.fullmatch(r"C1->>Store: add_message\(.*\)", line) for line in lines)
    report = json.loads((home / "out/report.json").read_text())
    assert report["store"] == "stranger:open_store"
    verdicts = {each["clause"]: each for each in report["clauses"]}
    assert verdicts["get_session_is_fresh"]["verdict"] == "not offered"
    assert verdicts["get_session_is_fresh"]["ability"] == "get_session"
    counts = verdicts["two_writers_lose_nothing"]["counts"]
    assert re.fullmatch(r"\d+ acknowledged(, \d+ of them lost)?(, \d+ refused)?", counts)
    assert report["kit"]
    assert report["contract"] == VERSION
    assert {each["since"] for each in report["clauses"]} == set(range(1, VERSION + 1))
    assert verdicts["messages_keep_their_order"]["verdict"] == "passed"
    assert "sequenceDiagram" in verdicts["another_process_is_seen"]["detail"]
    assert {each["guarantee"] for each in report["clauses"]} == set(GUARANTEES)


def test_the_reference_store_passes_twice_at_once(home: Path) -> None:
    """Two runs on one directory at the same time disturb each other in no clause."""
    common = [
        "--pyargs",
        "reference_impl.contract",
        "--session-store",
        "tests.contract.stores:open_reference",
    ]
    # Some with other processes; tests/contract/test_conformance.py runs the rest.
    common += ["--rootdir", str(home), "-k", "seen or two_writers or against_append or fields_are"]
    runs = [
        pytest_in(home, *common, "--session-store-report=one.json"),
        pytest_in(home, *common, "--session-store-report=two.json", "-n", "2"),
    ]
    for run in runs:
        output, _ = run.communicate()
        assert run.returncode == 0, output
        assert " 0 failed, 0 not offered" in output
    for name in ("one.json", "two.json"):
        report = json.loads((home / name).read_text())
        assert {each["verdict"] for each in report["clauses"]} == {"passed"}
    assert len(json.loads((home / "one.json").read_text())["clauses"]) == len(
        json.loads((home / "two.json").read_text())["clauses"]
    )
    assert [path.name for path in (home / "sessions").glob("*.json")] == []


def test_the_contract_is_a_class_to_subclass(home: Path) -> None:
    """Subclasses in an author's own module run with their own store, beside ordinary tests."""
    (home / "test_mine.py").write_text(SUBCLASSES)
    chosen = "ordinary or another_process or two_writers"
    process = pytest_in(home, "test_mine.py", "-k", chosen, "--session-store-report=report.json")
    output, _ = process.communicate()
    assert re.search(r"5 passed, \d+ deselected, 2 errors", output), output
    assert "there is no module 'nobody'" in output
    assert "0 passed, 0 failed, 0 not offered, 2 error" in output
    stores = [each["store"] for each in json.loads((home / "report.json").read_text())]
    assert stores == [
        "tests.contract.stores:open_reference",
        "test_mine:TestByFunction",
        "nobody.has:this",
    ]


def test_pytest_and_the_package_are_enough(home: Path) -> None:
    """The contract runs where neither hypothesis nor xdist nor any other plugin is installed."""
    program = (
        "import sys\n"
        "for name in ('hypothesis', 'xdist', 'tests', 'openai'): sys.modules[name] = None\n"
        "import pytest\n"
        "sys.exit(pytest.main(sys.argv[1:], plugins=['reference_impl.contract.plugin']))\n"
    )
    arguments = ["--pyargs", "reference_impl.contract", "--session-store", "stranger:open_store"]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments, "-k", "process or signatures", "-q"],
        cwd=home,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
    )
    assert "methods_and_signatures" in done.stdout, done.stdout + done.stderr
    assert re.search(r"another_process_is_seen +broken", done.stdout)


SOMETIMES = """
import os
from pathlib import Path
from tests.contract.base import Base


class Store(Base):
    def add_message(self, session_id, role, content, metadata=None):
        mark = self.root / "lost"
        if content == "1-7" and mark.exists() and mark.unlink() is None:
            return True
        if content == "1-7":
            mark.touch()
            raise OSError("busy")
        return super().add_message(session_id, role, content)


def open_store():
    return Store(Path(os.environ["SESSION_STORE_DIRECTORY"]))
"""


def test_a_race_is_counted_over_rounds(home: Path) -> None:
    """With rounds the report says in how many of them a clause failed, and how at the worst."""
    (home / "sometimes.py").write_text(SOMETIMES)
    options = ("--rounds", "4", "--session-store-seed", "7", "-k", "two_writers or messages_keep")
    done = contract(home, "--session-store", "sometimes:open_store", *options)
    told = "two_writers_lose_nothing failed in 4 of 4 rounds (2 lost, 2 refused)"
    assert told in done.stdout, done.stdout
    assert re.search(r"two_writers_lose_nothing +lost ", done.stdout), done.stdout
    assert "seed of the random moments: 7" in done.stdout
    assert "1 passed, 1 failed" in done.stdout


ONE_FILE = """
import json, os
from pathlib import Path
from tests.contract.base import Base


class Store(Base):
    def delete_session(self, session_id):
        for path in self.root.glob("*.json"):
            path.unlink()
        return True


def open_store():
    return Store(Path(os.environ["STRANGER_DIRECTORY"]))
"""


def test_damage_is_told_of_the_clause_that_did_it(home: Path) -> None:
    """What a clause does to a session of somebody else is said of that clause, by name."""
    (home / "one_file.py").write_text(ONE_FILE)
    chosen = "delete_is_seen or messages_keep or process_is_seen"
    done = contract(home, "--session-store", "one_file:open_store", "-k", chosen)
    assert "storage damaged by clause delete_is_seen_by_a_process" in done.stdout, done.stdout
    row = next(line for line in done.stdout.splitlines() if line.startswith("messages_keep"))
    assert row.split()[1] == "passed"


def test_other_runs_are_left_alone(home: Path) -> None:
    """A run without clauses shows nothing of the contract."""
    (home / "test_ordinary.py").write_text("def test_ordinary(): pass\n")
    output, _ = pytest_in(home, "test_ordinary.py").communicate()
    assert "1 passed" in output
    assert "contract:" not in output


OPTION = """
def pytest_addoption(parser):
    parser.addoption("--store", default="a shop")
"""


def test_the_old_option_is_taken_where_it_is_free(home: Path) -> None:
    """`--store` names the store as `--session-store` does, unless a conftest has that name."""
    arguments = ("--store", "stranger:open_store", "-k", "newest-messages")
    assert "2 passed, 0 failed, 0 not offered" in contract(home, *arguments).stdout
    (home / "conftest.py").write_text(OPTION)
    done = contract(home, f"--confcutdir={home}", *arguments, str(home))
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "The contract needs a store" in done.stdout


def test_a_project_with_an_option_of_that_name_is_left_alone(home: Path) -> None:
    """A conftest that defines `--store` for itself works where the contract is installed."""
    (home / "conftest.py").write_text(OPTION)
    (home / "test_shop.py").write_text(
        "def test_shop(pytestconfig): assert pytestconfig.getoption('--store') == 'corner'\n"
    )
    output, _ = pytest_in(home, "test_shop.py", "--store", "corner").communicate()
    assert "1 passed" in output, output


def test_a_guarantee_chooses_its_clauses(home: Path) -> None:
    """`-k` takes the name of a guarantee."""
    done = contract(home, "--session-store", "stranger:open_store", "-k", "newest-messages")
    assert "2 passed, 0 failed, 0 not offered" in done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ([], "The contract needs a store"),
        (["--session-store", "stranger"], "does not name a function"),
        (["--session-store", "strangers:open_store"], "there is no module 'strangers'"),
    ],
    ids=["none", "no colon", "no module"],
)
def test_a_missing_store_is_a_usage_error(home: Path, option: list[str], words: str) -> None:
    """Without a store that can be opened nothing runs, and one line says what to do."""
    done = contract(home, *option)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    [error] = [line for line in done.stdout.splitlines() if line.startswith("ERROR: ")]
    assert words in error
    assert "--session-store package.module:function" in done.stdout or "PYTHONPATH" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.fixture
def importable(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process import the stranger's modules."""
    (home / "half.py").write_text("import a_module_that_nobody_has\n")
    (home / "broken.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(str(home))
    yield
    for name in ("stranger", "half", "broken"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("importable")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("stranger:", "does not name a function"),
        ("stranger.py:open_store()", "does not name a function"),
        ("stranger:open", "has no 'open'"),
        ("stranger:NOT_A_FUNCTION", "is of type int, not a function"),
        ("stranger:open_nothing", "returned None"),
        ("stranger:open_with", "TypeError: open_with() missing 1 required"),
        ("stranger:open_one", "returned the same object twice"),
        ("stranger:open_broken", "ConnectionError: no server at port 1"),
        ("half:open_store", "it needs the module 'a_module_that_nobody_has'"),
        ("broken:open_store", "importing broken raised ZeroDivisionError"),
    ],
)
def test_a_broken_factory_is_explained(name: str, words: str) -> None:
    """Each way in which a factory can be wrong has a message of its own."""
    with pytest.raises(FactoryError, match=re.escape(words)):
        verify(Factory.parse(name))


def test_a_function_without_a_name_cannot_be_a_factory() -> None:
    """A lambda or a local function is refused, since other processes could not import it."""
    with pytest.raises(FactoryError, match="no name that another process could import"):
        Factory.of(lambda: None)
