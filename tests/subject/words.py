"""Where a user's words lie: every place is filled, deleted from, and erased."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import ROOT, Table, scan
from executable_pages.testing.target import Target as AnyTarget
from executable_pages.testing.wrong import Wrong
from tests.subject.targets import Target

PAGE = ROOT / "docs" / "features" / "delete-a-user.md"
USER, WORD = "alice", "Quizzaciously"

# A file that is cut off, a checkpoint, an archive, a copy, a turn that waits, a killed writer.
SPOKEN = """
import multiprocessing, os, shutil
from pathlib import Path
from praisonaiagents import Agent
from praisonaiagents.session import DefaultSessionStore, get_default_session_store

store, replace = get_default_session_store(), os.replace
session = Path(store.session_dir, f"{USER}.json")

def failing(source, target):
    if Path(target) == session:
        raise OSError(28, "No space left on device")
    return replace(source, target)

def dying(source, target):
    os._exit(0)

store.add_user_message(USER, f"{WORD} 0")
session.write_text(session.read_text().rstrip("}\\n"))
store.get_chat_history(USER)
memory = {"session_id": USER, "user_id": USER}
Agent(name="Assistant", instructions="Be brief.", memory=memory).chat(f"My name is {WORD}.")
narrow = DefaultSessionStore(active_window=2)
for number in range(4):
    narrow.add_user_message(USER, f"{WORD} {number}")
store.append_compaction_checkpoint(USER, f"It was about {WORD}.")
shutil.copy(session, session.with_name(f"{USER}-copy.json"))
shutil.copy(session, "a copy.json")
"""
# The last write dies, so nothing folds in what waits, and nothing clears away what was left.
BROKEN = """
os.replace = failing
assert not store.add_user_message(USER, f"{WORD} waits")
os.replace = dying
if not os.fork():
    DefaultSessionStore().add_user_message(USER, f"{WORD} dies")
os.wait()
os.replace = replace
"""
# Databases that the release keeps beside its files.
DATABASES = """
from praisonai_bot.bots._ingress import InboundJournal
from praisonaiagents.session import SqliteSessionStore, SqliteTranscriptStore

SqliteTranscriptStore().add_user_message(USER, f"{WORD} in a transcript")
SqliteSessionStore().add_user_message(USER, f"{WORD} in an index")
SqliteTranscriptStore().add_user_message("before", f"{WORD} " * 2000)
SqliteTranscriptStore().delete_session("before")
SqliteTranscriptStore().add_user_message("bob", "somebody else's")
journal = Path(store.session_dir).parent / "state" / "telegram" / "ingress.sqlite"
journal.parent.mkdir(parents=True, exist_ok=True)
for number, user in enumerate((USER, "bob")):
    InboundJournal(journal).receive(
        platform="telegram", account="default", channel_id="-100", message_id=str(number),
        payload={"user_id": user, "prompt": f"{WORD if user == USER else 'else'} taken in"},
    )
"""
OTHERS = """
store.add_user_message("bob", "somebody else's")
"""
DELETED = """
from praisonaiagents.session import get_default_session_store

assert get_default_session_store().delete_session(USER)
"""
GIVEN = f"USER, WORD = {USER!r}, {WORD!r}\n"
_TARGETS = {Target.RELEASE: "Release", Target.REFERENCE: "Reference"}


def erasing() -> str:
    """The program of the page, without what it is called with there."""
    [block] = [each for each in scan(PAGE).blocks if each.language == "python"]
    program, usage, _ = block.text.partition("\n\n# What to erase, and where.\n")
    if not usage:
        raise Wrong(f"{block.where}: the program is followed by `# What to erase, and where.`")
    return program


def holding(sandbox: Sandbox) -> dict[str, Path]:
    """The files that hold the user's word, whatever its case, or that are named after the user."""
    found = {}
    home = sandbox.home / ".praisonai"
    for path in sandbox.root.rglob("*"):
        holds = path.is_file() and WORD.lower().encode() in path.read_bytes().lower()
        if holds or USER in path.name:
            place = path.relative_to(home if path.is_relative_to(home) else sandbox.work)
            found[place.as_posix()] = path
    return found


def check_words(table: Table, about: str, target: AnyTarget, sandbox: Sandbox) -> None:
    """Fill every place, delete the session, erase the user, and look each time.

    Raises:
        Wrong: A row says something else, a place is in no row, or something is left.
    """
    assert isinstance(target, Target)
    released = DATABASES if target is Target.RELEASE else ""
    sandbox.python(GIVEN + SPOKEN + OTHERS + released + BROKEN, target)
    spoken = holding(sandbox)
    sandbox.python(GIVEN + DELETED, target)
    left = holding(sandbox)
    known: set[str] = set()
    for index, row in enumerate(table.rows):
        where = f"{table.row_where(index)} on {target}"
        place = re.findall(r"`([^`]+)`", row[0])[0]
        there = {name for name in spoken if fnmatchcase(name, place)}
        known |= there
        says = row[table.header.index(_TARGETS[target])]
        if says != ("yes" if there else "no"):
            raise Wrong(f"{where}: {place} has {sorted(there)}, and the page says {says}")
        removed = {"yes": True, "no": False}.get(row[-1], target is Target.REFERENCE)
        if there and removed is bool(there & left.keys()):
            raise Wrong(f"{where}: {sorted(there & left.keys())} are left, the page says {row[-1]}")
    if unknown := sorted(spoken.keys() - known):
        raise Wrong(f"{table.where} on {target}: no row has {unknown}")
    roots = [str(sandbox.home / ".praisonai"), str(sandbox.work)]
    sandbox.python(f"{erasing()}\nforget([{USER!r}], *{roots!r})", target)
    if rest := holding(sandbox):
        raise Wrong(f"{table.where} on {target}: {sorted(rest)} is left by the program of the page")
    kept = sandbox.python(
        "from praisonaiagents.session import get_default_session_store as store\n"
        "print(store().get_chat_history('bob'))",
        target,
    )
    if "somebody else's" not in kept:
        raise Wrong(f"{table.where} on {target}: another user's session is gone: {kept}")
