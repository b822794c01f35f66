"""Two users never share a session, and the names are the release's."""

import asyncio
from typing import Any

import pytest

from reference_impl.bots import BotSessionManager
from tests.agent.test_bots import Echo, FiveMethods

PLATFORMS = ("", "a", "a-b", "b", "telegram", "bot", "7")
USERS = ("7", "b", "b_c", "_", "a-b_7", "telegram_42", "bot_7", "a/b", "A", "\u00e4", " ")


def session(platform: str, user: Any) -> str | None:
    """The session of a user after a turn; None where the manager refuses the user."""
    store = FiveMethods()
    try:
        asyncio.run(BotSessionManager(store=store, platform=platform).chat(Echo(), user, "x"))
    except ValueError:
        assert store.sessions == {}
        return None
    [name] = store.sessions
    return name


@pytest.mark.proves("users-apart")
def test_no_two_users_share_a_session() -> None:
    """Whatever is accepted has a session of its own, and its name is `bot_{platform}_{user}`."""
    names = {(p, u): session(p, u) for p in PLATFORMS for u in USERS}
    accepted = {who: name for who, name in names.items() if name is not None}
    assert len(set(accepted.values())) == len(accepted)
    for (platform, user), name in accepted.items():
        assert name == (f"bot_{platform}_{user}" if platform else f"bot_{user}")
    assert set(names) - set(accepted) == {("", user) for user in USERS if "_" in user}


@pytest.mark.proves("users-apart")
def test_a_platform_that_could_be_two_is_refused() -> None:
    """A platform with an underscore is refused, and the error names it and a way out."""
    with pytest.raises(ValueError, match=r"'a_b'.*Call it 'a-b'"):
        BotSessionManager(platform="a_b")


@pytest.mark.proves("users-apart")
def test_a_user_who_could_be_of_a_platform_is_refused() -> None:
    """Without a platform a user id with an underscore is refused everywhere, with a way out."""
    bots = BotSessionManager(store=FiveMethods())
    with pytest.raises(ValueError, match=r"'telegram_42'.*'42'.*'telegram'.*a platform"):
        asyncio.run(bots.chat(Echo(), "telegram_42", "x"))
    with pytest.raises(ValueError, match="a platform"):
        bots.reset("telegram_42")


def test_a_user_id_is_a_name_or_a_number() -> None:
    """A number is the user that its digits name; nobody, or anything else, is no user."""
    assert session("telegram", 42) == session("telegram", "42") == "bot_telegram_42"
    assert session("telegram", -7) == "bot_telegram_-7"
    assert session("telegram", "") is None
    bots: Any = BotSessionManager(platform="telegram")
    for nobody in (None, True, 1.5, b"7", ["7"]):
        with pytest.raises(TypeError, match="user id"):
            asyncio.run(bots.chat(Echo(), nobody, "x"))


@pytest.mark.parametrize(
    "settings",
    [{"max_history": None}, {"max_history": True}, {"max_history": 2.0}, {"platform": None}],
)
def test_a_setting_of_another_type_is_refused_at_once(settings: dict[str, Any]) -> None:
    """A manager is not made with a setting that a turn would fail by, its message stored."""
    with pytest.raises(TypeError, match=r"whole number|a string"):
        BotSessionManager(**settings)


def test_no_message_id_and_a_route_change_nothing() -> None:
    """A platform without message ids may say None, and a reset may say where it was asked for."""
    manager = BotSessionManager(platform="telegram")
    asyncio.run(manager.chat(Echo(), "7", "x", message_id=None))
    assert manager.reset("7", chat_id="-100")
