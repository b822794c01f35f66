"""Histories made by hand, good and bad."""

from reference_impl.contract.history import Operation


def op(client: str, method: str, start: int, end: int | None, *messages: str, **more) -> Operation:
    """An operation of the session "s", answered True unless told otherwise."""
    given = {"answer": True} | more
    return Operation(client, method, "s", start, end, messages, **given)


def add(client: str, message: str, start: int, end: int | None, **more) -> Operation:
    """An append."""
    return op(client, "add_message", start, end, message, **more)


def read(client: str, answer: object, start: int, end: int, **more) -> Operation:
    """A read."""
    return op(client, "get_chat_history", start, end, answer=answer, **more)


GOOD = {
    "nothing": [],
    "one after the other": [add("P1", "a", 0, 1), read("P2", ["a"], 2, 3)],
    "a read beside a write sees it": [add("P1", "a", 0, 9), read("P2", ["a"], 2, 3)],
    "a read beside a write does not see it": [add("P1", "a", 0, 9), read("P2", [], 2, 3)],
    "two writers at once, either order": [
        add("P1", "a", 0, 5),
        add("P2", "b", 0, 5),
        read("P1", ["b", "a"], 6, 7),
    ],
    "a write without an answer came late": [
        add("P1", "a", 0, None),
        read("P2", [], 2, 3),
        read("P2", ["a"], 4, 5),
    ],
    "a write without an answer never came": [add("P1", "a", 0, None), read("P2", [], 9, 10)],
    "a write answered False may be there": [
        add("P1", "a", 0, 1, answer=False),
        read("P2", ["a"], 2, 3),
    ],
    "a write that raised may not be there": [
        add("P1", "a", 0, 1, error="OSError"),
        read("P2", [], 2, 3),
    ],
    "a read that raised says nothing": [
        add("P1", "a", 0, 1),
        read("P2", None, 2, 3, error="OSError"),
    ],
    "delete before append": [
        op("P1", "delete_session", 0, 9),
        add("P2", "a", 0, 9),
        read("P1", ["a"], 10, 11),
        op("P1", "session_exists", 12, 13),
    ],
    "append before delete": [
        op("P1", "delete_session", 0, 9),
        add("P2", "a", 0, 9),
        read("P1", [], 10, 11),
        op("P1", "session_exists", 12, 13, answer=False),
    ],
    "a cleared session exists": [
        add("P1", "a", 0, 1),
        op("P1", "clear_session", 2, 3),
        op("P2", "session_exists", 4, 5),
        read("P2", [], 4, 5),
    ],
    "replaced": [
        add("P1", "a", 0, 1),
        op("P1", "set_chat_history", 2, 9, "x", "y"),
        read("P2", ["a"], 3, 4),
        read("P2", ["x", "y"], 5, 6),
    ],
    "the same text twice": [
        add("P1", "a", 0, 1),
        add("P1", "a", 2, 3),
        read("P2", ["a", "a"], 4, 5),
    ],
    "the newest": [
        add("P1", "a", 0, 1),
        add("P1", "b", 2, 3),
        read("P2", ["b"], 4, 5, limit=1),
        read("P2", ["a", "b"], 4, 5, limit=7),
    ],
}

BAD = {
    "a stale read": ([add("P1", "a", 0, 1), read("P2", [], 2, 3)], "did not read 'a'"),
    "a stale read before a fresh one": (
        [add("P1", "a", 0, 1), read("P2", [], 2, 3), read("P2", ["a"], 4, 5)],
        "did not read 'a'",
    ),
    "a lost message": (
        [add("P1", "a", 0, 5), add("P2", "b", 0, 5), read("P1", ["b"], 6, 7)],
        "did not read 'a'",
    ),
    "a doubled message": ([add("P1", "a", 0, 1), read("P2", ["a", "a"], 2, 3)], "twice"),
    "an invented message": ([read("P2", ["a"], 2, 3)], "nobody wrote"),
    "a read of the future": ([read("P2", ["a"], 0, 1), add("P1", "a", 2, 3)], "before it was"),
    "a reader that went back": (
        [add("P1", "a", 0, 9), read("P2", ["a"], 1, 2), read("P3", [], 3, 4)],
        "fewer messages",
    ),
    "a gap": (
        [
            add("P1", "a", 0, 9),
            add("P2", "b", 0, 9),
            read("P3", ["b"], 1, 2),
            read("P3", ["a", "b"], 10, 11),
        ],
        "not the beginning",
    ),
    "two orders": (
        [
            add("P1", "a", 0, 9),
            add("P2", "b", 0, 9),
            read("P1", ["a", "b"], 10, 11),
            read("P2", ["b", "a"], 10, 11),
        ],
        "not the beginning",
    ),
    "swapped": (
        [add("P1", "a", 0, 1), add("P1", "b", 2, 3), read("P2", ["b", "a"], 4, 5)],
        "stands before",
    ),
    "not a list": ([read("P2", "None", 2, 3)], "not a list"),
    "back from the dead": (
        [
            add("P1", "a", 0, 1),
            op("P2", "delete_session", 2, 3),
            add("P1", "b", 4, 5),
            read("P2", ["a", "b"], 6, 7),
        ],
        "no order",
    ),
    "half a delete": (
        [
            add("P1", "a", 0, 1),
            op("P2", "delete_session", 2, 3),
            op("P2", "session_exists", 4, 5),
        ],
        "no order",
    ),
    "a clear that removes": (
        [
            add("P1", "a", 0, 1),
            op("P1", "clear_session", 2, 3),
            op("P2", "session_exists", 4, 5, answer=False),
        ],
        "no order",
    ),
    "a mixture": (
        [
            op("P1", "set_chat_history", 0, 1, "a", "b"),
            op("P1", "set_chat_history", 2, 9, "c", "d"),
            read("P2", ["c", "b"], 3, 4),
        ],
        "no order",
    ),
    "empty in between": (
        [
            op("P1", "set_chat_history", 0, 1, "a", "b"),
            op("P1", "set_chat_history", 2, 9, "c", "d"),
            read("P2", [], 3, 4),
        ],
        "no order",
    ),
    "the oldest": (
        [add("P1", "a", 0, 1), add("P1", "b", 2, 3), read("P2", ["a"], 4, 5, limit=1)],
        "no order",
    ),
    "existence that is no bool": ([op("P1", "session_exists", 0, 1, answer="yes")], "no bool"),
}


MINIMAL = {
    "a write that changes nothing is left out": (
        [
            add("P1", "a", 0, 1),
            op("P1", "delete_session", 2, 3),
            read("P2", [], 4, 5),
            add("P1", "b", 6, 7),
            read("P2", [], 8, 9),
        ],
        ["add_message", "get_chat_history"],
    ),
    "a write that makes another read true is kept": (
        [
            add("P1", "a", 0, 1),
            op("P1", "clear_session", 2, 20),
            read("P2", [], 3, 4),
            read("P2", ["a"], 5, 6),
        ],
        ["add_message", "clear_session", "get_chat_history", "get_chat_history"],
    ),
    "a message that makes a session exist is kept": (
        [add("P1", "a", 0, 9), op("P2", "session_exists", 1, 2), read("P2", [], 3, 4)],
        ["add_message", "session_exists", "get_chat_history"],
    ),
    "what was read of a limited history is not changed": (
        [
            add("P1", "a", 0, 1),
            add("P1", "b", 2, 3),
            add("P1", "c", 4, 5),
            read("P2", ["b"], 6, 7, limit=1),
        ],
        ["add_message", "add_message", "get_chat_history"],
    ),
    "a text that was written twice is counted": (
        [add("P1", "a", 0, 1), add("P1", "a", 2, 3), read("P2", ["a"], 4, 5)],
        ["add_message", "add_message", "get_chat_history"],
    ),
    "a whole read is shown instead of a limited one": (
        [add("P1", "a", 0, 1), read("P2", [], 2, 3), read("P2", [], 4, 5, limit=1)],
        ["add_message", "get_chat_history"],
    ),
    "a write that was not answered is left out": (
        [add("P3", "z", 0, None), add("P1", "a", 0, 1), read("P2", [], 2, 3)],
        ["add_message", "get_chat_history"],
    ),
}
