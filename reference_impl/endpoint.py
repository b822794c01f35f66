"""An OpenAI-compatible endpoint: the whole answer, from a coroutine too, or piece by piece."""

import asyncio
from collections.abc import Iterator
from typing import Any

Message = dict[str, Any]


class Endpoint:
    """Asks models of one endpoint.

    Args:
        base_url: Its address; `OPENAI_BASE_URL` when None.
        api_key: Its key; `OPENAI_API_KEY` when None.

    Raises:
        ImportError: On the first question, the `openai` package is not installed.
        openai.OpenAIError: The endpoint refused a request or could not be reached.
    """

    def __init__(self, base_url: str | None, api_key: str | None) -> None:
        self._settings = {"base_url": base_url, "api_key": api_key}
        self._client: Any = None
        self.tokens = 0
        """How many tokens whole answers have cost, as far as the endpoint said so."""

    def complete(self, model: str, messages: list[Message]) -> str:
        """The model's answer."""
        return self._text(self._create(model, messages))

    async def acomplete(self, model: str, messages: list[Message]) -> str:
        """The model's answer; a request whose task is cancelled is broken off."""
        # A client's connections belong to one event loop, and a program may have many in turn.
        # Making one takes 30 ms, most of them for certificates.
        async with await asyncio.to_thread(self._made, "AsyncOpenAI") as client:
            return self._text(await client.chat.completions.create(model=model, messages=messages))

    def stream(self, model: str, messages: list[Message]) -> Iterator[str]:
        """The pieces of the model's answer, as they come."""
        with self._create(model, messages, stream=True) as chunks:
            for chunk in chunks:
                if chunk.choices and (piece := chunk.choices[0].delta.content):
                    yield piece

    def _create(self, model: str, messages: list[Message], **options: Any) -> Any:
        if self._client is None:
            self._client = self._made("OpenAI")
        return self._client.chat.completions.create(model=model, messages=messages, **options)

    def _made(self, kind: str) -> Any:
        try:
            import openai
        except ImportError as error:
            raise ImportError("Agent needs the openai package: pip install openai") from error
        return getattr(openai, kind)(**self._settings)

    def _text(self, done: Any) -> str:
        if done.usage is not None:
            self.tokens += done.usage.total_tokens
        return done.choices[0].message.content or ""
