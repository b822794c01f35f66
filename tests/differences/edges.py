"""The values that each parameter is tried with, ordinary and odd, by the name of the parameter."""

from typing import Any

from tests.differences.wire import MARK

Value = Any


def odd(kind: str, of: Any = None) -> dict[str, Any]:
    """A value that JSON has no form for, as `wire` reads it."""
    return {MARK: kind, "of": of}


CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
OTHER_CALL = {"id": "c2", "type": "function", "function": {"name": "g", "arguments": "{}"}}
PARTS = [{"type": "text", "text": "part"}]
LONG = odd("repeat", ["word ", 2_000])
HALF = "\ud800"

IDS = ["chat", "other", "user:1", "user_1", "Chat", "a/b", "..", "\u00e9", " "]
ODD_IDS = [
    odd("text", "chat"),
    "",
    None,
    0,
    True,
    odd("repeat", ["x", 300]),
    HALF,
    odd("bytes", "b"),
]

STRINGS: list[Value] = [odd("text", "A"), "A", "a", "", " ", None, 0, 1.5, True, ["x"], HALF, LONG]
COUNTS: list[Value] = [None, 0, -1, 1, 2, 3, 1_000, True, 2.0, "2", ["x"]]
METADATA: list[Value] = [
    {"text": odd("text", "template")},
    None,
    {},
    {"a": 1, "b": [1, 2.5, None, True], "c": {"d": "e"}},
    {"model": "m", "total_tokens": 3},
    {"compaction": True, "compacted_count": 2},
    {"partial": True},
    {"t": odd("tuple", [1, 2])},
    odd("pairs", [[1, "one"]]),
    {"n": odd("float", "nan")},
    {"n": odd("float", "inf")},
    {"n": 10**30},
    {"s": odd("set", [1])},
    {"o": odd("object")},
    {"deep": odd("nested", 200)},
    {"half": HALF},
    [],
    [1],
    "text",
    0,
    True,
]
CONTENTS: list[Value] = [
    odd("text", "template"),
    "hello",
    "",
    " ",
    None,
    0,
    True,
    PARTS,
    [],
    ["text"],
    {"type": "text"},
    odd("tuple", ["a"]),
    odd("bytes", "raw"),
    HALF,
    "\x00\u2028\U0001f600",
    LONG,
]
ROLES: list[Value] = [
    odd("text", "user"),
    "user",
    "assistant",
    "system",
    "tool",
    "developer",
    "User",
    "",
    " ",
    None,
    7,
    HALF,
]
CALLS: list[Value] = [
    [CALL | {"id": odd("text", "c1")}],
    None,
    [],
    [CALL],
    [CALL, OTHER_CALL],
    [CALL, CALL],
    [{key: CALL[key] for key in ("type", "function")}],
    [CALL | {"id": None}],
    [CALL | {"id": ""}],
    {},
    CALL,
    "c1",
    ["c1"],
    odd("tuple", [CALL]),
    0,
]
CALL_IDS: list[Value] = [odd("text", "c1"), "c1", "c2", None, "", 0, True, HALF]
MESSAGES: list[Value] = [
    [],
    [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}],
    [{"role": "user", "content": "one", "timestamp": 1.5, "metadata": {"a": 1}}],
    [{"content": "no role"}],
    [{"role": "user"}],
    [{"role": None, "content": None}],
    [{"role": "user", "content": None}],
    [{"role": "assistant", "content": None, "tool_calls": [CALL]}],
    [
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
        {"role": "tool", "content": "yes", "tool_call_id": "c1"},
        {"role": "user", "content": "on"},
    ],
    [
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "user", "content": "on"},
    ],
    [{"role": "tool", "content": "alone", "tool_call_id": "c9"}],
    [{"role": "user", "content": PARTS}],
    [{"role": "user", "content": "one", "name": "Ann"}],
    [{"role": "assistant", "content": "one", "reasoning_content": "because", "refusal": None}],
    [{"role": "user", "content": "one", "timestamp": "2026-01-01"}],
    [{"role": "user", "content": "one", "timestamp": None}],
    [{"role": "user", "content": "one", "timestamp": True}],
    [{"role": "user", "content": "one", "metadata": None}],
    [{"role": "user", "content": "one", "metadata": [1]}],
    [{"role": "user", "content": 7}],
    [{"role": "user", "content": "one", "tool_calls": "c1"}],
    ["text"],
    [None],
    None,
    {},
    "text",
    odd("tuple", [{"role": "user", "content": "one"}]),
    odd("many", [{"role": "user", "content": "again"}, 105]),
]

EDGES: dict[str, list[Value]] = {
    "session_id": [*IDS, *ODD_IDS],
    "role": ROLES,
    "content": CONTENTS,
    "metadata": METADATA,
    "tool_calls": CALLS,
    "tool_call_id": CALL_IDS,
    "max_messages": COUNTS,
    "limit": COUNTS,
    "agent_name": STRINGS,
    "user_id": STRINGS,
    "gateway_session_id": STRINGS,
    "agent_id": STRINGS,
    "title": STRINGS,
    "summary": STRINGS,
    "tokens_before": [0, -1, 10**30, None, True, 1.5, "1"],
    "tokens_after": [0, -1, 10**30, None, True, 1.5, "1"],
    "messages": MESSAGES,
    # The fields of `update_session_metadata`, which are anything.
    "model": STRINGS,
    "anything": METADATA,
    # The constructor's.
    "session_dir": [None, "", "sessions", "deep/er", odd("path", "sessions"), 0, "taken"],
    "lock_timeout": [0.05, 0, -1, None, "1"],
    "retention": [None, "compact", "truncate", "keep_all", "forever", "Compact", "", 0],
    "active_window": COUNTS,
}

# What stands in a session's file before a step: what a store wrote, or what people made of it.
ONE = {"role": "user", "content": "first", "timestamp": 1.5, "metadata": {"a": 1}}


def _session(**fields: Any) -> dict[str, Any]:
    at = "2026-01-02T03:04:05+00:00"
    whole = {"session_id": "chat", "messages": [ONE], "created_at": at, "updated_at": at}
    return whole | fields


def _messages(*messages: Any) -> dict[str, Any]:
    return _session(messages=[ONE, *messages])


_CHECKPOINT = {"summary": "S", "message_index": 1, "role": "system", "timestamp": 1.5}
_ASKS = {"role": "assistant", "content": None, "timestamp": 2.5, "tool_calls": [CALL]}
_GIVES = {"role": "tool", "content": "yes", "timestamp": 3.5, "tool_call_id": "c1"}
_ON = {"role": "user", "content": "on", "timestamp": 4.5, "metadata": {}}

# Whole sessions, of which a reader would say that nothing is wrong with them.
SOUND: dict[str, Any] = {
    "plain": _session(),
    "empty": {},
    "no messages": {"session_id": "chat"},
    "labels": _session(
        agent_name="A",
        user_id="u",
        agent_id="g",
        gateway_session_id="A",
        metadata={"model": "m", "title": "T", "agent_id": "g"},
        runtime_state={"r": {"t": {"x": 1}}},
    ),
    "mirrored": _session(model="m", total_tokens=3, cost=0.5, source="cli", reasoning_effort="low"),
    "llm": _session(llm="m", token_count=4),
    "mirrored otherwise": _session(model="top", metadata={"model": "inside"}),
    "tool turn": _messages(_ASKS, _GIVES, _ON),
    "half a tool turn": _messages(_ASKS, _ON),
    "result without a call": _messages(_GIVES, _ON),
    "open call": _messages(_ASKS),
    "call without an id": _messages(
        _ASKS | {"tool_calls": [{key: CALL[key] for key in ("type", "function")}]},
        {"role": "tool", "content": "yes"},
        _ON,
    ),
    "turn between": _messages(_ASKS, _ON, _GIVES, _ON),
    "three": _messages(_ON, ONE),
    "checkpoint": _messages(_ON) | {"last_compaction": _CHECKPOINT},
    "checkpoint at the end": _messages(_ON)
    | {"last_compaction": _CHECKPOINT | {"message_index": 9}},
    "checkpoint in a tool turn": _messages(_ASKS, _GIVES, _ON)
    | {"last_compaction": _CHECKPOINT | {"message_index": 2}},
    "archive": _session(archived_messages=[ONE, _ON]),
    "full": _session(messages=[ONE | {"content": f"{n}"} for n in range(100)]),
    "full with a summary": _session(
        messages=[
            {
                "role": "system",
                "content": "[Session Summary]\nolder",
                "timestamp": 0.5,
                "metadata": {"compaction": True, "compacted_count": 7},
            },
            *(ONE | {"content": f"{n}"} for n in range(100)),
        ]
    ),
    "unknown keys": _session(color="blue", messages=[ONE | {"mood": "good"}]),
    "field of a model": _session(messages=[ONE | {"reasoning_content": "because"}]),
    "unknown key in a checkpoint": _session(last_compaction=_CHECKPOINT | {"by": "me"}),
    "bare message": _session(messages=[{"role": "user", "content": "first"}]),
    "bare bits": _session(messages=[{}, {"role": None}, {"content": None}]),
    "nulls": _session(metadata=None, runtime_state=None, archived_messages=None, agent_name=None),
    "no id": {"messages": [ONE]},
    "null id": _session(session_id=None),
    "another's id": _session(session_id="other"),
}
# What is no session, or not one that either store would write.
BROKEN: dict[str, Any] = {
    "list": [],
    "null": None,
    "string": "text",
    "number": 7,
    "messages null": _session(messages=None),
    "messages string": _session(messages="abc"),
    "messages object": _session(messages={"a": 1}),
    "messages number": _session(messages=7),
    "null message": _session(messages=[ONE, None]),
    "string message": _session(messages=["text", ONE]),
    "metadata list": _session(metadata=[1]),
    "metadata string": _session(metadata="abc"),
    "metadata empty list": _session(metadata=[]),
    "message metadata list": _session(messages=[ONE | {"metadata": [1]}]),
    "message metadata null": _session(messages=[ONE | {"metadata": None}]),
    "odd fields": _session(
        messages=[{"role": 7, "content": 8, "timestamp": "t", "tool_calls": "c", "tool_call_id": 9}]
    ),
    "runtime list": _session(runtime_state=[1]),
    "archive string": _session(archived_messages="abc"),
    "archive null message": _session(archived_messages=[None, ONE]),
    "checkpoint list": _session(last_compaction=[1]),
    "checkpoint string": _session(last_compaction="S"),
    "checkpoint without index": _session(last_compaction={"summary": "S"}),
    "checkpoint index string": _session(last_compaction=_CHECKPOINT | {"message_index": "1"}),
    "checkpoint negative": _session(last_compaction=_CHECKPOINT | {"message_index": -1}),
    "numbers for labels": _session(agent_name=1, user_id=2, created_at=3, updated_at=4),
    "number for id": _session(session_id=7),
}
# Bytes that are no JSON.
BYTES: dict[str, str] = {
    "nothing": "",
    "half": '{"session_id": "chat", "mess',
    "not UTF-8": '{"session_id": "chat", "messages": [], "x": "\xff"}',
    "mark of byte order": '\xef\xbb\xbf{"session_id": "chat", "messages": []}',
    "NaN": '{"session_id": "chat", "messages": [], "metadata": {"n": NaN}}',
    "1e400": '{"session_id": "chat", "messages": [], "metadata": {"n": 1e400}}',
    "great number": '{"session_id": "chat", "messages": [], "metadata": {"n": %s}}' % ("9" * 40),
    "half an emoji": '{"session_id": "chat", "messages": [], "metadata": {"n": "\\ud83d"}}',
    "key twice": '{"session_id": "chat", "messages": [], "messages": [{"content": "x"}]}',
    "nested deeply": "[" * 100_000 + "]" * 100_000,
}
