"""Runs blocks of Python in forks of this process, in any Python from 3.8 on: it needs no package.

It reads requests as lines of JSON and answers each with one: what each block of it came to. Modules
that many blocks import are imported once, before the first fork. No other machine is asked.
"""

import ast
import asyncio
import builtins
import contextlib
import difflib
import doctest
import importlib
import inspect
import io
import json
import os
import re
import shlex
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback

FILE = "<block>"
_LOCAL = ("127.0.0.1", "::1", "localhost", "0.0.0.0")
_PROXY = 9
_UNREACHABLE = re.compile(r"unreachable|name resolution|[Nn]ame or service not known")
_SERVICE = re.compile(r"api[ _-]?key|credential|unauthori[sz]ed|access token", re.IGNORECASE)
_KEYWORD = re.compile(r"(?P<of>[\w.]+)\(\) got an unexpected keyword argument '(?P<name>\w+)'")
_COUNT = re.compile(r"\(\) (?:missing \d+ required|takes .* positional)")
asked: "list[str]" = []
servers: "set[int]" = set()


class TooLong(BaseException):
    """A block has not ended in time."""


def _watch(event, arguments):
    """Refuse every address of another machine, and remember which it was."""
    host = None
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
        # The proxy to which programs are sent that ask for another machine.
        host = "another machine" if arguments[1][1] == _PROXY else host
    if host is not None:
        host = host.decode() if isinstance(host, bytes) else str(host)
        if host not in _LOCAL:
            asked.append(host)
            raise ConnectionRefusedError(f"no network here, and {host} is asked")


def _late(*_):
    raise TooLong


def ahead(modules, limit):
    """Import modules for all forks; one that fails, or takes too long, fails in its blocks too."""
    signal.signal(signal.SIGALRM, _late)
    for name in modules:
        signal.alarm(limit)
        try:
            importlib.import_module(name)
        except BaseException:
            continue
        finally:
            signal.alarm(0)


def serve(name, command, directory):
    """Start a server in the network of the blocks, which find its first line in a variable."""
    pipe, silent = subprocess.PIPE, subprocess.DEVNULL
    started = subprocess.Popen(
        shlex.split(command), cwd=directory, stdin=silent, stdout=pipe, preexec_fn=_end_with_parent
    )
    servers.add(started.pid)
    assert started.stdout is not None
    os.environ[name] = started.stdout.readline().decode().strip()


def _end_with_parent():
    set_parent_death_signal = 1
    _prctl(set_parent_death_signal, signal.SIGKILL)


def _near(wanted, known):
    known = sorted(str(each) for each in known if not str(each).startswith("_"))
    near = difflib.get_close_matches(wanted, known, 3, 0.5)
    if near:
        return f"; there is {', '.join(near)}"
    return f"; there are {', '.join(known[:8])}{', ...' if len(known) > 8 else ''}" if known else ""


def _callee(text, line, keyword, space):
    """What is called with a keyword on a line of a block."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not any(each.arg == keyword for each in node.keywords):
            continue
        if node.lineno <= line <= (node.end_lineno or line):
            try:
                return eval(compile(ast.Expression(node.func), FILE, "eval"), space)
            except Exception:
                return None
    return None


def _missing(error):
    name = error.name or ""
    top = name.partition(".")[0]
    try:
        found = importlib.import_module(top)
    except BaseException:
        return "package", f"the package {top} is not installed"
    import pkgutil

    inside = [each.name for each in pkgutil.iter_modules(getattr(found, "__path__", []))]
    wanted = name.rpartition(".")[2]
    return "attribute", f"there is no module {name}{_near(wanted, inside)}"


def _kind(error, text, line, space):
    """What kind of failure an error is, and what to say of it."""
    said = "".join(traceback.format_exception_only(type(error), error)).strip().split("\n")[-1]
    said = f"{type(error).__name__}: {error}" if isinstance(error, SyntaxError) else said
    if asked and not isinstance(error, (NameError, TooLong)):
        return "network", f"{asked[-1]} is asked: {said[:200]}"
    if isinstance(error, NameError) and not isinstance(error, UnboundLocalError):
        return "name", said
    if isinstance(error, ModuleNotFoundError):
        return _missing(error)
    if isinstance(error, ImportError):
        wanted = re.search(r"cannot import name '(\w+)'", str(error))
        module = sys.modules.get(error.name or "")
        if wanted and module is not None:
            hint = _near(wanted[1], dir(module))
            return "attribute", f"{error.name} has no {wanted[1]}{hint}"
        return "package", said
    if isinstance(error, AttributeError):
        wanted = re.search(r"has no attribute '(\w+)'", str(error))
        thing = getattr(error, "obj", None)
        hint = _near(wanted[1], dir(thing)) if wanted and thing is not None else ""
        return "attribute", f"{error}{hint}"
    if isinstance(error, TypeError):
        match = _KEYWORD.search(str(error))
        if match:
            called = _callee(text, line, match["name"], space)
            try:
                takes = list(inspect.signature(called).parameters) if called else []
            except (TypeError, ValueError):
                takes = []
            hint = _near(match["name"], takes)
            return "parameter", f"{match['of']}() takes no {match['name']}{hint}"
        if _COUNT.search(str(error)):
            return "parameter", str(error)
    if isinstance(error, TooLong):
        return "time", "it does not end in time"
    if isinstance(error, EOFError):
        return "input", "it asks for input"
    if isinstance(error, FileNotFoundError):
        return "file", said
    if _SERVICE.search(said) or _UNREACHABLE.search(said):
        return "network", said[:300]
    return "other", said[:300]


def _said(error):
    """The first line of what Python says of an error."""
    return f"{type(error).__name__}: {error}".strip().split("\n")[0][:300]


def _line(error):
    if isinstance(error, SyntaxError) and error.filename == FILE:
        return error.lineno or 0
    found, step = 0, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == FILE:
            found = step.tb_lineno
        step = step.tb_next
    return found


class Wrong(Exception):
    """A line that a block shows was not printed."""

    def __init__(self, line, what):
        super().__init__(what)
        self.line = line


def _session(text, space, out):
    """Run what stands behind prompts, each with what it shows."""
    checker, options = doctest.OutputChecker(), doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    for example in doctest.DocTestParser().get_examples(text):
        before = len(out.getvalue())
        source = "\n" * example.lineno + example.source
        try:
            exec(compile(source, FILE, "single", dont_inherit=True), space)
        except Exception as error:
            if example.exc_msg is None or str(error) not in example.exc_msg:
                raise
            continue
        printed = out.getvalue()[before:]
        if example.want and not checker.check_output(example.want, printed, options):
            raise Wrong(example.lineno + 1, f"it prints {printed.strip()[:100]!r} and not "
                        f"{example.want.strip()[:100]!r}")  # fmt: skip


def _shown(text, printed):
    """Hold what is printed against `#>` lines."""
    lines = [line.rstrip() for line in printed.split("\n")]
    for number, line in enumerate(text.split("\n"), 1):
        mark = line.lstrip()
        if mark.startswith("#> ") and mark[3:].rstrip() not in lines:
            raise Wrong(number, f"it does not print {mark[3:].rstrip()!r}")


def run(block, space, limit):
    """Run one block and say what it came to."""
    text, written = block
    out = io.StringIO()
    sys.stdout, sys.stdin = out, io.StringIO()
    del asked[:]
    signal.alarm(limit)
    began = time.monotonic()
    try:
        if any(line.startswith(">>>") for line in written.split("\n")):
            _session(written, space, out)
        else:
            code = compile(text, FILE, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
            made = eval(code, space)
            if inspect.iscoroutine(made):
                asyncio.run(made)
            _shown(written, out.getvalue())
        told = {"kind": ""}
    except Wrong as error:
        told = {"kind": "output", "what": str(error), "line": error.line}
    except SystemExit as error:
        told = {"kind": "other" if error.code else "", "what": f"it ends with {error.code}"}
    except BaseException as error:
        line = _line(error)
        kind, what = _kind(error, text, line, space)
        told = {"kind": kind, "what": what, "line": line, "said": _said(error)}
    finally:
        signal.alarm(0)
    return {**told, "seconds": round(time.monotonic() - began, 2)}


def _fork(request):
    """Run a request in a fork and return what each of its blocks came to."""
    limit = request["limit"]
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        os.setsid()
        # Nobody else would end it, were its parent killed.
        _end_with_parent()
        os.close(reader)
        silent = os.open(os.devnull, os.O_RDWR)
        for each in (0, 1, 2):
            os.dup2(silent, each)
        os.chdir(request["cwd"])
        sys.argv, sys.path[0] = [FILE], request["cwd"]
        space = {"__name__": "__main__", "__builtins__": builtins}
        module = type(sys)("__main__")
        vars(module).update(space)
        sys.modules["__main__"] = module
        signal.signal(signal.SIGALRM, _late)
        with os.fdopen(writer, "w") as answers:
            for block in request["blocks"]:
                answers.write(json.dumps(run(block, vars(module), limit)) + "\n")
                answers.flush()
        os._exit(0)
    os.close(writer)
    dead = {"kind": "time", "what": "it does not end in time", "line": 0}
    told, deadline = b"", time.monotonic() + limit + 2
    os.set_blocking(reader, False)
    while time.monotonic() < deadline:
        try:
            part = os.read(reader, 65536)
        except BlockingIOError:
            # What a block has started may hold the pipe open when the block itself is gone.
            if os.waitpid(pid, os.WNOHANG)[0]:
                dead = {"kind": "other", "what": "the process has ended", "line": 0}
                pid = 0
                break
            time.sleep(0.005)
            continue
        if not part:
            dead = {"kind": "other", "what": "the process has ended", "line": 0}
            break
        told, deadline = told + part, time.monotonic() + limit + 2
    with contextlib.suppress(BlockingIOError):
        told += os.read(reader, 1_000_000)
    os.close(reader)
    _end_children()
    found = [json.loads(line) for line in told.decode().split("\n")[:-1]]
    return found + [dead] * (len(request["blocks"]) - len(found))


def _prctl(option, value):
    """Ask something of Linux for this process; elsewhere it is not to be had."""
    with contextlib.suppress(Exception):
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _adopt():
    """Let what a block leaves behind become a child of this process, which then ends it."""
    set_child_subreaper = 36
    _prctl(set_child_subreaper, 1)


def _end_children():
    """End whatever still runs of a block."""
    while True:
        children = []
        with contextlib.suppress(OSError), open(f"/proc/self/task/{os.getpid()}/children") as file:
            children = [int(each) for each in file.read().split() if int(each) not in servers]
        for each in children:
            with contextlib.suppress(OSError):
                os.kill(each, signal.SIGKILL)
        try:
            if not os.waitpid(-1, 0 if children else os.WNOHANG)[0]:
                return
        except ChildProcessError:
            return


def _bring_up_loopback():
    """Let a process without a network talk to itself."""
    with (
        contextlib.suppress(Exception),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_one,
    ):
        import fcntl

        set_flags, is_up = 0x8914, 1
        fcntl.ioctl(any_one, set_flags, struct.pack("16sh14x", b"lo", is_up))


def main():
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    _adopt()
    _bring_up_loopback()
    sys.addaudithook(_watch)
    for line in sys.stdin:
        request = json.loads(line)
        if "serve" in request:
            serve(**request["serve"])
            continue
        if "ahead" in request:
            ahead(request["ahead"], request["limit"])
            continue
        answers.write(json.dumps(_fork(request)) + "\n")
        answers.flush()
    for each in servers:
        os.kill(each, signal.SIGKILL)


if __name__ == "__main__":
    main()
