"""For each known difference, a program in which it explains what no other entry does."""

from tests.differences.agent_programs import AGENT_FILE, LIVES, WHO, agent, tell
from tests.differences.bot_programs import BOT_FILE, NEW, ask, bot, reset
from tests.differences.edges import CALL, PARTS, odd
from tests.differences.steps import OPEN, Program, Step, call, plant

NAMED = '{"session_id": "chat", "messages": [{"role": "user", "content": "My name is Alice."}]}'
WATCHED = {"watched": True}
ELSEWHERE: Step = {"do": "change directory", "given": {"to": "elsewhere"}}
LINK: Step = {"do": "link", "given": {"path": "sessions/chat.json", "to": "other.json"}}
BEGUN = call("add_user_message", content="begun")


def locked(step: Step) -> Step:
    """The step while another process holds the session's lock."""
    return step | {"fault": "locked"}


def full(step: Step) -> Step:
    """The step while the disk is full."""
    return step | {"fault": "full"}


def opened(**given: object) -> Step:
    """A store with these settings."""
    ordinary = {name.strip("[]"): value for name, value in OPEN.items()}
    return {"do": "open", "given": ordinary | given}


WITNESSES: dict[str, Program] = {
    "agent-reads-once": [
        agent(),
        tell("Hello"),
        {"do": "plant", "given": {"path": AGENT_FILE, "data": NAMED}},
        tell(WHO) | LIVES,
    ],
    "async-turns": [agent(), tell("Hello", "achat")],
    "copied-turns": [agent(), tell("Hello")],
    "cost-of-nothing": [agent(), tell("Hello")],
    "silent-failure": [agent(), tell("Hello") | {"fault": "model"}],
    "failed-stream": [agent(), tell("Hello", "stream") | {"fault": "model"}],
    "half-an-answer": [agent(), tell("Hello", "stream closed")],
    "repeated-question": [
        agent(),
        tell("Hello") | {"fault": "model"},
        tell("Hello") | LIVES | {"fault": "model"},
    ],
    "turn-without-its-session": [agent(), locked(tell("Hello")), tell("Again") | LIVES],
    "parts-stored-as-text": [agent(), tell(PARTS)],
    "stripped-answer": [agent(), tell("return 1\n")],
    "fields-dropped": [plant("field of a model", AGENT_FILE), agent(), tell("Hello")],
    "nobody-finds-sessions": [BEGUN, call("get_by_gateway_session", gateway_session_id=None)],
    "tool-turns-not-sent-whole": [plant("tool turn", AGENT_FILE), agent(), tell("Hello")],
    "bot-turn-rewrites-the-session": [plant("plain", BOT_FILE), bot(), ask()],
    "bot-turn-drops-what-is-older": [bot(max_history=2), ask(), ask("Again")],
    "bot-turn-lost-on-a-full-disk": [bot(), ask() | {"fault": "full", "at": BOT_FILE}],
    "forgotten-bot-turn": [bot(), ask(agent="failing")],
    "overwritten-bot-turns": [bot(), ask(agent="slow")],
    "cleared-bot-history": [
        bot(),
        ask(),
        call("clear_session", session_id="bot_telegram_7"),
        ask("Again"),
    ],
    "shared-bot-sessions": [bot(platform="ms_teams")],
    "mixed-users": [bot(), ask(agent="with a session")],
    "reset-answers-for-itself": [bot(), ask(), bot(), reset() | NEW],
    "odd-types-stored": [call("add_user_message", metadata={"t": odd("tuple", [1, 2])})],
    "folded-ids": [call("add_user_message", session_id="user:1")],
    "long-id-waits": [call("add_user_message", session_id=odd("repeat", ["x", 300]))],
    "wrong-shape-raises": [plant("list"), call("get_chat_history")],
    "deep-nesting": [plant("nested deeply"), call("get_chat_history")],
    "wrong-shape-destroyed": [plant("messages string"), call("add_user_message")],
    "copies-listed": [plant("plain"), plant("plain", "sessions/copy.json"), call("list_sessions")],
    "unknown-keys-dropped": [plant("unknown keys"), BEGUN],
    "what-a-file-lacks": [plant("no id"), call("get_session")],
    "clear-creates-session": [call("clear_session")],
    "read-leaves-lock": [call("get_chat_history")],
    "model-unknown-while-locked": [BEGUN, locked(call("get_session_model"))],
    "byte-order-mark": [plant("mark of byte order"), call("get_chat_history")],
    "half-an-emoji-stops-writes": [plant("half an emoji"), call("rename_session", title="T")],
    "set-history-changes-messages": [
        call(
            "set_chat_history",
            messages=[{"role": "assistant", "content": None, "tool_calls": [CALL]}],
        )
    ],
    "stale-on-read-error": [BEGUN, call("get_chat_history") | {"fault": "unreadable"}],
    "delete-without-lock": [BEGUN, locked(call("delete_session"))],
    "waiting-turn-of-another-directory": [
        full(BEGUN),
        opened(session_dir="other"),
        call("get_chat_history") | {"in": "other"},
    ],
    "waiting-turn-comes-back": [full(BEGUN), call("delete_session")],
    "waiting-turn-out-of-order": [full(BEGUN), call("add_user_message", content="later")],
    "failed-write-comes-back": [full(BEGUN), BEGUN],
    "half-a-tool-turn": [plant("half a tool turn"), call("get_chat_history")],
    "window-amid-a-turn": [
        call(
            "set_chat_history",
            messages=[
                {"role": role, "content": f"{role} {n}"}
                for n in range(2)
                for role in ("user", "assistant")
            ],
        ),
        call("get_working_history", max_messages=3),
    ],
    "negative-limit": [BEGUN, call("get_chat_history", max_messages=-1)],
    "growing-summary": [
        opened(retention="compact", active_window=2),
        *(call("add_user_message", content=f"{n}") for n in range(3)),
    ],
    "exists-means-a-file": [plant("list"), call("session_exists")],
    "no-fsync": [BEGUN, BEGUN | WATCHED],
    "open-directory": [BEGUN, {"do": "remove", "given": {"path": "none"}} | WATCHED],
    "relative-directory-moves": [BEGUN, ELSEWHERE, call("get_chat_history") | {"elsewhere": True}],
}
