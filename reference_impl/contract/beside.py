"""Clauses about one client that many tasks or many threads use at the same time."""

import asyncio
import threading
from typing import Any

import pytest

from reference_impl.contract.guarantees import ABILITIES
from reference_impl.contract.handle import PROMPT_SECONDS, Stuck
from reference_impl.contract.kit import Kit, clause
from reference_impl.contract.verdicts import Finding, Lost, Refused

THREADS = "one client in many threads"
_MANY, _EACH = 4, 10


class Beside:
    """What the users of one client may rely on beside each other."""

    @clause("no-lost-writes", "async methods")
    def test_tasks_on_one_client_lose_nothing(self, kit: Kit) -> None:
        """Forty tasks of one event loop add through one client, and each message is there once."""
        handle, session = kit.open(), kit.session()
        contents = [f"t{number}" for number in range(_MANY * _EACH)]

        async def together() -> list[Any]:
            calls = (handle.store.add_message(session, "user", each) for each in contents)
            return await asyncio.gather(*calls, return_exceptions=True)

        answers = handle.run("add_message", lambda: handle.settle(together()), 2 * PROMPT_SECONDS)
        _judge(kit, session, dict(zip(contents, answers, strict=True)))

    @clause("no-lost-writes", THREADS)
    def test_threads_on_one_client_lose_nothing(self, kit: Kit) -> None:
        """Four threads add ten messages each through one client, and each is there once."""
        handle, session = kit.open(), kit.session()
        kit.is_race = True
        answers: dict[str, Any] = {}

        def add(number: int) -> None:
            for each in range(_EACH):
                content = f"{number}-{each}"
                try:
                    answers[content] = handle.store.add_message(session, "user", content)
                except Exception as error:
                    answers[content] = error

        threads = [
            threading.Thread(target=add, args=[number], daemon=True) for number in range(_MANY)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join(2 * PROMPT_SECONDS)
        if any(each.is_alive() for each in threads):
            raise Stuck("add_message was not answered: threads of one client wait for each other")
        if all(isinstance(each, Exception) for each in answers.values()):
            if read := _read(kit, session):
                raise Finding(f"every call raised, and {len(read)} of {len(answers)} are stored")
            pytest.skip(f"not offered: {ABILITIES[THREADS]} ({answers['0-0']})")
        _judge(kit, session, answers)


def _read(kit: Kit, session: str) -> list[Any]:
    return [each["content"] for each in kit.open().get_chat_history(session)]


def _judge(kit: Kit, session: str, answers: dict[str, Any]) -> None:
    read = _read(kit, session)
    told = [content for content, answer in answers.items() if answer is True]
    refused = {content: answer for content, answer in answers.items() if answer is not True}
    gone = [each for each in told if each not in read]
    twice = {each for each in read if read.count(each) > 1}
    counts = f"{len(told)} acknowledged, {len(gone)} of them lost, {len(refused)} refused"
    kit.notes["counts"] = counts
    if gone:
        raise Lost(f"{counts}: {gone}")
    if twice:
        raise Finding(f"{len(twice)} messages were doubled: {sorted(twice)}")
    if refused:
        first = next(iter(refused.values()))
        raise Refused(f"{counts}; the first answer is {first!r}")
