"""The two implementations that every page must be true of, and how a child process gets one."""

import enum
import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAND_INS = ROOT / "reference_impl" / "stand_ins"

# A closed port: a program that was given no model server must not reach the real one.
NOWHERE = "http://127.0.0.1:9/v1"

# What an operating system needs to start Python; everything else is set here, so that
# a developer's own settings cannot change what a test sees.
_INHERITED = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "CI")


class Target(enum.Enum):
    """What `praisonaiagents` and `praisonai_bot` resolve to in a child process."""

    REFERENCE = "reference"
    RELEASE = "release"

    def __str__(self) -> str:
        return self.value


def _release() -> list[str]:
    """Another copy of the release than the installed one: a newer or a patched one."""
    return [os.environ["RELEASE_PATH"]] if os.environ.get("RELEASE_PATH") else []


def environment(
    target: Target,
    home: Path,
    *,
    model_url: str | None = None,
    extra: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The whole environment of a child process.

    `home` is the process's home directory; sessions go to `home/.praisonai`, temporary
    files to `home/tmp`, which is made. Without `model_url` the model endpoint is a closed
    port. `extra` is set last. A directory in the variable `RELEASE_PATH` replaces the installed
    release.
    """
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    path = [str(STAND_INS), str(ROOT)] if target is Target.REFERENCE else [*_release(), str(ROOT)]
    values = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    values |= {
        "PYTHONPATH": os.pathsep.join(path),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "HOME": str(home),
        "USERPROFILE": str(home),
        "TMPDIR": str(temporary),
        "TEMP": str(temporary),
        "TMP": str(temporary),
        "TZ": "UTC",
        "NO_COLOR": "1",
        "PRAISONAI_HOME": str(home / ".praisonai"),
        "DO_NOT_TRACK": "1",
        "PRAISONAI_TELEMETRY_DISABLED": "true",
        "OPENAI_BASE_URL": model_url or NOWHERE,
        "OPENAI_API_KEY": "not-a-secret",
        # Without a name the release warns that the endpoint may not serve its default.
        "OPENAI_MODEL_NAME": "gpt-4o-mini",
    }
    # The directory of the interpreter comes first, so that `python` and `pytest` in a
    # shell block are this environment's.
    binaries = str(Path(sys.executable).parent)
    values["PATH"] = os.pathsep.join([binaries, values.get("PATH", os.defpath)])
    return values | dict(extra or {})


def require(target: Target) -> Target:
    """Skip when the release is not installed; in CI, fail."""
    # Workers import this module too, and pytest would double the time in which they start.
    import pytest

    if target is Target.RELEASE:
        for package in ("praisonaiagents", "praisonai_bot"):
            if importlib.util.find_spec(package) is None:
                reason = f"{package} is not installed, so nothing can be said about the release"
                if os.environ.get("CI") == "true":
                    pytest.fail(f"{reason}, and CI must have it", pytrace=False)
                pytest.skip(reason)
    return target
