"""Run anyone's program with `praisonaiagents` and `praisonai_bot` meaning the reference."""

import os
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
STAND_INS = PACKAGE / "stand_ins"

USAGE = """\
usage: python -m reference_impl script.py [argument ...]
       python -m reference_impl -m module [argument ...]
       python -m reference_impl -c code [argument ...]

Runs the program with `praisonaiagents` and `praisonai_bot` resolved to the reference
implementation, in every process that it starts too. Its exit code is passed on.
"""


def environment() -> dict[str, str]:
    """This process's environment, with the stand-in packages first on `PYTHONPATH`."""
    path = [str(STAND_INS)]
    # An installed package needs no entry, and site-packages before the standard library
    # would let a backport hide a standard module.
    if PACKAGE.parent.name not in ("site-packages", "dist-packages"):
        path.append(str(PACKAGE.parent))
    path += filter(None, [os.environ.get("PYTHONPATH")])
    return os.environ | {"PYTHONPATH": os.pathsep.join(path)}


def main(args: list[str]) -> int:
    """Run the program that `args` names and return its exit code."""
    if args[:1] in (["-h"], ["--help"]):
        print(USAGE, end="")
        return 0
    if wrong := _problem(args):
        print(f"reference_impl: {wrong}\n\n{USAGE}", end="", file=sys.stderr)
        return 2
    own = sys.orig_argv[: len(sys.orig_argv) - len(args)]
    flags = own[1 : own.index("-m")] if "-m" in own else []
    command = [sys.executable, *flags, *args]
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(sys.executable, command, environment())
    return subprocess.run(command, env=environment(), check=False).returncode


def _problem(args: list[str]) -> str | None:
    if not args:
        return "name a script to run"
    if sys.flags.ignore_environment:
        return "under -E or -I Python ignores PYTHONPATH, and so the stand-in packages"
    if args[0] in ("-m", "-c"):
        return None if len(args) > 1 else f"{args[0]} needs an argument"
    if args[0].startswith("-"):
        return f"unknown option {args[0]}"
    return None if Path(args[0]).exists() else f"there is no file {args[0]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
