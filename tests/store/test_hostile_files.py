"""What stands under the names of a session and is no file of it: refused, and nobody hangs."""

import os
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from reference_impl import DefaultSessionStore
from tests.subject.targets import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")

NOBODY = 65534
Put = Callable[[Path, Path], None]


def in_time(call: Callable[[], Any], seconds: float = 10) -> Any:
    """What a call returned or raised, unless it hangs."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(call())
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    assert found, "the call hangs"
    return found[0]


def link(path: Path, elsewhere: Path) -> None:
    """A symbolic link to somebody's sound session."""
    elsewhere.write_text('{"messages": [{"role": "user", "content": "of somebody else"}]}')
    path.symlink_to(elsewhere)


def broken_link(path: Path, elsewhere: Path) -> None:
    """A symbolic link to nothing yet."""
    path.symlink_to(elsewhere)


def pipe(path: Path, elsewhere: Path) -> None:
    """A pipe that nobody writes to or reads from."""
    os.mkfifo(path)


def directory(path: Path, elsewhere: Path) -> None:
    """A directory with something in it."""
    path.mkdir()
    (path / "kept").write_text("x")


def socket(path: Path, elsewhere: Path) -> None:
    """A socket."""
    os.mknod(path, stat.S_IFSOCK | 0o600)


ODD = [link, broken_link, pipe, directory, socket]


def calls(store: DefaultSessionStore) -> dict[str, Callable[[], Any]]:
    """One call of each kind."""
    return {
        "read": lambda: store.get_chat_history("s"),
        "session": lambda: store.get_session("s"),
        "exists": lambda: store.session_exists("s"),
        "metadata": lambda: store.update_session_metadata("s", n=1),
        "clear": lambda: store.clear_session("s"),
        "append": lambda: store.add_user_message("s", "x"),
        "delete": lambda: store.delete_session("s"),
    }


def look(place: Path) -> dict[str, tuple[int, bytes]]:
    """Kind and content of what is below a directory, locks left out."""
    found = {}
    for path in place.rglob("*"):
        if path.suffix not in (".lock", ".wait"):
            mode = path.lstat().st_mode
            data = path.read_bytes() if stat.S_ISREG(mode) else b""
            found[str(path.relative_to(place))] = stat.S_IFMT(mode), data
    return found


@pytest.mark.proves("own-files")
@pytest.mark.parametrize("put", ODD)
def test_session_file_that_is_none_is_refused(tmp_path: Path, put: Put) -> None:
    """Every call names what stands in the place of a session's file, and touches nothing."""
    store = DefaultSessionStore(tmp_path / "sessions")
    put(tmp_path / "sessions" / "s.json", tmp_path / "elsewhere.json")
    before = look(tmp_path)
    for name, call in calls(store).items():
        answer = in_time(call)
        if name in ("append", "delete"):
            assert answer is False, name
        else:
            assert isinstance(answer, OSError), (name, answer)
            assert "s.json" in str(answer), name
    after = look(tmp_path)
    assert {path: what for path, what in after.items() if not path.startswith("home")} == before


@pytest.mark.proves("own-files")
@pytest.mark.parametrize("put", ODD)
@pytest.mark.parametrize("name", ["s.json.lock", ".s.wait", ".s.json.tmp"])
def test_what_stands_beside_a_session_hangs_nobody(tmp_path: Path, name: str, put: Put) -> None:
    """In the place of a lock, the queue, its mark or the next content: an answer in time."""
    store = DefaultSessionStore(tmp_path / "sessions", lock_timeout=1)
    store.add_user_message("s", "precious")
    for path in (tmp_path / "sessions").iterdir():
        if path.name == name:
            path.unlink()
    put(tmp_path / "sessions" / name, tmp_path / "elsewhere.json")
    outside = tmp_path / "elsewhere.json"
    kept = outside.read_bytes() if outside.exists() else None
    fresh = DefaultSessionStore(tmp_path / "sessions", lock_timeout=1)
    for key, call in calls(fresh).items():
        if key not in ("clear", "delete"):
            assert isinstance(in_time(call), OSError | list | bool) or key == "session"
    # The same where somebody has to wait in the queue.
    with FileLock(tmp_path / "elsewhere.lock"):
        assert not isinstance(in_time(lambda: fresh.list_sessions()), Exception)
    assert (outside.read_bytes() if outside.exists() else None) == kept
    assert b"precious" in (tmp_path / "sessions" / "s.json").read_bytes()


@pytest.mark.parametrize("put", ODD)
def test_mark_that_is_none_hangs_no_waiter(tmp_path: Path, put: Put) -> None:
    """A waiter leaves what stands in the place of its mark unopened, and is served."""
    store = DefaultSessionStore(tmp_path / "sessions", lock_timeout=5)
    store.add_user_message("s", "a")
    put(tmp_path / "sessions" / ".s.wait", tmp_path / "elsewhere")
    kept = (tmp_path / "elsewhere").exists()
    held = FileLock(tmp_path / "sessions" / "s.json.lock", thread_local=False)
    held.acquire()
    threading.Timer(0.2, held.release).start()
    assert in_time(lambda: store.add_user_message("s", "b")) is True
    assert (tmp_path / "elsewhere").exists() is kept
    assert len(store.get_chat_history("s")) == 2


@pytest.mark.parametrize("put", [link, pipe, socket])
def test_directory_that_is_none_is_refused(tmp_path: Path, put: Put) -> None:
    """A store on what is no directory is not made."""
    put(tmp_path / "sessions", tmp_path / "elsewhere.json")
    made = in_time(lambda: DefaultSessionStore(tmp_path / "sessions"))
    assert isinstance(made, NotADirectoryError)
    assert "sessions" in str(made)


AS_NOBODY = """
import os, sys
from reference_impl import DefaultSessionStore
os.setgid(65534)
os.setuid(65534)
os.environ["PRAISONAI_HOME"] = sys.argv[2]
sys.path.insert(0, ".")
"""


def as_nobody(program: str, *arguments: Path) -> str:
    """What a program prints that runs as another user than root."""
    if os.geteuid() != 0:
        pytest.skip("only root can run a program as somebody else")
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY + program, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A place that another user may enter, unlike pytest's."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o711)
        (place / "home").mkdir()
        if os.geteuid() == 0:
            os.chown(place / "home", NOBODY, NOBODY)
        yield place


@pytest.mark.proves("own-files")
@pytest.mark.parametrize("mode", [0o666, 0o600])
def test_file_of_somebody_else_is_refused(open_place: Path, mode: int) -> None:
    """A session file of another user is neither read nor replaced, readable or not, and no turn
    waits for it."""
    place = open_place / "sessions"
    place.mkdir()
    (place / "s.json").write_text('{"messages": [{"role": "user", "content": "of root"}]}')
    (place / "s.json").chmod(mode)
    place.chmod(0o777)
    printed = as_nobody(
        """
store = DefaultSessionStore(sys.argv[1])
for call in (
    store.get_chat_history,
    store.get_session,
    store.clear_session,
    lambda session: store.add_user_message(session, "x"),
):
    try:
        print(call("s"))
    except OSError as error:
        print("belongs to the user 0" in str(error), "s.json" in str(error))
print(store.delete_session("s"), store.list_sessions())
""",
        place,
        open_place / "home",
    )
    assert printed.splitlines() == ["True True"] * 4 + ["False []"]
    assert [path.name for path in place.iterdir() if "waiting" in path.name] == []
    assert b"of root" in (place / "s.json").read_bytes()


def test_lock_of_somebody_else_is_named(open_place: Path) -> None:
    """A lock that another user made and lets nobody take is an error at once, with its owner."""
    place = open_place / "sessions"
    place.mkdir()
    (place / "s.json.lock").touch(mode=0o600)
    place.chmod(0o777)
    printed = as_nobody(
        """
store = DefaultSessionStore(sys.argv[1], lock_timeout=30)
try:
    print(store.add_user_message("s", "x"))
except OSError as error:
    print("belongs to the user 0" in str(error), "s.json.lock" in str(error))
""",
        place,
        open_place / "home",
    )
    assert printed == "True True\n"


USE = """
try:
    store = DefaultSessionStore(sys.argv[1])
    print(store.add_user_message("s", "a"), store.add_user_message("s", "b"))
    print(len(store.get_chat_history("s")), [each["id"] for each in store.list_sessions()])
except OSError as error:
    print(type(error).__name__, str(error)[:40])
"""


@pytest.mark.parametrize(
    ("owner", "group", "mode", "works"),
    [
        (10001, NOBODY, 0o770, True),
        (10001, NOBODY, 0o2775, True),
        (10001, 10001, 0o777, True),
        (10001, 10001, 0o1777, True),
        (0, 0, 0o777, True),
        (0, 0, 0o1777, True),
        (0, NOBODY, 0o770, True),
        (10001, 10001, 0o770, False),
        (10001, NOBODY, 0o750, False),
        (10001, 10001, 0o755, False),
        (0, 0, 0o755, False),
    ],
)
def test_directory_as_a_container_mounts_it(
    open_place: Path, owner: int, group: int, mode: int, works: bool
) -> None:
    """A directory that its owner lets this user write to works, and another is refused at once."""
    place = open_place / "sessions"
    place.mkdir()
    if os.geteuid() == 0:
        os.chown(place, owner, group)
    place.chmod(mode)
    printed = as_nobody(USE, place, open_place / "home").splitlines()
    if works:
        assert printed == ["True True", "2 ['s']"]
        assert stat.S_IMODE((place / "s.json").stat().st_mode) == 0o600
    else:
        # A directory of root's may be meant for others too, once somebody has set its rights.
        assert printed[:-1] == ["False False"] * (owner == 0)
        assert printed[-1].startswith(("PermissionError", "AnotherUsersFile"))


@pytest.mark.parametrize("mode", [0o733, 0o1733])
def test_directory_that_cannot_be_looked_into_works(open_place: Path, mode: int) -> None:
    """Where a directory may be written and not listed, writes and reads go on, and lists say so."""
    place = open_place / "sessions"
    place.mkdir()
    place.chmod(mode)
    printed = as_nobody(USE, place, open_place / "home").splitlines()
    assert printed[0] == "True True"
    assert printed[1].startswith("PermissionError")


def test_directory_that_cannot_be_listed_doubles_nothing(open_place: Path) -> None:
    """Where a directory may be written and not opened, each write is stored once."""
    place = open_place / "sessions"
    place.mkdir()
    if os.geteuid() == 0:
        os.chown(place, NOBODY, NOBODY)
    place.chmod(0o300)
    printed = as_nobody(
        """
store = DefaultSessionStore(sys.argv[1])
print([store.add_user_message("s", "once") for _ in range(3)])
os.chmod(sys.argv[1], 0o700)
print([message["content"] for message in store.get_chat_history("s")])
print(store.add_user_message("s", "once"), store.delete_session("s"), store.session_exists("s"))
""",
        place,
        open_place / "home",
    )
    assert printed.splitlines() == [
        "[True, True, True]",
        "['once', 'once', 'once']",
        "True True False",
    ]


@pytest.mark.proves("own-files")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077], ids=oct)
def test_files_are_their_owner_s_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    """Files 0600 and directories 0700, those made on the way and those set aside included."""
    place = tmp_path / "deep" / "home" / "sessions"
    program = """
import os, sys, threading
os.umask(int(sys.argv[2], 8))
from reference_impl import DefaultSessionStore
from filelock import FileLock
store = DefaultSessionStore(sys.argv[1])
store.add_user_message("s", "x")
store.add_user_message("c", "x")
with open(os.path.join(sys.argv[1], "c.json"), "w") as file:
    file.write("junk")
os.chmod(os.path.join(sys.argv[1], "c.json"), 0o644)
store.get_chat_history("c")
held = FileLock(os.path.join(sys.argv[1], "s.json.lock"), thread_local=False)
held.acquire()
threading.Timer(0.2, held.release).start()
store.add_user_message("s", "y")
"""
    arguments = [sys.executable, "-c", program, str(place), oct(umask)]
    subprocess.run(arguments, cwd=ROOT, check=True, timeout=60)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "deep").rglob("*")
        if path.is_file()
    }
    assert set(modes.values()) == {0o600}, modes
    assert any(".corrupt-" in name for name in modes)
    for made in (place, place.parent, place.parent.parent):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_mode_that_a_person_set_is_not_widened(store: DefaultSessionStore) -> None:
    """A file that somebody opened to others by hand is its owner's again after the next write."""
    store.add_user_message("s", "x")
    path = Path(store.session_dir) / "s.json"
    path.chmod(0o644)
    store.add_user_message("s", "y")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    Path(store.session_dir).chmod(0o750)
    DefaultSessionStore(store.session_dir).add_user_message("s", "z")
    assert stat.S_IMODE(Path(store.session_dir).stat().st_mode) == 0o750
