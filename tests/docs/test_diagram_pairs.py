"""A diagram leaves out no arrow and puts none out of place."""

import pytest

from executable_pages.testing.diagrams import DiagramError, parse
from executable_pages.testing.sandbox import Sandbox
from tests.subject.diagrams import perform
from tests.subject.targets import Target

STEPS = """sequenceDiagram
    participant Writer as Store A
    participant Lock as Lock file
    participant Disk as Session file
    Writer->>Disk: add_user_message("first")
    Writer->>Lock: FileLock acquire
    Writer->>Disk: atomic write
    Writer->>Lock: FileLock release
    Disk-->>Writer: True
    Writer->>Disk: get_chat_history()
    Disk-->>Writer: ["first"]
"""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('    Writer->>Disk: add_user_message("first")\n', "", "5: a step of no call of Writer"),
        ("    Disk-->>Writer: True\n", "", "5: no reply to add_user_message"),
        ("    Writer->>Disk: get_chat_history()\n", "", "10: Writer waits for no answer of Disk"),
        (
            "    Disk-->>Writer: True\n    Writer->>Disk: get_chat_history()\n",
            "    Writer->>Disk: get_chat_history()\n    Disk-->>Writer: True\n",
            "5: no reply to add_user_message",
        ),
        ("acquire", "acquire\n    Lock-->>Writer: True", "7: Lock answers nobody like Writer"),
        ("sequenceDiagram", "sequenceDiagram\n    par\n    end", "2: a branch in which nothing"),
    ],
)
def test_arrow_that_stands_alone_is_an_error(
    sandbox: Sandbox, old: str, new: str, complaint: str
) -> None:
    """A call has its reply before the next call, a reply its call, a step the call it is of."""
    assert old in STEPS
    diagram = parse(STEPS.replace(old, new, 1), "docs/page.md")
    with pytest.raises(DiagramError, match=rf"^docs/page\.md:{complaint}"):
        perform(diagram, Target.REFERENCE, "instances", sandbox)
