"""Sessions of any length in a store that offers no way to make one at once.

Such a session is made message by message, once, in a directory that is copied whenever the session
is needed. A copy is a store of its own, with nothing else in it but one short session.
"""

import importlib
import inspect
import os
import shutil
from pathlib import Path
from typing import Any

SESSION = "session"
Message = dict[str, Any]


class Copied:
    """The store that `module:function` opens, on the copy that a session's name stands for."""

    def __init__(self, factory: str) -> None:
        self._factory = factory
        self._store: Any = None
        self._place = Path()

    async def fill(self, name: str, messages: list[Message]) -> None:
        """Make a session of these messages, all alike, in a new copy; an older copy is removed."""
        made = await self._made(messages)
        before = self._copies(name)
        number = int(before[-1].suffix[1:]) + 1 if before else 0
        shutil.copytree(made, Path("copies", f"{name}.{number:06}"))
        await self.join(name)
        for each in before:
            shutil.rmtree(each, ignore_errors=True)

    async def join(self, name: str) -> None:
        """Open the newest copy, and read it: what is measured next does not connect first."""
        await self._open(self._copies(name)[-1])
        await _done(self._store.get_chat_history(SESSION))

    def place(self, name: str) -> str:
        """The directory of the newest copy."""
        return str(self._copies(name)[-1].absolute())

    async def get_chat_history(self, name: str) -> Any:
        """The history of the session in the copy that this name was last used for."""
        return await _done((await self._of(name)).get_chat_history(SESSION))

    async def add_message(self, name: str, role: str, content: str) -> Any:
        """Append to it."""
        return await _done((await self._of(name)).add_message(SESSION, role, content))

    async def _made(self, messages: list[Message]) -> Path:
        """A directory with such a session, begun with the longest shorter one."""
        made = Path("made", f"{len(messages):06}")
        if made.exists():
            return made
        begun = Path("made", "begun")
        shorter = [each for each in sorted(Path("made").glob("0*")) if each.name < made.name]
        if shorter:
            shutil.copytree(shorter[-1], begun)
        await self._open(begun)
        if not shorter:
            # It makes files and tables, which is no part of an append.
            await _done(self._store.add_message("another", "user", "first"))
        for message in messages[int(shorter[-1].name) if shorter else 0 :]:
            await _done(self._store.add_message(SESSION, message["role"], message["content"]))
        await self._close()
        begun.rename(made)
        return made

    async def _of(self, name: str) -> Any:
        if self._place.stem != name:
            await self.join(name)
        return self._store

    async def _open(self, place: Path) -> None:
        await self._close()
        os.environ["PEER_DIRECTORY"] = str(place.absolute())
        module, _, function = self._factory.partition(":")
        self._store, self._place = getattr(importlib.import_module(module), function)(), place

    async def _close(self) -> None:
        if hasattr(self._store, "close"):
            await _done(self._store.close())
        self._store, self._place = None, Path()

    @staticmethod
    def _copies(name: str) -> list[Path]:
        return sorted(Path("copies").glob(f"{name}.*"))


async def _done(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value
