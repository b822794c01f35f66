"""What a recipe meets in production: restarts, closed connections, forks, silence, a cluster."""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis import Redis

from executable_pages.testing.processes import RemoteError, Worker
from executable_pages.testing.sandbox import Sandbox
from tests.contract.test_recipes import on
from tests.subject.recipes import RECIPES, Recipe
from tests.subject.servers import Service
from tests.subject.targets import Target

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the servers' wheels are for POSIX")

# A store that gives up sooner, so that nobody has to wait for the page's seconds.
IMPATIENT = {
    "redis": 'module.RedisSessionStore(os.environ["REDIS_URL"], timeout=2.0, answer=0.7)',
    "postgres": 'module.PostgresSessionStore(os.environ["DATABASE_URL"], timeout=2.0, answer=0.7)',
    "s3": 'module.S3SessionStore(os.environ["SESSION_BUCKET"], timeout=2.0, answer=0.7)',
    "nats": 'module.NatsSessionStore(os.environ["NATS_URL"], timeout=2.0, answer=0.7)',
    "sqlite": "module.open_store()",
    "filesystem": "module.open_store()",
}
CLIENT = """
import os
import {module} as module

store = {opened}
other = module.open_store()


def add(text, session="s"):
    return store.add_message(session, "user", text)


def texts(session="s"):
    return [message["content"] for message in store.get_chat_history(session)]


def forget(session="s"):
    return store.delete_session(session)


def fork(children, each):
    pids, (gate, opener) = [], os.pipe()
    for child in range(children):
        pid = os.fork()
        if pid == 0:
            try:
                # All begin together, when the parent opens the gate.
                os.close(opener)
                os.read(gate, 1)
                for number in range(each):
                    add(f"{{child}}-{{number}}", "forked")
                os._exit(0 if len(texts("forked")) > each else 1)
            except BaseException:
                os._exit(2)
        pids.append(pid)
    os.close(opener)
    os.close(gate)
    for number in range(each):
        add(f"parent-{{number}}", "forked")
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


def keep(role, content, **tools):
    forget("kept")
    store.add_message("kept", role, content, {{"note": [1, None]}}, **tools)
    return other.get_chat_history("kept")


def turn(calls, results):
    forget("turn")
    store.add_message("turn", "assistant", None, tool_calls=calls)
    for each in results:
        store.add_message("turn", "tool", "4 °C", tool_call_id=each)
    store.add_message("turn", "user", "and then")
    return other.get_chat_history("turn", 9)


def refuse(role, content, metadata):
    forget("refused")
    store.add_message("refused", "user", "first")
    try:
        store.add_message("refused", eval(role), eval(content), eval(metadata))
    except (TypeError, ValueError) as error:
        refused = str(error)
    else:
        refused = ""
    # Another client is let in at once: nothing was left open.
    other.add_message("refused", "user", "last")
    return refused, texts("refused")
"""


@pytest.fixture(scope="session")
def clients(
    tmp_path_factory: pytest.TempPathFactory, servers: Callable[[Recipe], dict[str, str]]
) -> Iterator[Callable[[Recipe], Worker]]:
    """Starts one process with a recipe's store when it is first asked for."""
    with ExitStack() as stack:
        started: dict[str, Worker] = {}

        def client(recipe: Recipe) -> Worker:
            if recipe.name not in started:
                sandbox = Sandbox(tmp_path_factory.mktemp("production") / recipe.page)
                worker = client_of(recipe, sandbox, servers(recipe), IMPATIENT[recipe.page])
                started[recipe.name] = stack.enter_context(worker)
            return started[recipe.name]

        yield client


@pytest.fixture
def client(recipe: Recipe, clients: Callable[[Recipe], Worker]) -> Worker:
    """A process with two clients of the recipe's store, and an empty session `s`."""
    worker = clients(recipe)
    worker.call("forget")
    return worker


def client_of(recipe: Recipe, sandbox: Sandbox, server: dict[str, str], opened: str) -> Worker:
    module = recipe.write(sandbox.work)
    program = CLIENT.format(module=module, opened=opened)
    path = sandbox.environment(Target.REFERENCE)["PYTHONPATH"]
    extra = {**server, "PYTHONPATH": f"{sandbox.work}{os.pathsep}{path}"}
    return Worker(program, sandbox, Target.REFERENCE, extra=extra)


SQLITE = next(each for each in RECIPES if each.page == "sqlite")
SERVED = [recipe for recipe in RECIPES if recipe.page in ("redis", "postgres", "nats", "s3")]


# First, since SeaweedFS may answer 500 for a moment after a restart.
@pytest.mark.proves("recipes-in-production")
@on(RECIPES)
def test_a_store_may_be_made_before_a_fork(recipe: Recipe, server: Any, client: Worker) -> None:
    """A store that was made and used before a fork works in the children and in the parent."""
    client.call("forget", "forked")
    client.call("add", "before", "forked")
    assert client.call("fork", 2, 3) == [0, 0]
    written = [f"{who}-{number}" for who in (0, 1, "parent") for number in range(3)]
    assert sorted(client.call("texts", "forked")) == sorted(["before", *written])


@pytest.mark.proves("recipes-in-production")
@on(SERVED)
def test_a_restart_of_the_server_is_not_noticed(
    recipe: Recipe, server: Service, client: Worker
) -> None:
    """The first read and the first write after a restart of the server do what they should."""
    client.call("add", "before")
    server.restart()
    assert client.call("texts") == ["before"]
    server.restart()
    assert client.call("add", "after") is True
    assert client.call("texts") == ["before", "after"]


def _close_connections(server: dict[str, str]) -> int:
    """Let the server close what its clients hold open; how many connections that were."""
    if "REDIS_URL" in server:
        with Redis.from_url(server["REDIS_URL"]) as admin:
            return int(admin.execute_command("CLIENT", "KILL", "TYPE", "normal"))
    with psycopg.connect(server["DATABASE_URL"]) as admin:
        others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = %s"
        ended = admin.execute(f"SELECT pg_terminate_backend(pid) {others}", ["client backend"])
        return len(ended.fetchall())


@pytest.mark.proves("recipes-in-production")
@on([recipe for recipe in SERVED if recipe.page in ("redis", "postgres")])
def test_closed_connections_are_not_noticed(
    recipe: Recipe, server: Service, client: Worker
) -> None:
    """A read, and a write, that finds its connection closed by the server opens another."""
    client.call("add", "before")
    for expected in (["before"], ["before", "after"]):
        assert _close_connections(server) > 0
        if len(expected) > 1:
            assert client.call("add", "after") is True
            _close_connections(server)
        assert client.call("texts") == expected


@pytest.mark.proves("recipes-in-production")
@on(SERVED)
def test_a_silent_server_is_an_error_in_time(
    recipe: Recipe, server: Service, client: Worker
) -> None:
    """A server that answers nothing is an error that says so, and when it goes on all is well."""
    client.call("add", "before")
    for call in ("add", "texts"):
        started = time.monotonic()
        with server.stalled(), pytest.raises(RemoteError) as caught:
            client.call(call, *(["unsure"] if call == "add" else []))
        assert 0.5 < time.monotonic() - started < 8
        assert re.search(r"(?i)time(d )?out|after \d.* sec", str(caught.value)), caught.value
    # Whether the message was stored is for the reader to find out, but never twice.
    assert client.call("texts") in (["before"], ["before", "unsure"])
    assert client.call("add", "after") is True
    assert client.call("texts")[-1] == "after"


CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
TEXT = {"type": "text", "text": "What is this?"}
PICTURE = {"type": "image_url", "image_url": {"url": "data:,"}}


@on(RECIPES)
def test_content_is_a_string_parts_or_nothing(recipe: Recipe, server: Any, client: Worker) -> None:
    """Parts come back as they were, and so does None beside tool calls where the store has them."""
    for content in ("text", [TEXT, PICTURE], ""):
        assert client.call("keep", "user", content) == [{"role": "user", "content": content}]
    if "tool_calls" not in recipe.block.text:
        with pytest.raises(RemoteError, match="tool_calls"):
            client.call("keep", "assistant", None, tool_calls=[CALL])
        return
    kept = client.call("keep", "assistant", None, tool_calls=[CALL])
    assert kept == [{"role": "assistant", "content": None, "tool_calls": [CALL]}]


@on(RECIPES)
def test_what_would_come_back_changed_is_refused(
    recipe: Recipe, server: Any, client: Worker
) -> None:
    """What JSON changes is refused by name before anything is written, and nothing stays open."""
    for role, content, metadata, named in (
        ('"user"', '("a", "b")', "None", "content"),
        ('"user"', '"\\ud83d\\ude00"', "None", "content"),
        ('"user"', '[{"n": float("nan")}]', "None", "content"),
        ('"user"', '"x"', '{1: "a"}', "metadata"),
        ('"user"', 'b"x"', "None", "content"),
        ('"user"', '"x"', '{"o": {1, 2}}', "metadata"),
    ):
        refused, kept = client.call("refuse", role, content, metadata)
        assert named in refused
        assert (bool(refused), kept) == (True, ["first", "last"])


@pytest.mark.proves("recipes-in-production")
def test_sqlite_waits_ten_seconds_for_a_process_that_opens_the_file(sandbox: Sandbox) -> None:
    """Where the first process to open the file was stopped, all wait, whatever `timeout` is."""
    import fcntl

    opened = 'module.SqliteSessionStore("sessions.db", timeout=0.2)'
    with client_of(SQLITE, sandbox, {}, opened) as client:
        client.call("add", "kept")
        with (sandbox.work / "sessions.db-shm").open("wb") as shared:
            # "Dead man's switch": what SQLite locks exclusively until the file beside is made.
            fcntl.lockf(shared, fcntl.LOCK_EX, 1, 128)
            start = time.monotonic()
            with pytest.raises(RemoteError, match="OperationalError: locking protocol"):
                client.call("texts")
            assert 8 < time.monotonic() - start < 30
        assert client.call("texts") == ["kept"]


@on([SQLITE])
def test_sqlite_begins_anew_when_its_file_was_removed(
    recipe: Recipe, server: dict[str, str], client: Worker
) -> None:
    """A file that is removed under a running store is an empty store for every call."""
    calls = [("texts",), ("add", "new"), ("forget",)]
    for call, answer in zip(calls, ([], True, True), strict=True):
        client.call("add", "old")
        Path(server["SESSION_DB"]).unlink()
        assert client.call(*call) == answer
    assert client.call("add", "more") is True
    assert client.call("texts") == ["more"]


OWNED = """
import os, stat, sys, threading
from pathlib import Path
import {module} as module

os.umask(0o022)
gate = threading.Barrier(8)


def use(number):
    gate.wait()
    module.open_store().add_message("s", "user", str(number))


threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
for each in threads: each.start()
for each in threads: each.join()
store = module.open_store()
print(len(store.get_chat_history("s")))
# A connection that is open keeps the files beside it.
with module.closing(store._connect()) as db:
    db.execute("BEGIN IMMEDIATE")
    for path in Path().iterdir():
        if path.name.startswith("sessions.db"):
            print(path.name, oct(stat.S_IMODE(path.stat().st_mode)))
"""


def test_sqlite_files_are_their_owners_alone(sandbox: Sandbox) -> None:
    """The file, also when eight threads make it at once, and those beside it have mode 0600."""
    module = SQLITE.write(sandbox.work)
    out = sandbox.python(OWNED.format(module=module), Target.REFERENCE).splitlines()
    files = ["sessions.db", "sessions.db-shm", "sessions.db-wal"]
    assert (out[0], sorted(out[1:])) == ("8", [f"{each} 0o600" for each in files])
    assert sorted(path.name for path in sandbox.work.glob("*tmp*")) == []


OWNED_BYTES = """
import os, stat
from pathlib import Path
import {module} as module

os.umask(0o022)
Path("bytes").mkdir()
os.environ |= {{"SESSION_URL": Path("bytes").absolute().as_uri(), "SESSION_LOCKS": "locks"}}
store = module.open_store()
for text in ("one", "two"):
    store.add_message("s", "user", text)
print([oct(stat.S_IMODE(path.stat().st_mode)) for path in Path("bytes").iterdir()])
"""


def test_files_of_a_local_file_system_are_their_owners_alone(sandbox: Sandbox) -> None:
    """A session's file has mode 0600 in a directory that all may read, new and written again."""
    [recipe] = [each for each in RECIPES if each.name == "File system"]
    module = recipe.write(sandbox.work)
    assert sandbox.python(OWNED_BYTES.format(module=module), Target.REFERENCE) == "['0o600']\n"


PAIRED = [CALL, CALL | {"id": "c2"}]
NAMELESS = {key: value for key, value in CALL.items() if key != "id"}
TURNS = {
    "no ids": ([NAMELESS], [None], 2),
    "empty ids": ([CALL | {"id": ""}], [""], 2),
    "ids of None": ([CALL | {"id": None}], [None], 2),
    "two without ids": ([NAMELESS, NAMELESS], [None, None], 3),
    "one id twice": ([CALL, CALL], ["c1", "c1"], 3),
    "one id twice, one answer": ([CALL, CALL], ["c1"], 0),
    "a result too many": ([CALL], ["c1", "c1"], 2),
    "two, in another order": (PAIRED, ["c2", "c1"], 3),
}


@on([recipe for recipe in RECIPES if "_whole" in recipe.block.text])
def test_tool_turns_are_paired_whatever_their_ids(
    recipe: Recipe, server: Any, client: Worker
) -> None:
    """Calls whose ids are missing, empty or equal are whole with as many results, or left out."""
    for what, (calls, results, kept) in TURNS.items():
        read = client.call("turn", calls, results)
        assert len(read) == kept + 1, (what, read)
        assert read[-1] == {"role": "user", "content": "and then"}
    for odd in ("call", 5, [5]):
        with pytest.raises(RemoteError, match="TypeError"):
            client.call("turn", odd, [])


def test_what_a_recipe_is_written_to_is_what_its_page_shows(tmp_path: Path) -> None:
    """Each store that these tests open is the class that the page shows."""
    for recipe in RECIPES:
        named = re.search(r"module\.(\w+Store)\(", IMPATIENT[recipe.page])
        assert named is None or f"class {named[1]}:" in recipe.block.text
