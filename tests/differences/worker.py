"""One target in a process of its own: takes a step from its standard input and says what happened.

`python -m tests.differences.worker ROOT`. Each step is a line of JSON, and so is each answer: what
was returned or raised, and the whole tree of files after it.
"""

import asyncio
import builtins
import contextlib
import fcntl
import inspect
import io
import json
import logging
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from praisonai_bot.bots import BotSessionManager
from praisonaiagents import Agent
from praisonaiagents import session as package

from tests.differences.wire import decode, encode
from tests.subject.model_server import ModelServer

Step = dict[str, Any]
_IS_REFERENCE = Agent.__module__.startswith("reference_impl")
_monotonic = time.monotonic
_fsync, _replace, _open, _os_open = os.fsync, os.replace, builtins.open, os.open


class _Agent:
    """An agent that needs no model; its name says what it does beside answering."""

    def __init__(self, name: str, store: Any) -> None:
        self.chat_history: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self._does, self._store = name, store

    def chat(self, prompt: str, *args: Any, **named: Any) -> str:
        self.sent = list(self.chat_history)
        if self._does == "failing":
            raise RuntimeError("the model cannot be reached")
        if self._does == "slow":
            # Meanwhile another process stores a message.
            self._store.add_user_message("bot_telegram_7", "meanwhile")
        turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": "Yes."}]
        self.chat_history = [*self.chat_history, *turns]
        return "Yes."


class Stage:
    """The directory, the stores, the bots and the agents of one program, and a model for them."""

    def __init__(self, root: Path, model: ModelServer) -> None:
        self.root = root
        self.model = model
        self.base = root
        self.count = 0
        self.start()

    def start(self) -> None:
        """An empty directory that is the home too, so that one `sessions` is everybody's."""
        shutil.rmtree(self.base, ignore_errors=True)
        self.count += 1
        self.base = self.root / f"{self.count}"
        self.base.mkdir(parents=True)
        os.chdir(self.base)
        os.environ["PRAISONAI_HOME"] = str(self.base)
        for name in ("PRAISONAI_SESSION_RETENTION", "PRAISONAI_SESSION_ACTIVE_WINDOW"):
            os.environ.pop(name, None)
        self.known: dict[str, Any] = {}
        self.later = 0.0
        time.monotonic = lambda: _monotonic() + self.later
        # Agents wait for its lock as others do here, and not for the 5 seconds of its default.
        _make_default(package.DefaultSessionStore(str(self.base / "sessions"), lock_timeout=0.05))

    def take(self, step: Step) -> dict[str, Any]:
        """Do a step and say what it did."""
        flushed: list[int] = []
        os.fsync = lambda file: flushed.append(file) or _fsync(file)
        try:
            with _fault(step), self._failing_model(step):
                answer = {"returned": encode(self.do(step))}
        except Exception as error:
            answer = {"raised": _kind(error), "says": str(error)[:200]}
        finally:
            os.fsync = _fsync
        return {"answer": answer, "flushed": bool(flushed), "tree": tree(self.base)}

    def do(self, step: Step) -> Any:
        """The value of a step."""
        left_out = step.get("without", ()) if _IS_REFERENCE else ()
        given = {
            name: decode(value)
            for name, value in step.get("given", {}).items()
            if name not in left_out
        }
        on, method = step.get("on", "store"), step.get("method", "")
        match step["do"]:
            case "open":
                self.known[on] = package.DefaultSessionStore(**given)
                return None
            case "open default":
                os.environ |= given
                _make_default(None)
                self.known[on] = package.get_default_session_store()
                return vars(self.known[on]) and {
                    name: getattr(self.known[on], name)
                    for name in ("max_messages", "lock_timeout", "retention", "active_window")
                }
            case "call":
                return getattr(self._store(on), method)(**given)
            case "make":
                return _of(getattr(package, on)(**given), method, step)
            case "read":
                made = getattr(package, on).from_dict(given["data"])
                return _of(made, method, step)
            case "bot":
                store = None if step.get("store", "store") is None else self._store("store")
                self.known[on] = BotSessionManager(store=store, **given)
                return None
            case "ask the bot":
                agent = self._agent(step.get("agent", "one"), self._store("store"))
                answer = asyncio.run(self.known[on].chat(agent, **given))
                return {"answer": answer, "sent": getattr(agent, "sent", None)}
            case "tell the bot":
                return self._told(step, given)
            case "later":
                self.later += given["seconds"]
                return None
            case "agent":
                self.known[on] = Agent(**given)
                return None
            case "ask the agent":
                self.model.requests.clear()
                had = [dict(each) for each in self.known[on].chat_history]
                answer = _asked(self.known[on], step, given)
                return {"answer": answer, "sent": _sent(self.model.requests), "had": had}
            case "plant":
                path = self.base / given["path"]
                path.parent.mkdir(parents=True, exist_ok=True)
                data = given["data"]
                path.write_bytes(data if isinstance(data, bytes) else data.encode())
                _age(path)
                return None
            case "remove":
                (self.base / given["path"]).unlink(missing_ok=True)
                return None
            case "move":
                (self.base / given["old"]).rename(self.base / given["new"])
                return None
            case "link":
                (self.base / given["path"]).symlink_to(given["to"])
                return None
            case "change directory":
                Path(given["to"]).mkdir(exist_ok=True)
                os.chdir(given["to"])
                return None
        raise ValueError(f"no such step: {step['do']}")

    @contextlib.contextmanager
    def _failing_model(self, step: Step) -> Iterator[None]:
        self.model.failure = 400 if step.get("fault") == "model" else None
        try:
            yield
        finally:
            self.model.failure = None

    def _told(self, step: Step, given: dict[str, Any]) -> Any:
        on, method = self.known[step["on"]], step["method"]
        if _IS_REFERENCE and (instead := step.get("instead")):
            # What the page says does the same.
            return getattr(self._store("store"), instead["method"])(**instead["given"])
        if isinstance(given.get("agent"), str):
            given["agent"] = self._agent(given["agent"], self._store("store"))
        found = getattr(on, method)
        found = found(**given) if callable(found) else found
        return asyncio.run(found) if inspect.iscoroutine(found) else found

    def _agent(self, name: str, store: Any) -> Any:
        if name == "with a session":
            return Agent(name="A", instructions="Be brief.", memory={"session_id": "shared"})
        return self.known.setdefault(name, _Agent(name, store))

    def _store(self, name: str) -> Any:
        if name not in self.known:
            self.known[name] = package.DefaultSessionStore("sessions", lock_timeout=0.05)
        return self.known[name]


def _make_default(store: Any) -> None:
    """Let a store be the default one of this process; None lets the target make its own."""
    module = sys.modules[package.get_default_session_store.__module__]
    name = next(each for each in ("_default_store", "_default") if hasattr(module, each))
    setattr(module, name, store)


def _asked(agent: Any, step: Step, given: dict[str, Any]) -> Any:
    # What an agent prints is for people.
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        found = getattr(agent, step["method"])(**given)
        if inspect.iscoroutine(found):
            return asyncio.run(found)
        if not isinstance(found, Iterator):
            return found
        if not step.get("closed"):
            return "".join(map(str, found))
        first = next((piece for piece in found if piece), "")
        found.close()  # type: ignore[attr-defined]
        return first


def _sent(requests: list[Any]) -> list[Any]:
    """What the model was sent first, but for the instructions."""
    messages = requests[0]["messages"] if requests else []
    return [each for each in messages if each["role"] != "system"]


def _of(made: Any, method: str, step: Step) -> Any:
    """What a method of a value answers, and what the value is after it; without one, the value."""
    if not method:
        return made
    given = {name: decode(value) for name, value in step.get("with", {}).items()}
    return [getattr(made, method)(**given), made]


def _kind(error: Exception) -> str:
    """The class of an error as a caller can catch it on both targets: Python's own."""
    found = next(each for each in type(error).__mro__ if each.__module__ == "builtins")
    return "OSError" if issubclass(found, OSError) else found.__name__


@contextlib.contextmanager
def _fault(step: Step) -> Iterator[None]:
    """What keeps the step from working: `fault` names it, `at` the file that it is about."""
    kind, at = step.get("fault"), os.path.abspath(step.get("at", "sessions/chat.json"))
    if kind in (None, "model"):
        yield
    elif kind == "locked":
        os.makedirs(os.path.dirname(at), exist_ok=True)
        with _open(f"{at}.lock", "a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
    elif kind == "full":
        with _patched(os, "replace", _refusing(_replace, at, 28, 1)):
            yield
    elif kind == "unreadable" and not os.path.lexists(at):
        yield  # what is not there is not read
    elif kind == "unreadable":
        with (
            _patched(builtins, "open", _refusing(_open, at, 5, 0)),
            _patched(os, "open", _refusing(_os_open, at, 5, 0)),
        ):
            yield
    else:
        raise ValueError(f"no such fault: {kind}")


def _refusing(call: Callable[..., Any], path: str, number: int, place: int) -> Callable[..., Any]:
    def refusing(*args: Any, **named: Any) -> Any:
        if isinstance(args[place], str | os.PathLike) and os.path.abspath(args[place]) == path:
            raise OSError(number, os.strerror(number), path)
        return call(*args, **named)

    return refusing


@contextlib.contextmanager
def _patched(module: Any, name: str, other: Any) -> Iterator[None]:
    own = getattr(module, name)
    setattr(module, name, other)
    try:
        yield
    finally:
        setattr(module, name, own)


def _age(path: Path) -> None:
    """Let a file be an hour old: nobody is in the middle of writing it."""
    os.utime(path, (time.time() - 3_600,) * 2)


def tree(base: Path) -> dict[str, Any]:
    """Every file, directory and link below `base`, with mode and bytes."""
    found: dict[str, Any] = {}
    for directory, below, files in os.walk(base):
        for name in sorted([*below, *files]):
            path = Path(directory, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISFIFO(mode):
                continue  # the queue of those who wait for a lock
            one: dict[str, Any] = {"mode": stat.S_IMODE(mode)}
            if stat.S_ISLNK(mode):
                one["to"] = os.readlink(path)
            elif stat.S_ISREG(mode):
                one["data"] = path.read_bytes().decode("latin-1")
            found[path.relative_to(base).as_posix()] = one
    return found


def restore(base: Path, wanted: dict[str, Any]) -> None:
    """Make the files below `base` those of `wanted`; what is equal is left alone."""
    there = tree(base)
    for name in sorted(there.keys() - wanted.keys(), reverse=True):
        path = base / name
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    for name, one in sorted(wanted.items()):
        path = base / name
        if there.get(name) == one:
            continue
        if "to" in one:
            path.unlink(missing_ok=True)
            path.symlink_to(one["to"])
            continue
        if "data" not in one:
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(one["data"].encode("latin-1"))
            _age(path)
        path.chmod(one["mode"])


def main() -> None:
    """Serve until the standard input ends."""
    os.umask(0o022)
    logging.disable(logging.CRITICAL)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with ModelServer() as model:
        os.environ |= model.environment
        _serve(Stage(Path(sys.argv[1]).resolve(), model), answers)


def _serve(stage: Stage, answers: io.TextIOWrapper) -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        if "step" in asked:
            told = stage.take(asked["step"])
        elif "restore" in asked:
            restore(stage.base, asked["restore"])
            told = {}
        else:
            stage.start()
            told = {"base": str(stage.base), "now": time.time()}
        answers.write(json.dumps(told) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
