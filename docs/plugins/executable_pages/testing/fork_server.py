"""A process that imports packages, and then becomes each program that it is asked for.

`python fork_server.py SOCKET MODULE ...`. A program starts in a few milliseconds instead of the
second in which a model's client is imported. `testing/forks.py` asks, and says
what for.
"""

# ruff: noqa: E402 - the shelf has to note what is imported from the first import on.
import builtins
import sys

_FRESH = frozenset(sys.modules)


class Shelf:
    """What was imported ahead, out of sight until the program imports it.

    A module brings back what it has imported itself, and nothing else: a program that has forgotten
    an import fails as it does in a new interpreter.
    """

    def __init__(self) -> None:
        self._imported: dict[str, set[str]] = {}
        self._sought: set[str] = set()
        self._seen = set(_FRESH)
        self._modules: dict[str, Any] = {}
        self._specs: dict[str, Any] = {}
        self._import = builtins.__import__
        builtins.__import__ = self._note
        sys.meta_path.insert(0, self)

    def _note(
        self,
        name: str,
        globals: "Mapping[str, Any] | None" = None,
        locals: "Mapping[str, Any] | None" = None,
        fromlist: "Sequence[str] | None" = (),
        level: int = 0,
    ) -> "Any":
        found = self._import(name, globals, locals, fromlist or (), level)
        about = globals or {}
        if level:
            package = (about.get("__package__") or "").rsplit(".", level - 1)[0]
            name = f"{package}.{name}" if name else package
        self._imports().update({name, *(f"{name}.{each}" for each in fromlist or ())})
        # A module may also put others there itself, which nobody looks for.
        new = sys.modules.keys() - self._seen
        self._seen |= new
        self._imported.setdefault(name, set()).update(new - self._sought)
        return found

    def _imports(self) -> "set[str]":
        """What the module imports that is being imported: it may let another do it."""
        frame = sys._getframe(2)
        while frame.f_back and frame.f_code.co_name != "<module>":
            frame = frame.f_back
        return self._imported.setdefault(frame.f_globals["__name__"], set())

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "Any":
        """How to bring a module back; None for those that are not here."""
        if builtins.__import__ == self._note:
            self._imports().add(name)
            self._sought.add(name)
            return None
        if name not in self._modules:
            return None
        own = getattr(self._modules[name], "__spec__", None)
        loader: Any = self
        spec = type(sys.__spec__)(name, loader, origin=getattr(own, "origin", None))
        spec.submodule_search_locations = getattr(own, "submodule_search_locations", None)
        return spec

    def hide(self) -> None:
        """Put away all that a new interpreter does not have."""
        builtins.__import__ = self._import
        self._modules = {n: each for n, each in sys.modules.items() if n not in _FRESH}
        for name, module in self._modules.items():
            del sys.modules[name]
            owner, child = self._owner(name)
            if getattr(owner, "__dict__", {}).get(child) is module:
                delattr(owner, child)

    def _owner(self, name: str) -> "tuple[Any, str]":
        parent, _, child = name.rpartition(".")
        return self._modules.get(parent) or sys.modules.get(parent), child

    def create_module(self, spec: "Any") -> "Any":
        """The module, with all that it has imported."""
        found = self._modules[spec.name]
        self._specs[spec.name] = getattr(found, "__spec__", None)
        wanted = [spec.name]
        while wanted:
            name = wanted.pop()
            if name not in self._modules:
                continue
            owner, child = self._owner(name)
            module = self._modules.pop(name)
            sys.modules[name] = module
            if owner is not None:
                setattr(owner, child, module)
            wanted += [name.rpartition(".")[0], *self._imported.get(name, ())]
        return found

    def exec_module(self, module: "Any") -> None:
        """It has been run."""
        for name in [name for name in self._specs if sys.modules.get(name) is module]:
            module.__spec__ = self._specs.pop(name)


shelf = Shelf()

import atexit
import gc
import json
import os
import select
import signal
import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn


class Server:
    """Forks for each request, and tells whoever asked how the program ended.

    Requests come through a socket; through several when `door` is one to which callers connect.
    """

    def __init__(self, door: socket.socket) -> None:
        self._door = door
        self._is_shared = bool(door.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
        self._callers = [] if self._is_shared else [door]
        self._running: dict[int, socket.socket] = {}
        self._ended, self._wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._wakes)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # The terminal's Ctrl-C is for the programs.
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def serve(self) -> dict[str, Any] | None:
        """In a new process the program that it shall become; None when nobody asks any more."""
        while self._callers or self._is_awaited():
            waited: list[Any] = [self._ended, *{self._door, *self._callers}]
            ready, _, _ = select.select(waited, [], [], None if self._callers else 1)
            if self._ended in ready:
                os.read(self._ended, 512)
                self._reap()
            if self._is_shared and self._door in ready:
                self._callers.append(self._door.accept()[0])
            for caller in [each for each in self._callers if each in ready]:
                if program := self._answer(caller):
                    return program
        return None

    def _is_awaited(self) -> bool:
        """Whether the process goes on for whose children it is, which may call."""
        place = Path(self._door.getsockname() if self._is_shared else "/")
        owner = place.parent.name.split("-")[1:2]
        return bool(owner) and place.exists() and Path("/proc", *owner).exists()

    def _answer(self, caller: socket.socket) -> dict[str, Any] | None:
        head, files, _, _ = socket.recv_fds(caller, 8, 4)
        size, request = int.from_bytes(head), b""
        while len(request) < size and (more := caller.recv(size - len(request))):
            request += more
        if not head or len(request) < size:
            # Whoever asked has ended, perhaps in the middle of it.
            self._callers.remove(caller)
            for file in files:
                os.close(file)
            return None
        pid = os.fork()
        if pid == 0:
            self._leave(files)
            return dict(json.loads(request))
        asker = socket.socket(fileno=files.pop())
        for file in files:
            os.close(file)
        self._running[pid] = asker
        asker.sendall(pid.to_bytes(8))
        return None

    def _reap(self) -> None:
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            with self._running.pop(pid) as asker:
                try:
                    asker.sendall(os.waitstatus_to_exitcode(status).to_bytes(8, signed=True))
                except OSError:
                    continue

    def _leave(self, files: list[int]) -> None:
        """Become a process that has nothing of the server, and the caller's streams."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.close(self._ended)
        os.close(self._wakes)
        for each in (self._door, *self._callers, *self._running.values()):
            each.close()
        for stream, file in enumerate(files[:3]):
            os.dup2(file, stream)
        for file in files:
            os.close(file)


def become(program: dict[str, Any], path: list[str]) -> NoReturn:
    """Run a program as `python` would: a file, `-c` with a text, or `-m` with a name.

    It ends without taking apart what was imported, which takes longer than most programs.
    """
    os.chdir(program["cwd"])
    os.environ.clear()
    os.environ.update(program["env"])
    added = [each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each]
    sys.path[:] = [*added, *(each for each in path if each not in added)]
    sys.path_importer_cache.clear()
    main = ModuleType("__main__")
    sys.modules["__main__"] = main
    code = 0
    try:
        _run(program["args"], main)
    except SystemExit as error:
        code = _code_of(error)
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        code = 1
    if "threading" in sys.modules:
        threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    # Files that the program left open are written.
    vars(main).clear()
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or 120
    os._exit(code & 0xFF)


def _run(args: list[str], main: ModuleType) -> None:
    first, *rest = args
    sys.argv[:] = args
    if first == "-m":
        sys.path.insert(0, os.getcwd())
        sys.argv[:] = rest
        import runpy

        # What `python -m` runs itself, so that tracebacks are the same.
        runpy._run_module_as_main(rest[0])  # type: ignore[attr-defined]
        return
    if first == "-c":
        sys.path.insert(0, "")
        sys.argv[:] = [first, *rest[1:]]
        source, name = rest[0].encode(), "<string>"
    else:
        sys.path.insert(0, str(Path(first).resolve().parent))
        source, name = Path(first).read_bytes(), os.path.abspath(first)
        main.__file__ = name
    exec(compile(source, name, "exec", dont_inherit=True), vars(main))


def _code_of(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    print(error.code, file=sys.stderr)
    return 1


def main() -> None:
    """Import the modules, then serve."""
    path = list(sys.path)
    # What is there now is never freed: looking for garbage meanwhile takes a tenth of the time.
    gc.disable()
    import runpy  # noqa: F401

    for name in sys.argv[2:]:
        with suppress(ImportError):
            import_module(name)
    shelf.hide()
    # Otherwise each process would copy the memory that it counts.
    gc.freeze()
    gc.enable()
    door = socket.socket(fileno=int(sys.argv[1]))
    program = Server(door).serve()
    if program is None:
        with suppress(OSError):
            os.unlink(door.getsockname())
        # There is nothing to write, and taking apart what was imported takes a tenth of a second.
        os._exit(0)
    become(program, path)


if __name__ == "__main__":
    main()
