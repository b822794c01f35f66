"""What a test saw of a diagram is recorded, and the site steps through it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.reports.measured import Measured
from executable_pages import evidence
from executable_pages.digests import of_implementation
from executable_pages.evidence import Claim, Evidence
from executable_pages.recording import DETAIL, Recording, Run, Step, found
from executable_pages.testing.barriers import barriers
from executable_pages.testing.browser import (
    DESKTOP,
    PHONE,
    Visit,
    build,
    chromium,
    served,
    settings,
)
from executable_pages.testing.diagrams import Mismatch, parse, recording_of
from executable_pages.testing.evidence import claim
from executable_pages.testing.looks import picture
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import ROOT, scan
from tests.subject.diagrams import check, perform
from tests.subject.targets import Target

PAGE = ROOT / "docs" / "features" / "session-persistence.md"
MAIN = next(block for block in scan(PAGE).blocks if block.language == "mermaid")
HOME = next(
    block for block in scan(ROOT / "docs" / "index.md").blocks if block.language == "mermaid"
)
DIAGRAM = parse(MAIN.text, "docs/features/session-persistence.md", MAIN.line)
CACHED = "tests.subject.cached:open_store"
TITLE = "Diagram: Two stores. Participants: Store A, Session file, Store B."
SCHEMES = {"default": "light", "slate": "dark"}
STEPS = """sequenceDiagram
    participant Writer as Store A
    participant Lock as Lock file
    participant Disk as Session file
    alt the disk has room
        Writer->>Disk: add_user_message("first")
        Writer->>Lock: FileLock acquire
        Writer->>Disk: atomic write
        Writer->>Lock: FileLock release
        Disk-->>Writer: True
    else the disk is full
        Writer->>Disk: add_user_message("first")
        Disk-->>Writer: False
    end
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recording, str]:
    """The page's diagram on stores that read from disk and on stores that read from a cache.

    With the complaint about the second.
    """
    place = tmp_path_factory.mktemp("recorded")
    runs: list[Run] = []
    perform(DIAGRAM, Target.REFERENCE, "processes", Sandbox(place / "disk"), runs=runs)
    with pytest.raises(Mismatch) as caught:
        perform(
            DIAGRAM,
            Target.REFERENCE,
            "processes",
            Sandbox(place / "cache"),
            factory=CACHED,
            runs=runs,
        )
    runs[0].name, runs[1].name = "reads from disk", "reads from a cache (before PR #1759)"
    return recording_of(check(DIAGRAM), runs), str(caught.value)


def test_caching_store_fails_at_the_stale_arrow(
    recorded: tuple[Recording, str], request: pytest.FixtureRequest
) -> None:
    """The page's diagram, performed by a store that caches reads, fails where the read is stale."""
    recording, message = recorded
    assert HOME.text == MAIN.text
    for block in (MAIN, HOME):
        details = claim(
            request.node,
            kind="reintroduced bug",
            where=block.where,
            digest=block.digest,
            target=str(Target.REFERENCE),
        )
        details[DETAIL] = recording.text()
    stale = MAIN.text.splitlines().index(
        "    Reader->>Disk: get_chat_history() [FileLock] [fresh reload]", 7
    )
    assert message.startswith(f"docs/features/session-persistence.md:{MAIN.line + stale} ")
    assert "✗     Reader->>Disk: get_chat_history()" in message
    assert "✓     Writer->>Disk: add_assistant_message" in message


def test_arrows_are_recorded_as_they_came(recorded: tuple[Recording, str]) -> None:
    """A recording has each arrow's answer, what its call did, and what the file held after it."""
    recording, _ = recorded
    assert [(each.label, each.kind) for each in recording.participants] == [
        ("Store A", "store"),
        ("Session file", "file"),
        ("Store B", "store"),
    ]
    disk, cached = recording.runs
    one, two = {"chat.json": ["first"]}, {"chat.json": ["first", "second"]}
    assert [step.held for step in disk.steps] == [one, one, one, one, two, two, two, two]
    assert not any(step.why for step in disk.steps)
    assert disk.steps[4].trace == ["FileLock acquire", "reload", "atomic write", "FileLock release"]
    assert [step.answer for step in disk.steps if step.kind == "reply"] == [
        "True", '["first"]', "True", '["first", "second"]'
    ]  # fmt: skip
    assert cached.steps[:6] == disk.steps[:6]
    stale, answer = cached.steps[6:]
    assert (stale.trace, stale.held) == ([], two)
    assert stale.why.startswith("[FileLock] was not observed")
    assert (answer.answer, answer.held) == ('["first"]', two)
    assert "the answer was ['first']" in answer.why


def test_steps_of_a_call_change_the_file_where_they_wrote_it(sandbox: Sandbox) -> None:
    """Each way is a run by its condition; the file changes at the arrow of the write."""
    runs: list[Run] = []
    perform(parse(STEPS), Target.REFERENCE, "processes", sandbox, runs=runs)
    assert [run.name for run in runs] == ["the disk has room", "the disk is full"]
    room, full = runs
    before, after = {}, {"chat.json": ["first"]}
    assert [step.held for step in room.steps] == [before, before, after, after, after]
    assert [step.trace for step in room.steps[:2]] == [[], ["FileLock acquire"]]
    assert [(step.answer, step.held) for step in full.steps][-1] == ("False", before)


def proof(recording: Recording, page: str, digest: str, **change: str) -> Evidence:
    """Evidence that has a recording of a diagram."""
    said = {"target": "reference", "verdict": "passed", "test": "tests/x.py::test_y"} | change
    made = Claim(
        kind="diagram",
        page=page,
        line=1,
        digest=digest,
        seconds=1.0,
        details={DETAIL: recording.text()},
        **said,
    )
    return Evidence(claims=[made], day="2026-11-25")


def test_recording_of_something_else_is_not_found() -> None:
    """A recording is of one text on one page, and of a test that passed; most runs come first."""
    step = Step(source="A", target="B", text="get()", kind="call")
    few = Recording(participants=[], runs=[Run(name="", steps=[step])])
    many = Recording(participants=[], runs=[*few.runs, *few.runs])
    known = proof(few, "page.md", "1" * 16)
    known.claims += proof(many, "page.md", "1" * 16).claims
    assert found(known, "page.md", "1" * 16) == many
    assert found(known, "page.md", "2" * 16) is None
    assert found(known, "other.md", "1" * 16) is None
    assert found(proof(few, "page.md", "1" * 16, verdict="failed"), "page.md", "1" * 16) is None


@pytest.mark.parametrize("is_committed", [False, True], ids=["own", "committed"])
def test_recording_of_other_code_is_not_shown(
    is_committed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recording is shown until the code changes, also one that came with the pages."""
    monkeypatch.delenv("EVIDENCE", raising=False)
    monkeypatch.delenv("REQUIRE_EVIDENCE", raising=False)
    recording = Recording(participants=[], runs=[])
    known = proof(recording, "page.md", "1" * 16)
    known.implementation = of_implementation(tmp_path)
    evidence.save(tmp_path, known)
    if is_committed:
        path = evidence.committed(tmp_path)
        path.parent.mkdir(parents=True)
        evidence.file(tmp_path).rename(path)
    assert Measured(tmp_path).recording("page.md", "1" * 16) == recording
    (tmp_path / "reference_impl").mkdir()
    (tmp_path / "reference_impl" / "new.py").write_text("", "utf-8")
    assert Measured(tmp_path).recording("page.md", "1" * 16) is None


@pytest.fixture(scope="module")
def seen(
    recorded: tuple[Recording, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visit]:
    """A page with the recorded diagram, and with one that nobody has recorded or drawn."""
    tmp_path = tmp_path_factory.mktemp("player")
    (docs := tmp_path / "docs").mkdir()
    other = MAIN.text.replace('"first"', '"other"')
    text = "".join(f"```mermaid\n{each}```\n\n" for each in (MAIN.text, other))
    (docs / "index.md").write_text(f"---\ntitle: x\n---\n\n## Two stores\n\n{text}", "utf-8")
    known = proof(recorded[0], "index.md", MAIN.digest)
    known.implementation = of_implementation(tmp_path)
    path = tmp_path / "evidence.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVIDENCE", str(path))
        evidence.save(tmp_path, known)
    build(tmp_path / "site", settings(docs), EVIDENCE=str(path))
    with served(tmp_path / "site") as url, chromium() as browser:
        visit = Visit(browser)
        yield visit.open(url + "/")
        visit.close()


def test_player_steps_through_what_was_recorded(
    seen: Visit, recorded: tuple[Recording, str]
) -> None:
    """With buttons and keys the player shows each recorded state, and the bug when asked for it."""
    page, (disk, cached) = seen.page, recorded[0].runs
    player = page.locator(".player:visible")
    assert player.count() == page.locator(".player").count() == 1
    drawn = page.locator(".diagram > svg")
    assert drawn.count() == 1
    assert drawn.get_attribute("aria-label") == TITLE
    items = player.locator("ol > li")
    assert items.count() == len(disk.steps)

    def lane(name: str) -> str:
        return player.locator(f"dt:text-is('{name}') + dd").inner_text()

    step, back = (player.get_by_role("button", name=name) for name in ("Step", "Back"))
    step.click()
    assert lane("Session file") == 'chat.json: ["first"]'
    assert "atomic write" in lane("Lock")
    step.click()
    assert lane("Store A") == "True"
    back.click()
    assert lane("Store A") != "True"
    for _ in disk.steps:
        page.keyboard.press("ArrowRight")
    assert lane("Store B") == disk.steps[-1].answer
    assert lane("Session file") == 'chat.json: ["first", "second"]'
    page.keyboard.press("ArrowLeft")
    assert lane("Store B") == '["first"]'
    assert items.nth(len(disk.steps) - 2).get_attribute("aria-current") == "step"
    # From here on with the keyboard alone.
    player.get_by_label(disk.name).focus()
    page.keyboard.press("ArrowDown")
    assert player.get_by_label(cached.name).is_checked()
    for key in ("Tab", "Tab"):
        page.keyboard.press(key)
    for _ in cached.steps:
        page.keyboard.press("Enter")
    assert lane("Store B") == cached.steps[-1].answer == '["first"]'
    assert lane("Session file") == 'chat.json: ["first", "second"]'
    said = player.locator("[aria-live]").inner_text()
    assert disk.steps[-1].text in said
    player.locator("summary").press("Enter")
    assert items.first.is_visible()
    for scheme in SCHEMES:
        page.evaluate(f"document.body.dataset.mdColorScheme = '{scheme}'")
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            page.evaluate("new Promise((done) => setTimeout(done, 60))")
            player.scroll_into_view_if_needed()
            picture(seen, f"step-through-{SCHEMES[scheme]}-{'phone' if size is PHONE else 'wide'}")
            assert barriers(seen.page) == [], f"{scheme}, {size['width']} wide"
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert (seen.complaints, seen.strangers) == ([], [])


def test_diagram_without_a_drawing_is_drawn_by_the_browser(seen: Visit) -> None:
    """A diagram that was just written is drawn by Mermaid, from the site's own script."""
    drawn = "document.querySelector('div.mermaid')?.shadowRoot?.querySelector('svg')"
    seen.page.wait_for_function(drawn, timeout=15_000)
    assert seen.page.evaluate(f"{drawn}.getAttribute('aria-roledescription')") == "sequence"
    colors = seen.page.evaluate(
        f"""() => {{
            document.body.dataset.mdColorScheme = "slate";
            const head = {drawn}.querySelector('defs [id$="arrowhead"] path');
            const line = {drawn}.querySelector("line[class^=messageLine]");
            return [getComputedStyle(head).fill, getComputedStyle(line).stroke];
        }}"""
    )
    assert colors[0] == colors[1]
    place = seen.page.locator("div.mermaid")
    assert place.count() == 1
    assert (place.get_attribute("role"), place.get_attribute("aria-label")) == ("img", TITLE)
    assert (seen.complaints, seen.strangers) == ([], [])
