"""The diagram runner believes nothing that it has not seen."""

import pytest

from executable_pages.testing.diagrams import DiagramError, Mismatch, parse
from executable_pages.testing.diagrams.tree import Message
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import ROOT, scan
from tests.subject.diagrams import check, perform, run_text
from tests.subject.targets import Target

PAGE = ROOT / "docs" / "features" / "session-persistence.md"
MAIN = next(block for block in scan(PAGE).blocks if block.language == "mermaid")
STEPS = """sequenceDiagram
    participant Writer as Store A
    participant Lock as Lock file
    participant Disk as Session file
    Writer->>Disk: add_user_message("first")
    Writer->>Lock: FileLock acquire
    Writer->>Disk: atomic write
    Writer->>Lock: FileLock release
    Disk-->>Writer: True
    Writer->>Disk: add_user_message("second")
    Writer->>Lock: FileLock acquire
    Writer->>Disk: reload
    Writer->>Disk: atomic write
    Writer->>Lock: FileLock release
    Disk-->>Writer: True
"""
ALTERNATIVES = """sequenceDiagram
    participant Writer as Store A
    participant Disk as Session file
    participant Reader as Store B
    Writer->>Disk: add_user_message("first")
    Disk-->>Writer: True
    alt the disk has room
        Writer->>Disk: add_user_message("second")
        Disk-->>Writer: True
    else the disk is full
        Writer->>Disk: add_user_message("second")
        Disk-->>Writer: False
    end
    opt the lock is held
        Reader->>Disk: get_chat_history()
        Disk-->>Reader: OSError
    end
"""
CROWD = """sequenceDiagram
    participant A as Process A
    participant B as Process B
    participant Disk as Session file
    participant Reader as Store C
    par
        loop 20 times
            A->>Disk: add_user_message("a")
            Disk-->>A: True
        end
    and
        loop 20 times
            B->>Disk: add_user_message("b")
            Disk-->>B: True
        end
    end
    Reader->>Disk: get_chat_history(max_messages=1000)
    Disk-->>Reader: LIST
"""
BOT = """sequenceDiagram
    actor User
    participant Bot as Bot manager
    participant Disk as Session file
    User->>Bot: chat("My name is Alice.")
    Bot->>Disk: get_chat_history("bot_telegram_7")
    Disk-->>Bot: []
    Bot-->>User: "Nice to meet you, Alice."
"""


def test_steps_of_a_write_are_seen(sandbox: Sandbox, target: Target) -> None:
    """Lock, reload, atomic write and release are matched with what the call really does."""
    for mode in ("instances", "processes"):
        perform(parse(STEPS), target, mode, Sandbox(sandbox.root / mode))


@pytest.mark.parametrize("left_out", ["FileLock acquire", "reload", "atomic write"])
def test_step_left_out_fails(sandbox: Sandbox, left_out: str) -> None:
    """A diagram that shows some steps of a call has to show all of them."""
    head, _, tail = STEPS.rpartition(f": {left_out}\n")
    lied = head.rpartition("\n")[0] + "\n" + tail
    with pytest.raises(Mismatch):
        run_text(lied, sandbox)


@pytest.mark.parametrize("order", [("atomic write", "reload"), ("reload", "FileLock acquire")])
def test_steps_out_of_order_fail(sandbox: Sandbox, order: tuple[str, str]) -> None:
    """Steps that a diagram shows in another order than they happen are not accepted."""
    lines = STEPS.splitlines()
    second = STEPS.splitlines().index('    Writer->>Disk: add_user_message("second")')
    indices = [
        next(n for n in range(second, len(lines)) if lines[n].endswith(step)) for step in order
    ]
    lines[indices[0]], lines[indices[1]] = lines[indices[1]], lines[indices[0]]
    with pytest.raises(Mismatch, match="not in this order"):
        run_text("\n".join(lines), sandbox)


def test_each_alternative_is_driven(sandbox: Sandbox) -> None:
    """A full disk and a held lock are brought about for the branches that need them."""
    perform(parse(ALTERNATIVES), Target.REFERENCE, "processes", sandbox)
    assert len(list(sandbox.root.glob("way-*"))) == 4


def test_wrong_alternative_fails(sandbox: Sandbox) -> None:
    """A branch that promises success on a full disk does not hold."""
    lie = ALTERNATIVES.replace("Disk-->>Writer: False", "Disk-->>Writer: True")
    with pytest.raises(Mismatch, match=r"diagram:12 .*the answer was False"):
        run_text(lie, sandbox)


def test_parallel_branches_lose_nothing(sandbox: Sandbox) -> None:
    """Two processes append in parallel loops, and every message is there."""
    with pytest.raises(Mismatch) as caught:
        run_text(CROWD.replace("LIST", '["none"]'), sandbox)
    answer = str(caught.value).splitlines()[0]
    assert answer.count("'a'") == answer.count("'b'") == 20


def test_bot_manager_is_watched(sandbox: Sandbox, target: Target) -> None:
    """A bot manager's own calls to its store are matched with the diagram."""
    perform(parse(BOT), target, "instances", sandbox)
    lie = BOT.replace("Disk-->>Bot: []", 'Disk-->>Bot: ["hi"]')
    with pytest.raises(Mismatch, match="diagram:7"):
        perform(
            parse(lie),
            target,
            "instances",
            Sandbox(sandbox.root / "lie"),
        )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('["first"]', '["second"]'),
        ('["first"]', "[]"),
        ('["first", "second"]', '["second", "first"]'),
        ("Disk-->>Writer: True", "Disk-->>Writer: False"),
        ('add_user_message("first")', 'add_user_message("other")'),
        ('add_user_message("first")', 'add_usr_message("first")'),
        ("get_chat_history() [FileLock]", "session_exists() [FileLock]"),
    ],
)
def test_lie_in_the_main_diagram_is_caught(sandbox: Sandbox, old: str, new: str) -> None:
    """A changed reply, argument or method fails at a line of the page."""
    assert old in MAIN.text
    diagram = parse(MAIN.text.replace(old, new, 1), "docs/page.md", MAIN.line)
    with pytest.raises(Mismatch, match=r"^docs/page\.md:\d+ on reference"):
        perform(diagram, Target.REFERENCE, "instances", sandbox)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("Writer->>Disk: thinks about it", "no call and no step"),
        ("Writer->>Nobody: get_chat_history()", "Nobody is not declared"),
        ("participant Dead as Store D", "Dead takes part in no message"),
        ("Writer->>Disk: reload Disk-->>Writer: True", "two messages on one line"),
        ("classDef red fill:#f00", "Mermaid refuses 'classDef red fill:#f00': Expecting"),
        ("Writer->>Disk: get_chat_history() [magic]", r"nobody observes \[magic\]"),
        ("Disk-->>Writer: all is well", "a reply is a literal or an error"),
        ("loop for ever\nWriter->>Disk: clear_session()\nend", "a loop says how often"),
        ("alt it rains\nWriter->>Disk: clear_session()\nend", "nobody can bring about"),
        ("alt the disk is full", "Mermaid refuses .*got '1'; .*close each with `end`"),
        ("end", "Mermaid refuses 'end': Expecting .*all are closed"),
        ("Writer->>Disk: get_chat_history(name)", "its arguments are not literals"),
    ],
)
def test_line_that_cannot_be_performed_is_an_error(line: str, complaint: str) -> None:
    """What the runner cannot bind is an error at page and line, never ignored."""
    text = STEPS + "\n".join(f"    {each}" for each in line.splitlines())
    with pytest.raises(DiagramError, match=rf"^docs/page\.md:\d+: .*{complaint}"):
        check(parse(text, "docs/page.md", 10))


def test_whole_grammar_is_read() -> None:
    """Aliases, actors, all arrows, notes, activations, frames and comments are Mermaid's."""
    arrows = {
        "->": "SOLID_OPEN",
        "-->": "DOTTED_OPEN",
        "->>": "SOLID",
        "-->>": "DOTTED",
        "-x": "SOLID_CROSS",
        "--x": "DOTTED_CROSS",
        "-)": "SOLID_POINT",
        "--)": "DOTTED_POINT",
        "<<->>": "BIDIRECTIONAL_SOLID",
        "<<-->>": "BIDIRECTIONAL_DOTTED",
    }
    text = "\n".join(
        [
            "sequenceDiagram",
            "autonumber",
            "%% a comment",
            "actor User",
            "participant A as Store A",
            "Note over User,A: a remark",
            "Note right of A: another",
            *(f"User{arrow}A: clear_session()" for arrow in arrows),
            "User->>+A: clear_session()",
            "A-->>-User: True",
            "activate A",
            "deactivate A",
            "rect rgb(0, 0, 0)",
            "critical one",
            "User->>A: clear_session()",
            "option two",
            "User->>A: clear_session()",
            "end",
            "end",
        ]
    )
    messages = [s for s in parse(text).statements if isinstance(s, Message)]
    assert [message.arrow for message in messages] == [*arrows.values(), "SOLID", "DOTTED"]
    assert [message.is_reply for message in messages] == [
        *("--" in arrow for arrow in arrows),
        0,
        1,
    ]


def test_drawn_history_is_performed(sandbox: Sandbox) -> None:
    """A history that the contract drew runs again as a diagram."""
    from reference_impl.contract.drawing import draw
    from reference_impl.contract.history import Operation

    history = [
        Operation("P1", "add_message", "s", 1, 2, messages=("m1",), answer=True),
        Operation("P2", "get_chat_history", "s", 3, 4, answer=["m1"]),
    ]
    run_text(draw(history), sandbox)
