"""Waiting for what an async store answers."""

import inspect
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio


class Loop:
    """Waits for what is awaitable, on one event loop that is made when first needed."""

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None

    def __call__(self, answer: Any) -> Any:
        """The answer, or what it comes to when it is awaitable."""
        if not inspect.isawaitable(answer):
            return answer
        if self._runner is None:
            # A third of what a process imports, and most stores are not async.
            import asyncio

            self._runner = asyncio.Runner()
        return self._runner.run(_result(answer))

    def close(self) -> None:
        """End the event loop."""
        if self._runner is not None:
            self._runner.close()


async def _result(answer: Awaitable[Any]) -> Any:
    return await answer
