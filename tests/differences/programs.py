"""The programs that both targets are given: every edge alone, and random sequences of steps."""

import json
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

from hypothesis import strategies as st

from tests.differences.edges import BROKEN, BYTES, CONTENTS, EDGES, HALF, PARTS, SOUND, odd
from tests.differences.wire import decode, shown

Step = dict[str, Any]
Program = list[Step]

# Each public method of the store, with an ordinary value for each of its parameters. A parameter
# in brackets may be absent.
STORE: dict[str, dict[str, Any]] = {
    "add_message": {
        "session_id": "chat",
        "role": "user",
        "content": "hello",
        "[metadata]": {"a": 1},
        "[tool_calls]": None,
        "[tool_call_id]": None,
    },
    "add_user_message": {"session_id": "chat", "content": "hello", "[metadata]": {"a": 1}},
    "add_assistant_message": {"session_id": "chat", "content": "hello", "[metadata]": {"a": 1}},
    "get_chat_history": {"session_id": "chat", "[max_messages]": None},
    "get_working_history": {"session_id": "chat", "[max_messages]": None},
    "get_session": {"session_id": "chat"},
    "get_session_model": {"session_id": "chat"},
    "session_exists": {"session_id": "chat"},
    "clear_session": {"session_id": "chat"},
    "delete_session": {"session_id": "chat"},
    "set_chat_history": {"session_id": "chat", "messages": [{"role": "user", "content": "one"}]},
    "append_compaction_checkpoint": {
        "session_id": "chat",
        "summary": "S",
        "[role]": "system",
        "[tokens_before]": 10,
        "[tokens_after]": 1,
        "[metadata]": {"a": 1},
    },
    "update_session_metadata": {
        "session_id": "chat",
        "[model]": "m",
        "[anything]": {"a": 1},
        "[agent_id]": "g",
        "[agent_name]": "A",
        "[user_id]": "u",
    },
    "rename_session": {"session_id": "chat", "title": "T"},
    "set_agent_info": {"session_id": "chat", "[agent_name]": "A", "[user_id]": "u"},
    "set_gateway_info": {"session_id": "chat", "[gateway_session_id]": "A", "[agent_id]": "g"},
    "list_sessions": {"[limit]": 50},
    "list_sessions_by_agent": {"agent_name": "A", "[limit]": 50},
    "get_sessions_by_agent": {"agent_name": "A", "[limit]": 10},
    "get_by_gateway_session": {"gateway_session_id": "A"},
    "list_sessions_by_gateway_agent": {"agent_id": "g", "[limit]": 50},
    "invalidate_cache": {"[session_id]": None},
}
OPEN = {
    "[session_dir]": "sessions",
    "[max_messages]": 100,
    "[lock_timeout]": 0.05,
    "[retention]": None,
    "[active_window]": None,
}
VALUES: dict[str, dict[str, Any]] = {
    "SessionMessage": {
        "role": "user",
        "content": "hello",
        "[metadata]": {"a": 1},
        "[tool_calls]": None,
        "[tool_call_id]": None,
    },
}
MESSAGE_METHODS = ("", "to_dict", "to_llm_message")
SESSION_METHODS = ("", "to_dict", "get_chat_history", "get_working_history")
# Of the bot manager: its turns and its reset.
BOT = ("chat", "reset")
FAULTS = ("locked", "full", "unreadable")

PLANTED: dict[str, Any] = {
    **{name: json.dumps(value) for name, value in (SOUND | BROKEN).items()},
    **{name: odd("bytes", data) for name, data in BYTES.items() if name != "nested deeply"},
    "nested deeply": BYTES["nested deeply"],
}


def call(method: str, **given: Any) -> Step:
    """A step that calls a method of the store, with its ordinary values but for those given."""
    ordinary = {name: value for name, value in STORE[method].items() if not name.startswith("[")}
    return {"do": "call", "method": method, "given": ordinary | given}


def plant(name: str, path: str = "sessions/chat.json") -> Step:
    """A step that writes one of the `PLANTED` files."""
    text = json.dumps(PLANTED[name]).replace(r"\"session_id\": \"chat\"", _named(path))
    return {"do": "plant", "what": name, "given": {"path": path, "data": json.loads(text)}}


def _named(path: str) -> str:
    """How a file of this name says whose it is; a copy goes on saying what it did."""
    own = PurePath(path).stem if path.startswith("sessions/bot_") else "chat"
    return rf"\"session_id\": \"{own}\""


def bot(**given: Any) -> Step:
    """A step that makes a manager over the store."""
    return {"do": "bot", "on": "bot", "given": {"platform": "telegram"} | given}


def ask(
    prompt: Any = "Hello", agent: str = "one", platform: str = "telegram", **given: Any
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


def reset(user_id: Any = "7", platform: str = "telegram") -> Step:
    """A step in which the bot forgets a user."""
    return {
        "do": "tell the bot",
        "on": "bot",
        "method": "reset",
        "platform": platform,
        "session": _session_of(platform, user_id),
        "given": {"user_id": user_id},
    }


def _session_of(platform: str, user_id: Any) -> str:
    return "_".join(["bot", *filter(None, [platform]), str(decode(user_id))])


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


def agent(on: str = "agent", **given: Any) -> Step:
    """A step that makes an agent of session `chat`."""
    made = {"name": "A", "instructions": "Be brief.", "memory": {"session_id": "chat"}}
    return {"do": "agent", "on": on, "given": made | given}


def tell(prompt: Any, method: str = "chat", on: str = "agent", **given: Any) -> Step:
    """A step in which an agent of session `chat` is asked; "closed" stands for a closed stream."""
    way, _, closed = method.partition(" ")
    if way == "stream":
        way, given = "start", {"stream": True} | given
    step = {"do": "ask the agent", "on": on, "method": way, "session": "chat"}
    return step | ({"closed": True} if closed else {}) | {"given": {"prompt": prompt} | given}


AGENT = (
    *("chat", "start", "run", "achat", "astart", "arun"),
    *("stream", "iter_stream", "stream closed", "iter_stream closed"),
)
AGENT_FILE = "sessions/chat.json"
ALICE, WHO, HOW_MANY = "My name is Alice.", "What is my name?", "How many messages are there?"
# Said to an agent that has answered before.
LIVES = {"lives": True, "user": "praison"}
# What can go wrong with a turn of an agent: the store's faults, and a model that refuses.
AGENT_FAULTS = (*FAULTS, "model")


def agents() -> Iterator[Program]:
    """Each way to ask an agent: fresh, again, after another process, over files, under faults."""
    for method in AGENT:
        yield [agent(), tell(ALICE, method), tell(WHO, method) | LIVES, agent(), tell(WHO, method)]
        yield [plant("three", AGENT_FILE), agent(), tell(WHO, method)]
        for fault in AGENT_FAULTS:
            yield [agent(), tell(ALICE, method) | {"fault": fault}, agent(), tell(WHO)]
            yield [
                *(plant("three", AGENT_FILE), agent(), tell(ALICE, method)),
                *(tell(WHO, method) | LIVES | {"fault": fault}, tell(WHO, method) | LIVES),
            ]
    for memory in (None, True, False, {"session_id": "chat", "user_id": "u"}):
        yield [agent(memory=memory), tell(ALICE), tell(WHO) | LIVES]
    for prompt in CONTENTS:
        yield [agent(), tell(prompt)]
    yield [agent(), tell("Hello"), plant("plain", AGENT_FILE), tell("And now?") | LIVES]
    for name in PLANTED:
        yield [plant(name, AGENT_FILE), agent(), tell("Are you there?")]


def agent_programs(longest: int) -> st.SearchStrategy[Program]:
    """Sequences of turns of two agents of one id, with calls to the store and faults between."""
    who = st.sampled_from(["agent", "other"])
    prompts = _of([ALICE, WHO, HOW_MANY, "Hello"])
    asked = st.builds(lambda on, prompt, way: tell(prompt, way, on), who, prompts, _of(AGENT))
    faulty = st.builds(lambda step, fault: step | {"fault": fault}, asked, _of(AGENT_FAULTS))
    memory = [
        {"session_id": "chat"},
        {"session_id": "chat", "user_id": "u"},
        {"session_id": "chat", "user_id": "v"},
    ]
    made = st.builds(lambda on, memory: agent(on, memory=memory), who, _of(memory))
    stored = _of(
        [
            call("add_user_message", content="from the store"),
            call("add_assistant_message", content="from the store"),
            call("clear_session"),
            call("delete_session"),
            call("get_chat_history"),
            call("get_session"),
            plant("three", AGENT_FILE),
            plant("tool turn", AGENT_FILE),
            plant("list", AGENT_FILE),
            MOVED,
        ]
    )
    more = st.lists(st.one_of(asked, asked, asked, faulty, made, stored), max_size=longest)
    return st.builds(lambda more: _lived([agent(), agent("other"), *more]), more)


MOVED: Step = {"do": "move", "given": {"old": "sessions", "new": "moved"}}


def _lived(program: Program) -> Program:
    """The program with each turn marked whose agent has had one before."""
    lives: set[str] = set()
    users: dict[str, str] = {}
    found = []
    for step in program:
        if step["do"] == "agent":
            lives.discard(step["on"])
            users[step["on"]] = step["given"]["memory"].get("user_id", "praison")
        elif step["do"] == "ask the agent":
            step = (step | LIVES if step["on"] in lives else step) | {"user": users[step["on"]]}
            lives.add(step["on"])
        found.append(step)
    return found


def alone() -> Iterator[Program]:
    """Each method with each edge of each parameter, over each file, and under each fault."""
    begun = [call("add_user_message", content="begun")]
    for method, parameters in STORE.items():
        for name in parameters:
            plain = name.strip("[]")
            for value in EDGES[plain]:
                yield [*begun, call(method, **{plain: value}), call("get_session")]
        full = {name.strip("[]"): value for name, value in parameters.items()}
        yield [call(method, **full), call("get_session")]
        for fault in FAULTS:
            yield [*begun, call(method) | {"fault": fault}, call("get_chat_history")]
            yield [call(method) | {"fault": fault}, call("get_session")]
    for planted in PLANTED:
        for method in STORE:
            given = {"session_id": "chat"} if "[session_id]" in STORE[method] else {}
            yield [plant(planted), call(method, **given), call("get_session")]
        for limit in (1, 2, 3):
            yield [
                plant(planted),
                call("get_chat_history", max_messages=limit),
                call("get_working_history", max_messages=limit),
            ]
    yield from _openings()
    yield from _values()
    yield from bots()
    yield from agents()


def _openings() -> Iterator[Program]:
    adds = [call("add_user_message", content=f"{n}") for n in range(5)]
    for name in OPEN:
        plain = name.strip("[]")
        for value in EDGES[plain]:
            given = {"session_dir": "sessions", "lock_timeout": 0.05} | {plain: value}
            taken = {"do": "plant", "given": {"path": "taken", "data": "a file"}}
            yield [taken, {"do": "open", "given": given}, *adds, call("get_session")]
    for retention in EDGES["retention"]:
        for window in (None, 2, 3):
            given = {"session_dir": "sessions", "retention": retention, "active_window": window}
            yield [{"do": "open", "given": given}, *adds, call("get_session")]
    for retention, window in (("truncate", "3"), ("forever", "x"), ("", ""), ("COMPACT", "-1")):
        given = {
            "PRAISONAI_SESSION_RETENTION": retention,
            "PRAISONAI_SESSION_ACTIVE_WINDOW": window,
        }
        yield [{"do": "open default", "given": given}, *adds, call("get_session")]
    yield [{"do": "open", "given": {}}, *adds, call("get_session")]


def _values() -> Iterator[Program]:
    for name in VALUES["SessionMessage"]:
        plain = name.strip("[]")
        ordinary = {k: v for k, v in VALUES["SessionMessage"].items() if k[0] != "["}
        for value in EDGES[plain]:
            for method in MESSAGE_METHODS:
                given = ordinary | {plain: value}
                yield [
                    {"do": "make", "on": "SessionMessage", "method": method, "given": given},
                ]
    for data in (each for each in (SOUND | BROKEN).values() if isinstance(each, dict)):
        for method in SESSION_METHODS:
            read = {"do": "read", "on": "SessionData", "method": method, "given": {"data": data}}
            limits = EDGES["max_messages"] if method.startswith("get") else [None]
            for limit in limits:
                yield [read | {"with": {"max_messages": limit} if limit is not None else {}}]


def _of(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def _calls() -> st.SearchStrategy[Step]:
    def of(method: str) -> st.SearchStrategy[Step]:
        required = {n: st.sampled_from(EDGES[n]) for n in STORE[method] if n[0] != "["}
        optional = {
            n.strip("[]"): st.sampled_from(EDGES[n.strip("[]")])
            for n in STORE[method]
            if n[0] == "["
        }
        ordinary = st.fixed_dictionaries(
            {n: st.just(value) for n, value in STORE[method].items() if n[0] != "["}
        )
        given = st.one_of(ordinary, st.fixed_dictionaries(required, optional=optional))
        return given.map(lambda made: {"do": "call", "method": method, "given": made})

    return st.sampled_from(sorted(STORE)).flatmap(of)


def _faulty(step: Step) -> st.SearchStrategy[Step]:
    return st.sampled_from([None, None, None, *FAULTS]).map(
        lambda fault: step | {"fault": fault} if fault else step
    )


def steps() -> st.SearchStrategy[Step]:
    """Any step of a random program."""
    planted = st.builds(
        plant,
        st.sampled_from([name for name in PLANTED if name != "nested deeply"]),
        st.sampled_from(["sessions/chat.json", "sessions/other.json"]),
    )
    opened = st.fixed_dictionaries(
        {"session_dir": st.just("sessions"), "lock_timeout": st.just(0.05)},
        optional={
            "max_messages": st.sampled_from([3, 100]),
            "retention": st.sampled_from(["compact", "truncate", "keep_all"]),
            "active_window": st.sampled_from([0, 2, 4]),
        },
    ).map(lambda given: {"do": "open", "given": given})
    moved = st.sampled_from(
        [
            {"do": "move", "given": {"old": "sessions", "new": "moved"}},
            {"do": "remove", "given": {"path": "sessions/chat.json"}},
        ]
    )
    called = _calls().flatmap(_faulty)
    return st.one_of(called, called, called, called, planted, opened, moved)


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


def programs(longest: int) -> st.SearchStrategy[Program]:
    """Sequences of steps that begin with a session or without one."""
    return st.lists(steps(), min_size=1, max_size=longest)


def written(program: Program) -> str:
    """A program as a reader of a report can follow it."""
    lines = []
    for step in program:
        given = ", ".join(f"{name}={shown(value)}" for name, value in step["given"].items())
        more = ", ".join(f"{name}={shown(value)}" for name, value in step.get("with", {}).items())
        who = step.get("on", "store")
        if "agent" in step:
            given += f", agent={step['agent']!r}"
        line = {
            "call": f"{who}.{step.get('method')}({given})",
            "open": f"{who} = DefaultSessionStore({given})",
            "make": f"{who}({given}).{step.get('method') or '__init__'}({more})",
            "read": f"{who}.from_dict(...).{step.get('method') or '__init__'}({more})  # {given}",
            "agent": f"{who} = Agent({given})",
            "ask the agent": f"{who}.{step.get('method')}({given})",
        }.get(step["do"], f"{step['do']}: {step.get('what') or step.get('method') or ''} {given}")
        line += "  # and closed early" if step.get("closed") else ""
        lines.append(line + (f"  # while {step['fault']}" if step.get("fault") else ""))
    return "\n".join(f"    {line}" for line in lines)
