"""What is tried on the bot manager: its settings, users and agents, over files and under faults."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.differences.edges import CONTENTS, HALF, PARTS, SOUND, odd
from tests.differences.steps import FAULTS, PLANTED, Program, Step, call, plant
from tests.differences.wire import decode


def bot(**given: Any) -> Step:
    """A step that makes a manager over the store."""
    return {"do": "bot", "on": "bot", "given": {"platform": "telegram"} | given}


def ask(
    prompt: Any = "Hello", agent: str = "one", platform: Any = "telegram", **given: Any
) -> Step:
    """A step in which a user of the bot says something to an agent of `worker`."""
    return {
        "do": "ask the bot",
        "on": "bot",
        "method": "chat",
        "agent": agent,
        "platform": platform,
        "session": _session_of(platform, given.get("user_id", "7")),
        "given": {"user_id": "7", "prompt": prompt} | given,
    }


def reset(user_id: Any = "7", platform: Any = "telegram") -> Step:
    """A step in which the bot forgets a user."""
    return {
        "do": "tell the bot",
        "on": "bot",
        "method": "reset",
        "platform": platform,
        "session": _session_of(platform, user_id),
        "given": {"user_id": user_id},
    }


def _session_of(platform: Any, user_id: Any) -> str:
    name = decode(platform)
    return "_".join(["bot", *([str(name)] if name else []), str(decode(user_id))])


# Said to a manager that has answered nobody.
NEW = {"new": True}
AGENTS = ("one", "two", "failing", "slow", "with a session")
BOT_FILE = "sessions/bot_telegram_7.json"


def bots() -> Iterator[Program]:
    """The bot manager: its settings, users and agents, over files and under faults."""
    for platform in ("telegram", "slack", ""):
        told = [ask(f"{n}", platform=platform) for n in range(3)]
        yield [bot(platform=platform), *told, reset(platform=platform)]
    for limit in (100, 2, 1, 0, -1):
        yield [bot(max_history=limit), *(ask(f"{n}") for n in range(3)), reset()]
    yield [bot(platform="ms_teams")]
    yield [bot() | {"store": None}, ask(), ask(), reset(), reset(), ask()]
    for user in ["7", 7, "", None, True, "a b", "a_b", "telegram_7", odd("bytes", "7"), HALF]:
        yield [bot(), ask(user_id=user), reset(user)]
        yield [bot(platform=""), ask(user_id=user, platform=""), reset(user, platform="")]
    for prompt in CONTENTS:
        yield [bot(), ask(prompt), ask("And now?")]
    for name in AGENTS:
        yield [bot(), ask(), ask("Again", name), ask("And now?")]
        yield [bot(), ask("Again", name), ask("Again"), ask("Again")]
    for name in PLANTED:
        yield [plant(name, BOT_FILE), bot(), ask(), ask("Again"), reset()]
        yield [plant(name, BOT_FILE), bot(), reset() | NEW]
    for fault in FAULTS:
        faulty = {"fault": fault, "at": BOT_FILE}
        yield [bot(), ask(), ask("Again") | faulty, ask("And now?"), reset() | faulty]
    yield [bot(), ask(), call("clear_session", session_id="bot_telegram_7"), ask("Again")]
    yield [bot(), ask(), call("delete_session", session_id="bot_telegram_7"), ask("Again")]
    yield [bot(), ask(), bot(), reset() | NEW, ask("Again")]


def bot_programs(longest: int) -> st.SearchStrategy[Program]:
    """Sequences of a bot's turns, with other writers of its session and faults between them."""
    asked = st.builds(
        ask,
        st.sampled_from(["Hello", "Again", "", PARTS, None]),
        st.sampled_from(AGENTS[:4]),
    )
    faulty = st.builds(
        lambda step, fault: step | {"fault": fault, "at": BOT_FILE}, asked, st.sampled_from(FAULTS)
    )
    mine = {"session_id": "bot_telegram_7"}
    others = st.sampled_from(
        [
            call("add_user_message", **mine),
            call("clear_session", **mine),
            call("delete_session", **mine),
            call("get_chat_history", **mine),
        ]
    )
    planted = st.builds(plant, st.sampled_from(sorted(SOUND)), st.just(BOT_FILE))
    made = st.builds(lambda limit: bot(max_history=limit), st.sampled_from([100, 4, 0]))
    steps = st.lists(st.one_of(asked, asked, faulty, others, planted, made), max_size=longest)
    return st.builds(lambda first, more: [first, *more], made, steps)
