"""Why a lie that nothing caught is no gap. A survivor without a reason here is one."""

import re

# Where the lie was told, what it says (both as regular expressions), and the reason.
REASONS = [
    (
        "store.py",
        r"\+ break  # It is for the id",
        "The release has one name for an id, so the loop ends there either way.",
    ),
    (
        "store.py",
        r"\+ _default = DefaultSessionStore\((None, )?retention",
        "Without a directory the store takes this very one.",
    ),
    (
        "session.py",
        r"_plain\(None\)|is_plain = None|\(is_plain\) and False",
        "The longer way comes to the same message, only later; `make bench` measures it.",
    ),
    (
        "",
        r"\+ .*(__init__|suppress|_four|SessionData)\(None\)"
        r"|\+ .*session_id = None$|\+ .*create=None|\+ .*held\(.*None",
        "mypy refuses it, and `make lint` runs mypy.",
    ),
    ("", r"\"UTF-8\"", "Python knows the encoding by both names."),
    (
        "encoding.py",
        r"format\(_encode\(value\), \)",
        "msgspec indents by 2 when it is told nothing.",
    ),
    ("stack.py", r"Executor\((None|2)\)", "One task takes one thread, however many it may."),
    ("files.py", r"monotonic\(\) >= end", "The clock never stands at that instant twice."),
    (
        "lock.py",
        r"anyone\.register\(select\.POLLIN\)",
        "Whoever watches another file still looks each few milliseconds.",
    ),
    (
        "docs/troubleshooting.md",
        r"^add_message becomes",
        "It is called where a write has left nothing behind, which neither target does here.",
    ),
    (
        "docs/verification/known-differences.md",
        r"^chat becomes",
        "The turn is cancelled, and what becomes of its thread is nobody's on the reference.",
    ),
    ("names.py", r"XX-_XX", "X is a letter, which is kept anyway."),
    ("retention.py", r"window < 0 or", "A tail of 0 messages means all of them, as it is."),
    ("retention.py", r"\) < window:", "A history as long as its window has nothing over."),
]


def reason_for(where: str, lie: str) -> str:
    """The reason for a survivor; empty when there is none."""
    found = (
        why for place, said, why in REASONS if re.search(place, where) and re.search(said, lie)
    )
    return next(found, "")
