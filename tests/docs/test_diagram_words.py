"""The words of a diagram mean what docs/verification/diagrams.md says."""

import pytest

from executable_pages.testing.diagrams import DiagramError, Mismatch, Setting, parse
from executable_pages.testing.diagrams.runner import MODES, Performance
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import ROOT, scan
from tests.subject import trace
from tests.subject.diagrams import check, perform, run_text
from tests.subject.targets import Target

PAGE = ROOT / "docs" / "verification" / "diagrams.md"
WITH_MODEL = next(block for block in scan(PAGE).blocks if "Model server" in block.text)
CAST = """sequenceDiagram
    actor Alice
    participant A as Store A
    participant B as Store B
    participant Bot as Bot manager
    participant Model as Model server
    participant Lock as Lock file
    participant Disk as Session file
    Alice->>Bot: chat("hello")
    Bot->>Model: turns(["hello"])
    Model-->>Bot: "You said: hello"
    Bot-->>Alice: "You said: hello"
    A->>Disk: add_user_message("first")
    A->>Lock: FileLock acquire
    A->>Disk: atomic write
    A->>Lock: FileLock release
    Disk-->>A: True
    B->>Disk: get_chat_history()
    Disk-->>B: ["first"]
"""
STORE = """sequenceDiagram
    participant A as Store A
    participant Disk as Session file
    A->>Disk: add_user_message("first")
    Disk-->>A: True
"""
CRITICAL = (
    STORE
    + """    critical an append
        A->>Disk: add_user_message("second")
        Disk-->>A: True
    option the disk is full
        A->>Disk: add_user_message("second")
        Disk-->>A: False
    end
    A->>Disk: session_exists("chat")
    Disk-->>A: True
"""
)
SUCCESSION = """sequenceDiagram
    actor User
    participant First as Process 1
    User->>First: add_user_message("first")
    destroy First
    First--xUser: True
    create participant Second as Process 2
    User->>Second: get_chat_history()
    Second-->>User: ["first"]
"""
HELD = """sequenceDiagram
    participant A as Store A
    participant Lock as Lock file
    participant Disk as Session file
    opt the lock is held
        A->>Disk: add_user_message("first")
        A->>Lock: FileLock STEP
        Disk-->>A: raises OSError
    end
"""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("B as Store B", "B as Store A", "4: B and A are both 'Store A'"),
        ("A->>Disk: add", "A->>Lock: add", "13: A cannot call Lock"),
        ("A->>Disk: add", "A->>B: add", "13: A cannot call B"),
        ("A->>Disk: add", "Disk->>A: add", "13: Disk cannot call A"),
        ("A->>Disk: add", "A<<->>Disk: add", "13: an arrow both ways"),
        ("Lock: FileLock acquire", "Disk: FileLock acquire", "14: .* happens to the lock"),
        ("A->>Disk: atomic", "A->>Lock: atomic", "15: .* happens to the file"),
        ("A->>Disk: atomic", "Alice->>Disk: atomic", "15: Alice calls nothing"),
        ("Model: turns", "Model: ask", "10: a model is sent"),
        ("Disk-->>A: True", "B-->>A: True", "17: B answers nobody like A"),
        ("B->>Disk", "loop 0 times\n    end\n    B->>Disk", "18: a loop says how often"),
        ("B->>Disk", "Note over Lock: [FileLock]\n    B->>Disk", "18: a qualifier stands over"),
        (
            "sequenceDiagram\n",
            "sequenceDiagram\n    par\n    A->>Disk: clear_session()\n    and\n"
            "    A->>Disk: clear_session()\n    end\n",
            "5: A is in two branches",
        ),
        ("B->>Disk", "critical x\n    option it rains\n    end\n    B->>Disk", "18: nobody can"),
    ],
)
def test_word_that_is_bound_to_nothing_is_an_error(old: str, new: str, complaint: str) -> None:
    """Each arrow goes between parts that it can go between, and each part is one part."""
    check(parse(CAST))
    assert old in CAST
    with pytest.raises(DiagramError, match=rf"^docs/page\.md:{complaint}"):
        check(parse(CAST.replace(old, new, 1), "docs/page.md"))


def test_critical_is_driven_with_its_options(sandbox: Sandbox) -> None:
    """The action of a `critical` is performed, and so is each of its options."""
    perform(parse(CRITICAL), Target.REFERENCE, "instances", sandbox)
    lie = CRITICAL.replace("Disk-->>A: False", "Disk-->>A: True")
    with pytest.raises(Mismatch, match=r"diagram:11 .*expected True, and the answer was False"):
        run_text(lie, Sandbox(sandbox.root / "lie"))


def test_process_begins_and_ends_where_the_diagram_says(sandbox: Sandbox, target: Target) -> None:
    """`create` starts a participant, and `destroy` ends one with its next message."""
    for mode in MODES:
        perform(parse(SUCCESSION), target, mode, Sandbox(sandbox.root / mode))
    performance = Performance(check(parse(SUCCESSION)), Setting(target, "processes"), sandbox)
    first = performance.cast.process_of("First")
    performance.run()
    assert first.returncode == 0


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("create participant Second as Process 2", "8: First is gone"),
        ("    Second-->>User", "9: Mermaid refuses .* is created before its first message"),
    ],
)
def test_participant_acts_only_while_it_is_there(line: str, complaint: str) -> None:
    """Nobody is called before `create` or after `destroy`."""
    lied = SUCCESSION.replace("sequenceDiagram\n", "")
    early = "    User->>Second: session_exists()\n    Second-->>User: False\n"
    late = "    User->>First: session_exists()\n    First-->>User: True\n"
    text = early + lied if "Second-->>" in line else lied.replace(line, f"\n{late}    {line}", 1)
    with pytest.raises(DiagramError, match=f"^diagram:{complaint}"):
        check(parse(f"sequenceDiagram\n{text}"))


def test_lock_that_is_never_had_is_not_acquired(sandbox: Sandbox) -> None:
    """A call that waits in vain shows `FileLock timeout`, not `FileLock acquire`."""
    run_text(HELD.replace("STEP", "timeout"), sandbox)
    with pytest.raises(Mismatch, match=r"diagram:7 .*it did FileLock timeout"):
        run_text(HELD.replace("STEP", "acquire"), Sandbox(sandbox.root / "lie"))


@pytest.mark.parametrize("reply", ["1", "1.0", '"True"', "None"])
def test_reply_is_compared_with_its_type(sandbox: Sandbox, reply: str) -> None:
    """`True` is not `1`."""
    with pytest.raises(Mismatch, match=r"diagram:5 .*the answer was True"):
        run_text(STORE.replace("A: True", f"A: {reply}"), sandbox, mode="instances")


def test_mark_in_a_note_is_observed(sandbox: Sandbox) -> None:
    """A note may say what the last call did, and is then held to it."""
    run_text(STORE + "    Note over A: under the [FileLock], an [atomic write]\n", sandbox)
    with pytest.raises(Mismatch, match=r"diagram:6 .*\[fresh reload\] was not observed"):
        run_text(STORE + "    Note over A: [fresh reload]\n", Sandbox(sandbox.root / "lie"))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('turns(["My name is Alice."])', 'turns(["My name is Bob."])', "never did this"),
        ('Model-->>Bot: "Nice to meet you, Alice."', 'Model-->>Bot: "Hello."', "the answer was"),
        ('get_chat_history("bot_telegram_7")', 'get_chat_history("other")', "never did this"),
        ('7")\n', '7", max_messages=-1)\n', "never did this"),
        ('7")\n', '7") [atomic write]\n', r"\[atomic write\] was not observed"),
    ],
)
def test_what_a_bot_manager_does_inside_is_compared(
    sandbox: Sandbox, old: str, new: str, complaint: str
) -> None:
    """A bot manager's calls, their qualifiers, and what it sends to the model are the diagram's."""
    assert old in WITH_MODEL.text
    with pytest.raises(Mismatch, match=complaint):
        run_text(WITH_MODEL.text.replace(old, new, 1), sandbox, mode="instances")


def test_each_actor_is_a_user(sandbox: Sandbox) -> None:
    """What one actor tells the bot manager is not known of the other."""
    text = """sequenceDiagram
    actor Alice
    actor Bob
    participant Bot as Bot manager
    Alice->>Bot: chat("My name is Alice.")
    Bot-->>Alice: "Nice to meet you, Alice."
    Bob->>Bot: chat("What is my name?")
    Bot-->>Bob: "I do not know your name."
    Alice->>Bot: chat("What is my name?")
    Bot-->>Alice: "Your name is Alice."
"""
    perform(parse(text), Target.REFERENCE, "instances", sandbox)


def test_every_arrow_of_a_failure_has_its_sign(sandbox: Sandbox) -> None:
    """A failing diagram is performed to its end: each arrow has a tick, or a cross and a reason."""
    text = STORE.replace("A: True", "A: False") + STORE.split("file\n")[1]
    with pytest.raises(Mismatch) as caught:
        run_text(text, sandbox)
    drawn = str(caught.value).splitlines()
    assert drawn[0].startswith("diagram:5 on reference")
    assert [line[0] for line in drawn[4:]] == ["✓", "✗", "✓", "✓"]
    assert drawn[5].endswith("Disk-->>A: False   <- expected False, and the answer was True")


def test_system_without_flock_says_what_it_does_not_see(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where locks cannot be seen, the rest is performed, and the caller is told."""
    monkeypatch.setattr(trace, "BLIND", "no fcntl here")
    text = HELD.replace("STEP", "timeout")
    unseen = perform(parse(text, "docs/page.md"), Target.REFERENCE, "instances", sandbox)
    assert unseen == ["docs/page.md:7: FileLock timeout is not observed: no fcntl here"]
