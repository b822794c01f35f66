"""Users that share a directory, in containers say: who can write and read it after whom.

It runs in a process of its own on either target, as root, since it becomes other users.
"""

import json
import os
import tempfile
from collections.abc import Callable
from typing import Any

APP, OTHER, ROOT = 10001, 10002, 0
WAIT = 0.2


def _as(user: int, work: Callable[[], str]) -> str:
    """What work says that is done by another user, in a fork."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            said = work()
        except PermissionError:
            said = "`PermissionError`"
        except OSError:
            said = "`OSError`"
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


def _volume(place: str, owner: int) -> str:
    path = tempfile.mkdtemp(dir=place)
    os.chown(path, owner, owner)
    os.chmod(path, 0o755)
    return os.path.join(path, "sessions")


def live(store: Callable[[str], Any], place: str) -> list[str]:
    """What each of several users gets below `place`, one after the other."""

    def writes(path: str) -> Callable[[], str]:
        return lambda: "stored" if store(path).add_user_message("chat", "hello") else "`False`"

    def reads(path: str) -> Callable[[], str]:
        return lambda: "its message" if store(path).get_chat_history("chat") else "an empty history"

    # A fork cannot import what only root can read.
    warm = store(tempfile.mkdtemp())
    warm.add_user_message("chat", "hello")
    warm.get_chat_history("chat")
    theirs, own = _volume(place, ROOT), _volume(place, APP)
    return [
        _as(APP, writes(theirs)),
        _as(APP, writes(own)),
        _as(OTHER, writes(own)),
        _as(ROOT, writes(own)),
        _as(APP, reads(own)),
        _as(APP, writes(own)),
    ]


if __name__ == "__main__":
    from praisonaiagents.session import DefaultSessionStore

    # The directories of tests are their user's alone.
    with tempfile.TemporaryDirectory(dir="/tmp") as found:
        os.chmod(found, 0o755)
        seen = live(lambda path: DefaultSessionStore(path, lock_timeout=WAIT), found)
    print(json.dumps(seen))
