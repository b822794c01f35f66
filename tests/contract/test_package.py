"""The contract installed alone, from its wheel, in an environment that has nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.subject.targets import ROOT

RIGHT = """
import os, sqlite3
from contextlib import closing, contextmanager


class Store:
    def __init__(self, window=None):
        self.window = window or -1
        self.path = os.path.join(os.environ["SESSION_STORE_DIRECTORY"], "sessions.sqlite")
        with self._open() as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("CREATE TABLE IF NOT EXISTS s (id TEXT PRIMARY KEY)")
            db.execute("CREATE TABLE IF NOT EXISTS m (n INTEGER PRIMARY KEY, id, r, c)")

    @contextmanager
    def _open(self):
        with closing(sqlite3.connect(self.path, timeout=5)) as db, db:
            yield db

    def add_message(self, session_id, role, content, metadata=None):
        if not all(isinstance(each, str) for each in (session_id, role, content)):
            raise TypeError("session_id, role and content are strings")
        with self._open() as db:
            db.execute("INSERT OR IGNORE INTO s VALUES (?)", (session_id,))
            db.execute("INSERT INTO m VALUES (NULL, ?, ?, ?)", (session_id, role, content))
        return True

    def get_chat_history(self, session_id, max_messages=None):
        newest = "SELECT r, c FROM m WHERE id = ? ORDER BY n DESC LIMIT ?"
        with self._open() as db:
            rows = db.execute(newest, (session_id, max_messages or self.window)).fetchall()
        return [{"role": role, "content": content} for role, content in reversed(rows)]

    def clear_session(self, session_id):
        with self._open() as db:
            db.execute("DELETE FROM m WHERE id = ?", (session_id,))
        return True

    def delete_session(self, session_id):
        with self._open() as db:
            db.execute("DELETE FROM m WHERE id = ?", (session_id,))
            db.execute("DELETE FROM s WHERE id = ?", (session_id,))
        return True

    def session_exists(self, session_id):
        with self._open() as db:
            return db.execute("SELECT 1 FROM s WHERE id = ?", (session_id,)).fetchone() is not None


class OneVerb:
    not_offered = {"clear_session", "session_exists"}

    def __init__(self):
        store = Store()
        self.add_message, self.get_chat_history = store.add_message, store.get_chat_history
        self.delete_session = store.clear_session


class ClearAlone:
    not_offered = {"delete_session", "session_exists"}

    def __init__(self):
        store = Store()
        self.add_message, self.get_chat_history = store.add_message, store.get_chat_history
        self.clear_session = store.clear_session


class Later:
    def __init__(self):
        self.store = Store()

    async def add_message(self, session_id, role, content, metadata=None):
        return self.store.add_message(session_id, role, content)

    async def get_chat_history(self, session_id, max_messages=None):
        return self.store.get_chat_history(session_id, max_messages)

    async def clear_session(self, session_id):
        return self.store.clear_session(session_id)

    async def delete_session(self, session_id):
        return self.store.delete_session(session_id)

    async def session_exists(self, session_id):
        return self.store.session_exists(session_id)


async def open_later():
    return Later()
"""


# What version 2 of the contract asks, and version 1 did not.
NEW = (
    "equal_messages_are_all_there",
    "a_clock_that_is_behind_reorders_nothing",
    "a_clock_that_is_set_back_reorders_nothing",
    "a_stopped_writer_brings_nothing_back",
    "a_turn_brings_back_at_most_itself",
    "time_alone_removes_nothing",
    "a_client_with_another_window_reads_it",
    "the_empty_id_is_nobody_s_default",
    "a_limit_below_one_is_no_limit",
    "a_message_with_an_id_is_stored_once",
    "a_connection_is_cut_at_any_packet",
    "a_crowd_whose_connections_are_cut",
    "a_repeat_after_a_cut_is_stored_once",
)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment with the wheel, pytest, and what those two need."""
    place = tmp_path_factory.mktemp("package")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = place.glob("*.whl")
    uv = [sys.executable, "-m", "uv", "--quiet"]
    subprocess.run([*uv, "venv", str(place / "env")], check=True)
    found = place / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [*uv, "pip", "install", "--python", str(found), "-c", str(ROOT / "constraints.txt")]
    subprocess.run([*install, str(wheel), "pytest"], check=True)
    return found


@pytest.mark.parametrize(
    ("opener", "clear", "delete"),
    [
        ("Store", "passed", "passed"),
        ("OneVerb", "not offered", "passed"),
        ("ClearAlone", "passed", "not offered"),
        ("open_later", "passed", "passed"),
    ],
)
def test_a_right_store_of_each_interface_passes(
    python: Path, opener: str, clear: str, delete: str, tmp_path: Path
) -> None:
    """A right store passes, be it sync, async, or with one verb for clear and delete."""
    (tmp_path / "right.py").write_text(RIGHT)
    command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", "--pyargs"]
    command += ["reference_impl.contract", "--session-store", f"right:{opener}"]
    if opener in ("OneVerb", "ClearAlone"):
        # The rest of the interface is that of `Store`.
        command += ["-k", f"methods or clear or delete or another or tasks or {' or '.join(NEW)}"]
    hidden = ("PYTHON", "PYTEST", "SESSION_STORE", "VIRTUAL_ENV")
    done = subprocess.run(
        [*command, "--session-store-report", "report.json"],
        cwd=tmp_path,
        env={key: value for key, value in os.environ.items() if not key.startswith(hidden)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # How long it took, for whoever asks with -rP; on a busy machine it says little.
    print(f"{opener}: {done.stdout.strip().splitlines()[-1].strip('= ')}")
    report = json.loads((tmp_path / "report.json").read_text())
    rows = {each["clause"]: each for each in report["clauses"]}
    assert rows["clear_empties_and_keeps"]["verdict"] == clear
    assert rows["delete_removes_everything"]["verdict"] == delete
    tasks = "passed" if opener == "open_later" else "not offered"
    assert rows["tasks_on_one_client_lose_nothing"]["verdict"] == tasks
    # Of `Store` alone it is said how many messages a client keeps.
    new = dict.fromkeys(NEW, "passed") | dict.fromkeys(NEW[-4:], "not offered")
    if opener != "Store":
        new["a_client_with_another_window_reads_it"] = "not offered"
    assert {name: rows[name]["verdict"] for name in NEW} == new
    assert {name for name, row in rows.items() if row["since"] > 1} == set(NEW)


def test_the_package_is_typed(python: Path) -> None:
    """The installed package says that its annotations are for others too, and needs no extra."""
    code = (
        "import importlib.util, reference_impl, pathlib;"
        "print(pathlib.Path(reference_impl.__file__).with_name('py.typed').exists(),"
        " importlib.util.find_spec('hypothesis'), importlib.util.find_spec('openai'))"
    )
    done = subprocess.run([str(python), "-c", code], cwd="/", capture_output=True, text=True)
    assert done.stdout.split() == ["True", "None", "None"], done.stderr
