"""The two implementations that every page must be true of, and how a child process gets one."""

import enum
import importlib.util
import os
from pathlib import Path

from executable_pages.testing.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
STAND_INS = ROOT / "reference_impl" / "stand_ins"

# A closed port: a program that was given no model server must not reach the real one.
NOWHERE = "http://127.0.0.1:9/v1"
# What the reference stands on; the client of models, and what it imports when it is first used.
AHEAD = (
    "filelock",
    "msgspec",
    "openai",
    "openai.lib._chat_completion_resources",
    "openai.resources.chat.chat",
    "openai.resources.chat.completions.completions",
    "concurrent.futures.thread",
    "encodings.idna",
    "anyio._backends._asyncio",
    "httpcore2",
    "truststore",
)


class Target(enum.Enum):
    """What `praisonaiagents` and `praisonai_bot` resolve to in a child process."""

    REFERENCE = "reference"
    RELEASE = "release"

    def __str__(self) -> str:
        return self.value

    @property
    def ahead(self) -> tuple[str, ...]:
        """What may be imported before a program begins, since that takes half a second."""
        return AHEAD

    def path(self) -> list[Path]:
        """Where its packages are; the release is installed, unless `RELEASE_PATH` has another."""
        return [STAND_INS] if self is Target.REFERENCE else _release()

    def environment(self, home: Path) -> dict[str, str]:
        """Sessions go to `home/.praisonai`, and without a model server the endpoint is closed."""
        return {
            "PRAISONAI_HOME": str(home / ".praisonai"),
            "DO_NOT_TRACK": "1",
            "PRAISONAI_TELEMETRY_DISABLED": "true",
            "OPENAI_BASE_URL": NOWHERE,
            "OPENAI_API_KEY": "not-a-secret",
            # Without a name the release warns that the endpoint may not serve its default.
            "OPENAI_MODEL_NAME": "gpt-4o-mini",
        }


def _release() -> list[Path]:
    """Another copy of the release than the installed one: a newer or a patched one."""
    return [Path(os.environ["RELEASE_PATH"])] if os.environ.get("RELEASE_PATH") else []


def sessions_in(sandbox: Sandbox) -> Path:
    """Where the default store of either target keeps its files."""
    return sandbox.home / ".praisonai" / "sessions"


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
