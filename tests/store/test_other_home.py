"""A store whose user may not look into the home directory, as in a container of another user."""

import os
import tempfile
from pathlib import Path

import pytest

from executable_pages.testing.sandbox import Sandbox
from tests.subject.targets import Target

PROGRAM = """
import os, sys, tempfile
from praisonaiagents.session import DefaultSessionStore

# A user of another id cannot import what only this one can read.
warm = DefaultSessionStore(tempfile.mkdtemp())
warm.add_user_message("chat", "hello")
warm.get_chat_history("chat")
os.environ["PRAISONAI_HOME"], directory = sys.argv[1:3]
if os.geteuid() == 0:
    os.setgid(10001)
    os.setuid(10001)
try:
    os.listdir(sys.argv[3])
except PermissionError:
    store = DefaultSessionStore(directory)
    print(store.add_user_message("chat", "hello"), len(store.get_chat_history("chat")))
"""


@pytest.mark.parametrize("inside", ["", "state/session_spill"], ids=["home", "place of turns"])
@pytest.mark.skipif(os.name != "posix", reason="there are no modes of directories here")
def test_home_of_somebody_else_is_none_of_its_business(
    inside: str, target: Target, sandbox: Sandbox
) -> None:
    """A store on a directory of its own reads and writes, whoever may look into the home."""
    # The directories of tests are their user's alone.
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        home, own = Path(place, "home"), Path(place, "own")
        closed = home / inside
        closed.mkdir(parents=True)
        own.mkdir()
        closed.chmod(0)
        if os.geteuid() == 0:
            os.chown(own, 10001, 10001)
            os.chmod(place, 0o755)
        command = ["python", "-c", PROGRAM, str(home), str(own / "sessions"), str(closed)]
        done = sandbox.run(command, target, fork=True)
        closed.chmod(0o700)
    assert done.stdout.strip() == "True 1", done.stderr
