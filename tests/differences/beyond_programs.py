"""What is tried of the methods and parameters that the release has beyond these pages.

The reference is given a call without the parameters that the page says it leaves out. So what they
change of an answer or a file is a difference like any other.
"""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from executable_pages.testing.scanner import ROOT, scan
from tests.differences.agent_programs import ALICE, MOVED, WHO, agent, tell
from tests.differences.bot_programs import BOT_FILE, NEW, ask, bot, reset
from tests.differences.edges import EDGES, LONG, PARTS, STRINGS, odd
from tests.differences.steps import FAULTS, Program, Step, call, plant

PAGES = (ROOT / "docs" / "reference" / "store.md", ROOT / "docs" / "reference" / "agent.md")


def _listed(head: str) -> dict[str, list[str]]:
    """The first column of each table with this heading, and the names in the second."""
    tables = [table for page in PAGES for table in scan(page).tables if table.header[0] == head]
    rows = [row for table in tables for row in table.rows]
    return {row[0].strip("`"): row[1].replace("`", "").split(", ") for row in rows}


METHODS_LEFT_OUT = frozenset(name.split(".")[-1] for name in _listed("Method"))
LEFT_OUT = {name: frozenset(names) for name, names in _listed("Call").items()}

_ANY: list[Any] = [None, 0, -1, True, "x", "", ["x"], {}]
_COUNT: list[Any] = [None, 0, -1, 1, 10**30, True, 2.0, "2"]
_PLATFORMS: list[Any] = ["telegram", "Telegram", "", None, 0, LONG]
_TEXT: list[Any] = ["hello", "", " ", None, 0, ["x"], LONG]
_IDS: list[Any] = ["chat", "none", "Chat", "", None, 0]
_STATE: list[Any] = [{"x": 1}, {}, None, 0, "x"]

# Methods of the store, with the values of each parameter; the first is the ordinary one.
STORE_BEYOND: dict[str, dict[str, list[Any]]] = {
    "search": {"query": _TEXT, "limit": _COUNT, "window": _COUNT},
    "window": {
        "session_id": _IDS,
        "around_message_id": [None, 0, "0", 9, -1, "x"],
        "window": _COUNT,
    },
    "recent": {"limit": _COUNT},
    "export_session": {"session_id": _IDS, "include_lineage": _ANY},
    "export_all": {},
    "import_sessions": {
        "payload": [{"sessions": [{"session_id": "new"}]}, {}, {"sessions": []}, None, 0, "x"],
        "max_sessions": _COUNT,
        "reset_live_fields": _ANY,
        "overwrite": _ANY,
    },
    "get_agent_chat_history": {
        "agent_name": ["A", "a", "", None, 0],
        "max_messages": _COUNT,
        "max_sessions": _COUNT,
    },
    "get_session_reasoning_effort": {"session_id": _IDS},
    "merge_session_metadata_map": {
        "session_id": _IDS,
        "key": ["k", "", None, 0],
        "updates": _STATE,
        "defaults": _STATE,
    },
    "upsert_partial_assistant_message": {"session_id": _IDS, "content": _TEXT, "finalize": _ANY},
    "discard_partial_assistant_message": {"session_id": _IDS},
    "set_runtime_state": {
        "session_id": _IDS,
        "runtime_id": ["r", "", None, 0],
        "turn_id": ["t", "", None, 0],
        "state": _STATE,
        "mirror_enabled": _ANY,
    },
    "get_runtime_state": {
        "session_id": _IDS,
        "runtime_id": ["r", "", None, 0],
        "turn_id": [None, "t", "", 0],
    },
    "clear_runtime_state": {"session_id": _IDS, "runtime_id": [None, "r", "", 0]},
    "flush_mirror": {"timeout": [None, 0, -1, 0.01, "1"]},
    "close_mirror": {},
}
STORE_OPENED: dict[str, list[Any]] = {
    "mirror": [None, odd("object"), 0, "x"],
    "cache_maxsize": [256, None, 0, -1, 1, "1"],
}
_IDLE = 300
_POLICY = odd("policy", {"mode": "idle", "idle_minutes": _IDLE // 60})
_SHRINKS = {"enabled": True, "max_messages": 2, "keep_recent": 1}
BOT_OPENED: dict[str, list[Any]] = {
    "max_history": [100, 2, 1, 0, -1, None, True, "2", 2.0],
    "platform": _PLATFORMS,
    "run_timeout": [300.0, 5, 0, -1, None, "5", True],
    "reset_policy": [None, _POLICY, odd("policy", {"mode": "none"}), 0, "idle"],
    "session_scope": ["per_user", "per_chat", "Per_Chat", "", None, 0],
    "attribution": ["[{sender}] ", "", None, "{x}", 0],
    "timestamps": [False, True, None, 0, "x"],
    "timestamp_template": ["[%H] ", "", None, 0],
    "compaction": [None, _SHRINKS, {}, {"enabled": False}, 0, "x"],
    "dlq": _ANY,
    "identity_resolver": _ANY,
    "identity_canonicalizer": _ANY,
    "ingress_journal": _ANY,
    "run_control": _ANY,
    "channel_directory": _ANY,
    "inject_session_context": _ANY,
    "delivery_router": _ANY,
    "admission_gate": _ANY,
    "turn_lock_map": _ANY,
    "surface_completion_reason": _ANY,
    "defer_journal_completion": _ANY,
}
_ROUTE: list[Any] = ["", "c", "-100", None, 0, True, "a b", LONG]
CHAT: dict[str, list[Any]] = {
    "chat_id": _ROUTE,
    "thread_id": _ROUTE,
    "user_name": ["", "Alice", "x\ny", None, 0],
    "message_id": ["", "m1", "M1", None, 0, True],
    "account": _ROUTE,
    "stream_callback": [None, 0, "x"],
    "tool_policy": [None, 0, odd("object"), "x"],
    "correlation_id": ["", "c1", None, 0],
    "attachments": [None, [], ["none.png"], ["none.png", 0], "x", 0, {}],
    "received_at": [None, odd("moment", "2026-01-02T03:04:05+00:00"), 0, "x"],
}
_HISTORY: list[Any] = [[{"role": "user", "content": "one"}], [], None, "x", [None]]
BOT_BEYOND: dict[str, dict[str, list[Any]]] = {
    "record_passive": {
        "user_id": ["7", 7, "", None, "a b"],
        "content": [*_TEXT, PARTS],
        "sender": ["", "Alice", None, 0, "x\ny"],
        "route": ["c", "", None, 0],
    },
    "reset_all": {},
    "reap_stale": {"max_age_seconds": [60, 0, -1, None, "60", 0.5]},
    "active_sessions": {},
    "get_user_ids": {},
    "export_history": {"storage_key": ["7", "", None, 0]},
    "seed_history": {"storage_key": ["7", "", None, 0], "history": _HISTORY},
    "warm_sessions": {},
    "sweep_under_pressure": {"memory_pressure": [None, 0, "x"], "headroom": [0.9, 0, -1, None]},
    "chat_with_run_control": {
        "agent": ["one"],
        "user_id": ["7", 7, "", None],
        "prompt": _TEXT,
        "chat_id": _ROUTE,
        "thread_id": _ROUTE,
        "user_name": ["", "Alice", None, 0],
        "received_at": [None, 0],
    },
    "cancel_run": {"user_id": ["7", "", None, 0], "reason": ["stop", "", None, 0]},
    "get_active_runs": {},
    "note_run_progress": {},
    "last_run_progress": {},
    "pop_last_presentation": {"user_id": ["7", "", None, 0]},
    "complete_last_journal_entry": {"journal_key": [None, "k", "", 0]},
    "set_pending_tool_policy": {"agent": ["one"], "tool_policy": [None, 0, "x"]},
    "set_profile_namespace": {"profile": ["a", "", None, 0], "agent": [None, "one"]},
    "attach_gateway_runtime": {"runtime": [None, 0, odd("object"), "x"]},
}
ASKED: dict[str, list[Any]] = {
    "temperature": [0.0, None, -1, "warm"],
    "tools": [None, [], "x"],
    "output_json": [None, 0],
    "output_pydantic": [None, 0],
    "reasoning_steps": [True, None, "x"],
    "stream": [None, True, False, 0, "x"],
    "task_name": [None, "t", "", 0],
    "task_description": [None, "t", "", 0],
    "task_id": [None, "t", "", 0],
    "config": [None, {}, 0, "x"],
    "force_retrieval": [True, None, "x"],
    "skip_retrieval": [True, None, "x"],
    "attachments": [None, [], ["none.png"], "x", 0],
    "tool_choice": [None, "auto", "none", "", 0],
    "seed": [None, 0, -1, "x"],
    "cancel_token": [None, 0, "x"],
}
# The other ways to ask take them as keywords.
KEYWORDS = ("start", "run", "astart", "arun", "iter_stream")


def without(owner: str, step: Step) -> Step:
    """The step, and which of its parameters the reference leaves out."""
    left_out = LEFT_OUT.get(owner, frozenset()) & step["given"].keys()
    return step | {"without": sorted(left_out)} if left_out else step


def made_bot(**given: Any) -> Step:
    """A manager with parameters of the release's alone."""
    return without("BotSessionManager", bot(**given))


def asked_bot(prompt: Any = "Hello", **given: Any) -> Step:
    """A turn with parameters of the release's alone."""
    return without("BotSessionManager.chat", ask(prompt, **given))


def asked(prompt: str, method: str, **given: Any) -> Step:
    """A turn of an agent with parameters of the release's alone."""
    owner = method if method in ("chat", "achat") else "chat"
    return without(f"Agent.{owner}", tell(prompt, method, **given))


def passive(content: Any = "overheard", user_id: Any = "7", **given: Any) -> Step:
    """A message that the bot hears and does not answer; the reference stores it by the store."""
    step = beyond("record_passive", user_id=user_id, content=content, **given)
    instead = {"session_id": "bot_telegram_7", "content": content}
    is_plain = content in ("hello", "overheard", LONG) and user_id in ("7", 7) and not given
    more = {"method": "add_user_message", "given": instead}
    return step | {"instead": more} if is_plain else step


def beyond(method: str, **given: Any) -> Step:
    """A call of a method that the reference's manager leaves out."""
    if "route" in given:
        given["chat_id"] = given.pop("route")
    return {
        "do": "tell the bot",
        "on": "bot",
        "method": method,
        "platform": "telegram",
        "session": "bot_telegram_7",
        "given": given,
    }


def _each(values: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """The ordinary values, and each edge of each parameter among them."""
    ordinary = {name: each[0] for name, each in values.items()}
    yield ordinary
    for name, edges in values.items():
        for edge in edges[1:]:
            yield ordinary | {name: edge}


def of_the_store() -> Iterator[Program]:
    """The store's methods and settings beyond these pages."""
    begun = [call("add_user_message", content="hello"), call("set_agent_info", agent_name="A")]
    for method, values in STORE_BEYOND.items():
        for given in _each(values):
            step = {"do": "call", "method": method, "given": given}
            yield [*begun, step, call("get_session")]
    for name, edges in STORE_OPENED.items():
        for edge in edges:
            opened = {"do": "open", "given": {"session_dir": "sessions", name: edge}}
            after = [step | {"made": opened["given"]} for step in (*begun, call("get_session"))]
            yield [without("DefaultSessionStore", opened), *after]


def of_bots() -> Iterator[Program]:
    """The bot manager's parameters, each edge alone, and its methods beyond these pages."""
    for name, edges in BOT_OPENED.items():
        for edge in edges:
            given = {name: edge} | ({"timestamps": True} if name.startswith("timestamp_") else {})
            # Who has a scope for chats is asked in one.
            chat = {"chat_id": "-100"} if name in ("session_scope", "attribution") else {}
            if name == "attribution":
                given["session_scope"] = "per_chat"
            made, platform = made_bot(**given), given.get("platform", "telegram")
            turns = [asked_bot(f"{n}", platform=platform, **chat) for n in range(3)]
            yield of_manager([made, *turns, reset(platform=platform)])
    for name, edges in CHAT.items():
        for edge in edges:
            turn = asked_bot(**{name: edge})
            yield of_manager([bot(), turn, turn, ask("And now?")])
            stamped = made_bot(timestamps=True)
            yield of_manager([stamped, turn] if name == "received_at" else [bot(), turn])
    for route in _ROUTE:
        yield of_manager([bot(), ask(), without("", reset() | {"given": _routed(route)}), ask()])
    for method, values in BOT_BEYOND.items():
        for given in _each(values):
            step = passive(**given) if method == "record_passive" else beyond(method, **given)
            if method == "record_passive" and given == {k: v[0] for k, v in values.items()}:
                step = passive(given["content"])
            yield of_manager([bot(), ask(), step, ask("Again"), bot(), step | NEW])


def _routed(route: Any) -> dict[str, Any]:
    return {"user_id": "7", "chat_id": route}


def of_manager(program: Program) -> Program:
    """The program with the settings of the manager at each step of it.

    A step is `idle` when the manager was silent for longer than the policy allows.
    """
    made: dict[str, Any] = {}
    staged: dict[str, Any] = {}
    now = last = 0
    found = []
    for step in program:
        if step["do"] == "later":
            now += step["given"]["seconds"]
        elif step["do"] == "bot":
            made, staged, last = step["given"], {}, now
        elif step.get("on") == "bot":
            is_idle = now - last >= _IDLE and "reset_policy" in made
            step = step | {"made": made} | staged | ({"idle": True} if is_idle else {})
            last = now if step["method"] in ("chat", "record_passive", "reset") else last
            # The next turn is of this profile, and none after it.
            profile = step["given"].get("profile")
            staged = {"staged": profile} if profile not in (None, "") else {}
        found.append(step)
    return found


def manager_programs(longest: int) -> st.SearchStrategy[Program]:
    """Sequences of turns, what is overheard, resets, windows and idle times, under faults."""
    turns = [ask("Hello"), ask("Again"), ask("Again", user_id="8"), ask("Hello", "failing")]
    attached = [asked_bot("Look", attachments=["none.png"]), asked_bot("Look", account="a")]
    told = [passive("overheard"), passive("hello"), beyond("reset_all"), reset(), reset("8")]
    seeded = beyond("seed_history", storage_key="7", history=_HISTORY[0])
    asked = st.sampled_from([*turns, *attached, *told, seeded])
    faulty = st.builds(
        lambda step, fault: step | {"fault": fault, "at": BOT_FILE},
        st.sampled_from([*turns, *attached, passive("overheard"), reset()]),
        st.sampled_from(FAULTS),
    )
    later: Step = {"do": "later", "given": {"seconds": 200}}
    planted = [plant(name, BOT_FILE) for name in ("three", "list", "messages string", "archive")]
    others = st.sampled_from([later, later, MOVED, *planted])
    limit = st.sampled_from([100, 4, 2, 1, 0, -1])
    made = st.one_of(
        st.builds(lambda limit: bot(max_history=limit), limit),
        st.builds(lambda limit: made_bot(max_history=limit, reset_policy=_POLICY), limit),
    )
    more = st.lists(st.one_of(asked, asked, asked, faulty, others, made), max_size=longest)
    return st.builds(lambda first, more: of_manager([first, *more]), made, more)


def of_agents() -> Iterator[Program]:
    """What agents take beside a question."""
    for name, edges in ASKED.items():
        for edge in edges:
            for method in ("chat", "achat"):
                yield [agent(), asked(ALICE, method, **{name: edge}), agent(), tell(WHO)]
    for method in KEYWORDS:
        yield [agent(), asked(ALICE, method, temperature=0.5), agent(), tell(WHO)]
        yield [agent(), asked(ALICE, method, color="blue")]


_CHECKPOINT = {"summary": "S", "message_index": 1, "timestamp": 1.5}
_MOMENTS: list[Any] = [1.5, None, 0, -1, "t", True, odd("float", "nan")]
_KEPT = odd("messages", [{"role": "user", "content": "one", "timestamp": 1.5}])
# The constructors of what the store gives, with the values of each parameter.
MADE: dict[str, dict[str, list[Any]]] = {
    "SessionMessage": {
        "role": EDGES["role"][1:],
        "content": EDGES["content"][1:],
        "timestamp": _MOMENTS,
        "metadata": [{}, *EDGES["metadata"]],
        "tool_calls": [None, *EDGES["tool_calls"]],
        "tool_call_id": [None, *EDGES["tool_call_id"]],
    },
    "SessionData": {
        "session_id": ["chat", *EDGES["session_id"][1:]],
        "messages": [_KEPT, [], None, "x"],
        "created_at": ["2026-01-02T03:04:05+00:00", *STRINGS],
        "updated_at": ["2026-01-02T03:04:05+00:00", *STRINGS],
        "agent_name": STRINGS,
        "user_id": STRINGS,
        "metadata": [{}, *EDGES["metadata"]],
        "gateway_session_id": STRINGS,
        "agent_id": STRINGS,
        "runtime_state": [{}, {"r": {"t": {"x": 1}}}, None, 0],
        "archived_messages": [[], _KEPT, None],
        "last_compaction": [None, odd("checkpoint", _CHECKPOINT), "S", 0],
    },
}


def of_values() -> Iterator[Program]:
    """Each edge of what a message and a session are made of."""
    for owner, values in MADE.items():
        methods = ("", "to_dict", "to_llm_message")
        if owner == "SessionData":
            methods = ("to_dict", "get_chat_history", "get_working_history", "trim_messages")
        for given in _each(values):
            for method in methods:
                step = {"do": "make", "on": owner, "method": method, "given": given}
                yield [step | ({"with": {"max_messages": 1}} if method == "trim_messages" else {})]
    for data in ({"role": "user", "content": "one", "timestamp": 1.5}, {}, {"role": None}):
        read = {"do": "read", "on": "SessionMessage", "given": {"data": data}}
        yield [read | {"method": "to_dict"}]


def beyond_programs() -> Iterator[Program]:
    """All of these."""
    yield from of_the_store()
    yield from of_bots()
    yield from of_agents()
    yield from of_values()
