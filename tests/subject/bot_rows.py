"""What a bot stores: each row of the table is lived through on its target."""

import json

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Table
from executable_pages.testing.target import Target as AnyTarget
from executable_pages.testing.wrong import Wrong
from tests.subject.targets import Target

PROGRAM = """
import asyncio, json, os, time
from praisonai_bot.bots import BotSessionManager
from praisonaiagents.session import DefaultSessionStore

KEY = "bot_telegram_7"
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


class Bot:
    name, tools, fails = "Bot", False, False

    def __init__(self):
        self.chat_history = []

    def chat(self, prompt, **_):
        if self.fails:
            raise RuntimeError("the model failed")
        turns = [{"role": "user", "content": prompt}]
        if self.tools:
            turns.append({"role": "assistant", "content": None, "tool_calls": [CALL]})
            turns.append({"role": "tool", "content": "42", "tool_call_id": "c"})
        self.chat_history = [*self.chat_history, *turns, {"role": "assistant", "content": "yes"}]
        return "yes"


def fresh(name):
    store = DefaultSessionStore(os.path.join("rows", name.replace(" ", "-").replace("`", "")))
    return store, BotSessionManager(store=store, platform="telegram"), Bot()


def say(bots, bot, prompt="Hello", **given):
    try:
        asyncio.run(bots.chat(bot, "7", prompt, **given))
    except (OSError, RuntimeError):
        pass


def stored(store):
    words = {"user": "question", "tool": "result"}
    found = [
        words.get(m["role"], "call" if m.get("tool_calls") else "answer")
        for m in store.get_chat_history(KEY)
    ]
    return ", ".join(found) or "nothing"


def a_turn(store, bots, bot):
    say(bots, bot)
    return stored(store)


def with_a_tool(store, bots, bot):
    bot.tools = True
    return a_turn(store, bots, bot)


def the_model_fails(store, bots, bot):
    bot.fails = True
    return a_turn(store, bots, bot)


def the_disk_is_full(store, bots, bot):
    def full(source, target):
        if str(target).endswith(f"{KEY}.json"):
            raise OSError(28, "No space left on device")
        return replace(source, target)

    replace, os.replace = os.replace, full
    say(bots, bot)
    os.replace = replace
    return stored(DefaultSessionStore(store.session_dir))


def again(store, bots, bot):
    for _ in range(2):
        say(bots, bot, message_id="1")
    return stored(store)


def cleared(store, bots, bot):
    say(bots, bot)
    bots.reset("7")
    return stored(store)


def old(store, bots, bot):
    store.add_user_message(KEY, "old", {"rating": 5})
    before = store.get_session(KEY).messages[0]
    say(bots, bot)
    after = store.get_session(KEY).messages[0]
    same = (after.metadata, after.timestamp) == (before.metadata, before.timestamp)
    return "kept" if same else "new" if not after.metadata else "changed"


def beyond(store, bots, bot):
    for number in range(100):
        store.add_user_message(KEY, f"message {number}")
    say(bots, bot)
    session = store.get_session(KEY)
    kept = [m.content for m in (*session.archived_messages, *session.messages)]
    return "archived" if "message 0" in kept else "deleted"


def checkpoint(store, bots, bot):
    store.add_user_message(KEY, "old")
    store.append_compaction_checkpoint(KEY, "so far")
    say(bots, bot)
    return "kept" if store.get_session(KEY).last_compaction else "gone"


ROWS = {
    "a turn": a_turn,
    "a turn with a tool": with_a_tool,
    "the model fails": the_model_fails,
    "the disk is full": the_disk_is_full,
    "a message comes twice, with its `message_id`": again,
    "`reset`": cleared,
    "time and metadata of older messages": old,
    "messages beyond 100": beyond,
    "the checkpoint": checkpoint,
}
print(json.dumps({name: row(*fresh(name)) for name, row in ROWS.items()}))
"""


def check_bots(table: Table, about: str, target: AnyTarget, sandbox: Sandbox) -> None:
    """Hold the column of a target against what its bot stored.

    Raises:
        Wrong: A cell says something else, or the table has other rows.
    """
    lived = json.loads(sandbox.python(PROGRAM, target).strip().splitlines()[-1])
    if [row[0] for row in table.rows] != list(lived):
        raise Wrong(f"{table.where}: the rows are {', '.join(lived)}")
    column = table.header.index("Release" if target is Target.RELEASE else "Reference")
    for index, row in enumerate(table.rows):
        if row[column] != lived[row[0]]:
            where = f"{table.row_where(index)} on {target}"
            raise Wrong(f"{where}: it was {lived[row[0]]!r}, the page says {row[column]!r}")
