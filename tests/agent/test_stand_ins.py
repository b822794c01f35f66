"""`praisonaiagents` and `praisonai_bot` mean the reference where they should, and only there."""

import json
import subprocess
import sys

import pytest

from executable_pages.testing.sandbox import Sandbox
from tests.subject.targets import ROOT, Target

WHICH = """
import json
from praisonaiagents import Agent, MemoryConfig
from praisonaiagents.session import DefaultSessionStore
from praisonai_bot.bots import BotSessionManager
print(json.dumps([kind.__module__ for kind in (Agent, MemoryConfig, DefaultSessionStore,
                                               BotSessionManager)]))
"""


def nested(code: str, depth: int) -> str:
    """A program that runs `code` in a child of a child, `depth` deep."""
    for _ in range(depth):
        code = (
            f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {code!r}], check=True)"
        )
    return code


def test_imports_mean_the_target_in_every_child(target: Target, sandbox: Sandbox) -> None:
    """A grandchild resolves the packages as its grandparent does."""
    modules = json.loads(sandbox.python(nested(WHICH, 2), target))
    expected = "reference_impl" if target is Target.REFERENCE else "praisonai"
    assert all(module.startswith(expected) for module in modules)


def test_spawned_workers_mean_the_target_too(target: Target, sandbox: Sandbox) -> None:
    """A process of multiprocessing's spawn method resolves the packages as its parent does."""
    (sandbox.work / "spawn.py").write_text(
        """
import multiprocessing

def which(answers):
    from praisonaiagents.session import DefaultSessionStore
    answers.put(DefaultSessionStore.__module__)

if __name__ == "__main__":
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    child = spawn.Process(target=which, args=(answers,))
    child.start()
    print(answers.get(timeout=20))
    child.join()
""",
        "utf-8",
    )
    done = sandbox.run(["python", "spawn.py"], target)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("reference_impl") is (target is Target.REFERENCE)


@pytest.mark.parametrize(
    ("statement", "package"),
    [
        ("from praisonaiagents import Workflow", "praisonaiagents"),
        ("from praisonaiagents.session import SqliteSessionStore", "praisonaiagents.session"),
        ("from praisonai_bot import Gateway", "praisonai_bot"),
        ("from praisonai_bot.bots import SlackBot", "praisonai_bot.bots"),
        ("import praisonaiagents; praisonaiagents.Workflow", "praisonaiagents"),
    ],
)
def test_a_name_that_the_reference_lacks_is_said_to_be_lacking(
    statement: str, package: str, sandbox: Sandbox
) -> None:
    """Importing what only the release has fails, and says that the reference does not have it."""
    done = sandbox.run(["python", "-c", statement], Target.REFERENCE)
    assert done.returncode == 1
    name = statement.replace(".", " ").split()[-1]
    expected = f"ImportError: the reference implementation of {package} has no {name!r}"
    assert done.stderr.splitlines()[-1].startswith(expected)


def test_probing_for_private_names_finds_nothing(sandbox: Sandbox) -> None:
    """`hasattr` of a private name, which tools ask of any module, answers False."""
    program = "import praisonaiagents.session as s; print(hasattr(s, '_x'), hasattr(s, '__x__'))"
    assert sandbox.python(program, Target.REFERENCE) == "False False\n"


SIGNATURES = """
import inspect, json
import praisonaiagents.session
from praisonaiagents import Agent, MemoryConfig
from praisonai_bot.bots import BotSessionManager

def defaults(function):
    parameters = inspect.signature(function).parameters.values()
    return {p.name: repr(p.default) for p in parameters if p.kind is not p.VAR_KEYWORD}

print(json.dumps({
    "Agent": defaults(Agent),
    **{
        f"Agent.{name}": defaults(getattr(Agent, name))
        for name in ("chat", "run", "start", "iter_stream", "achat", "arun", "astart")
    },
    "MemoryConfig": defaults(MemoryConfig),
    "BotSessionManager": defaults(BotSessionManager),
    "BotSessionManager.chat": defaults(BotSessionManager.chat),
    "BotSessionManager.reset": defaults(BotSessionManager.reset),
    "names": [name for name in %r if hasattr(praisonaiagents.session, name)],
}))
"""

EXPORTED = [
    "CompactionCheckpoint",
    "DefaultSessionStore",
    "SessionData",
    "SessionMessage",
    "SessionStoreProtocol",
    "get_default_session_store",
]


def test_parameters_are_the_release_s(sandbox: Sandbox) -> None:
    """Every parameter of the reference exists in the release, with the same default."""
    program = SIGNATURES % EXPORTED
    ours = json.loads(sandbox.python(program, Target.REFERENCE))
    theirs = json.loads(sandbox.python(program, Target.RELEASE))
    assert ours.pop("names") == theirs.pop("names") == EXPORTED
    for function, parameters in ours.items():
        assert parameters == {name: theirs[function].get(name) for name in parameters}, function


def run(
    *args: str, sandbox: Sandbox, flags: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run `python -m reference_impl` in an environment without the stand-ins."""
    command = [sys.executable, *flags, "-m", "reference_impl", *args]
    return sandbox.run(command, Target.RELEASE)


def test_a_script_runs_on_the_reference(sandbox: Sandbox) -> None:
    """`python -m reference_impl script.py` sets `sys.argv` and `__main__`, children included."""
    script = sandbox.work / "script.py"
    child = nested(WHICH, 1)
    script.write_text(f"import sys\nprint(sys.argv, __name__, flush=True)\n{child}\nsys.exit(7)")
    done = run("script.py", "-m", "x y", sandbox=sandbox)
    assert done.returncode == 7, done.stderr
    first, modules = done.stdout.splitlines()
    assert first == "['script.py', '-m', 'x y'] __main__"
    assert all(module.startswith("reference_impl") for module in json.loads(modules))


def test_a_module_and_code_run_on_the_reference(sandbox: Sandbox) -> None:
    """`-m module` and `-c code` are passed to Python, after the interpreter's own flags."""
    (sandbox.work / "tool.py").write_text(WHICH + "import sys; print(sys.argv[1:])")
    done = run("-m", "tool", "a", sandbox=sandbox)
    assert done.stdout.splitlines()[1] == "['a']"
    assert "reference_impl.agent" in done.stdout
    code = "import sys; print(sys.flags.optimize, sys.argv)"
    done = run("-c", code, "-O", sandbox=sandbox, flags=("-O",))
    assert done.stdout == "1 ['-c', '-O']\n"


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ((), "name a script to run"),
        (("nowhere.py",), "there is no file nowhere.py"),
        (("-m",), "-m needs an argument"),
        (("-x", "a.py"), "unknown option -x"),
    ],
)
def test_a_wrong_command_line_is_explained(
    args: tuple[str, ...], reason: str, sandbox: Sandbox
) -> None:
    """A command line that names nothing to run ends with 2, a reason and the usage."""
    done = run(*args, sandbox=sandbox)
    assert done.returncode == 2
    assert done.stderr.startswith(f"reference_impl: {reason}\n")
    assert "usage: python -m reference_impl script.py" in done.stderr


def test_an_interpreter_that_ignores_the_path_is_refused(sandbox: Sandbox) -> None:
    """Under -E the stand-ins could not be found, so the program is not run on the release."""
    extra = {"PYTHONSAFEPATH": ""}
    command = [sys.executable, "-E", "-m", "reference_impl", "-c", "print('ran')"]
    done = subprocess.run(
        command, cwd=ROOT, env=sandbox.environment(Target.RELEASE, extra=extra),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "ignores PYTHONPATH" in done.stderr
    assert done.stdout == ""


def test_help_is_printed(sandbox: Sandbox) -> None:
    """`--help` prints the usage and ends with 0."""
    done = run("--help", sandbox=sandbox)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: ")
