"""The site in a reader's hands: searching, copying, pasting, and the keyboard alone."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, ViewportSize

from executable_pages.testing.browser import DESKTOP, PHONE, Opener, Visit
from executable_pages.testing.looks import said
from executable_pages.testing.scanner import ROOT, scan
from tests.docs.queries import QUERIES
from tests.subject.servers import redis

DOCS = ROOT / "docs"
TROUBLE = DOCS / "troubleshooting.md"

# What people type, by the page that they should see first.
SEARCHES = {
    "troubleshooting": (
        "agent forgets",
        "stale",
        "stale history",
        "truncated conversation",
        "Failed to acquire file lock",
        "LockTimeout",
        "conversation came back",
        "another user's messages",
        "doubled messages",
        "error 400",
        "tool_call_id",
        "JSONDecodeError",
        "unexpected keyword argument 'persistence'",
        "unexpected keyword argument session_store",
        "has no attribute 'list_all'",
        "No module named 'praisonai'",
        "MemoryConfig.db must be a DbAdapter instance",
        "slow session",
        "disk full",
        "No space left on device",
        "works in one worker",
    ),
    "start/first-agent": ("pip install", "first agent"),
    "features/sharing-sessions": ("what is safe", "sharing sessions"),
    "features/session-persistence": ("session persistence",),
    "features/agent-turns": ("agent stores", "handoff"),
    "features/containers": ("docker", "kubernetes", "volume", "SIGTERM", "rolling restart"),
    "features/export-by-user": ("export", "list by user"),
    "features/async-programs": ("async", "event loop"),
    "features/retention": ("retention", "checkpoint", "max_messages", "message limit"),
    "features/bot-sessions": ("bot sessions", "cancelled turn"),
    "features/delete-a-user": ("gdpr", "erase", "delete user's data"),
    "features/gateway-and-bots": ("TelegramBot", "WebSocketGateway", "bot.yaml"),
    "features/persistence-json": (
        "delete old sessions",
        "list sessions",
        "read consistency",
        "backup",
    ),
    "features/session-protocol": ("SessionStoreProtocol", "custom store"),
    "verification/prove-your-store": ("prove my store", "prove your store"),
    "recipes/redis": ("redis",),
    "recipes/postgres": ("postgres",),
    "recipes/sqlite": ("sqlite",),
    "recipes/nats": ("nats",),
    "recipes/s3": ("s3",),
    "recipes/failover": ("failover", "replica", "sentinel", "standby"),
    "recipes/uvicorn": ("uvicorn workers",),
    "glossary": ("newcomer",),
}
# Before the first key: all that can be reached, and how it looks. Then what was reached, and how.
TOUR = """() => {
    const look = (one) => {
        const [{ labels }, next] = [one, one.nextElementSibling];
        return [one, ...(labels ?? []), ...(next?.matches("label") ? [next] : [])].map((part) => {
            const found = getComputedStyle(part);
            return ["outlineStyle", "outlineWidth", "boxShadow", "backgroundColor", "transform"]
                .map((name) => found[name]);
        }).join();
    };
    const focusable = "a[href], button, input, select, summary, textarea, [tabindex='0']";
    const shown = [...document.querySelectorAll(focusable)].filter((one) =>
        one.tabIndex >= 0 && !one.closest("[hidden]")
        && one.checkVisibility({ visibilityProperty: true }));
    const scrolls = [...document.querySelectorAll("article *")].filter((one) =>
        ["auto", "scroll"].includes(getComputedStyle(one).overflowX)
        && one.scrollWidth > one.clientWidth + 1 && one.checkVisibility());
    window.asked = new Map([...shown, ...scrolls].map((one) => [one, look(one)]));
    window.reached = new Map();
    document.addEventListener("focusin", ({ target }) => {
        const { left, right, top, bottom } = target.getBoundingClientRect();
        const isSeen = right > 0 && left < innerWidth && bottom > 0 && top < innerHeight;
        const isMarked = look(target) !== asked.get(target);
        if (!reached.has(target)) reached.set(target, { isSeen, isMarked });
    });
    return asked.size;
}"""
FAULTS = """() => {
    const name = (one) => one.outerHTML.split("\\n")[0].slice(0, 120);
    // Of radio buttons the Tab key reaches one; arrows reach the others.
    const isMet = (one) => reached.has(one) || one.type === "radio"
        && [...reached.keys()].some(({ type, name }) => type === "radio" && name === one.name);
    return [
        ...[...asked.keys()].filter((one) => !isMet(one)).map((one) => `not reached: ${name(one)}`),
        ...[...reached].filter(([, { isSeen }]) => !isSeen).map(([one]) => `unseen: ${name(one)}`),
        ...[...reached].filter(([, { isMarked }]) => !isMarked)
            .map(([one]) => `not marked: ${name(one)}`),
    ];
}"""
# The search of the site itself, asked as its field asks it.
ASK = """async (queries) => {
    const config = JSON.parse(document.getElementById("__config").textContent);
    const index = await (await fetch(`${config.base}/search/search_index.json`)).json();
    const worker = new Worker(config.search);
    const answer = (message) => new Promise((done) => {
        worker.onmessage = ({ data }) => done(data);
        worker.postMessage(message);
    });
    await answer({ type: 0, data: { ...index, options: { suggest: true } } });
    const found = {};
    for (const text of queries) {
        const { data } = await answer({ type: 2, data: text });
        const places = data.items.map(([first]) => first.location.split("#")[0]);
        found[text] = [...new Set(places)].slice(0, 3);
    }
    worker.terminate();
    return found;
}"""
PASTED = """
from redis_store import open_store
one, other = open_store(), open_store()
assert one.add_message("chat", "user", "My name is Alice.") is True
print(other.get_chat_history("chat"), other.session_exists("nobody"))
"""
IN_SIGHT = """(element) => {
    const { top, bottom, left, right } = element.getBoundingClientRect();
    return element.checkVisibility() && bottom > 0 && top < innerHeight
        && right > 0 && left < innerWidth;
}"""
STYLE = """element => {
    const { clipPath, display, visibility, opacity } = getComputedStyle(element);
    return [clipPath, display, visibility, opacity];
}"""


@pytest.fixture(scope="module")
def searching(browser: Browser, site: str) -> Iterator[Visit]:
    """A tab in which one searches."""
    tab = Visit(browser).open(site + "/")
    tab.page.locator(".md-search__input").click()
    yield tab
    tab.close()


@pytest.mark.parametrize("place", SEARCHES)
def test_search_finds_the_page_first(
    place: str, searching: Visit, request: pytest.FixtureRequest
) -> None:
    """What people type to find a page, with their words for it, finds that page first."""
    found = {words: first_hit(searching, words) for words in SEARCHES[place]}
    for words, page in found.items():
        said(request.node, "search", words, page)
    assert found == dict.fromkeys(SEARCHES[place], f"/{place}/")


def test_search_finds_what_people_type(searching: Visit, request: pytest.FixtureRequest) -> None:
    """Everyday words, names in small letters and words of other projects find their page."""
    wanted = {words: f"{place}/" for place, typed in QUERIES.items() for words in typed}
    found: dict[str, list[str]] = searching.page.evaluate(ASK, list(wanted))
    for words, pages in found.items():
        said(request.node, "search", words, pages[0] if pages else "nothing")
    missed = {words: pages for words, pages in found.items() if wanted[words] not in pages}
    assert (len(found) >= 80, missed) == (True, {})


def test_search_that_finds_nothing_offers_the_nearest_pages(searching: Visit) -> None:
    """A word with a mistake in it leads to the pages whose words are like it."""
    field = searching.page.locator(".md-search__input")
    field.fill("")
    field.press_sequentially("kubernets postgers")
    offered = searching.page.locator(".search-nearest a")
    offered.first.wait_for()
    places = [str(link.get_attribute("href")) for link in offered.all()]
    assert {"containers", "postgres"} <= {place.split("/")[-2] for place in places}
    field.fill("")
    field.press_sequentially("docker")
    searching.page.locator(".md-search-result__item").first.wait_for()
    assert offered.count() == 0


# What is said of names that are not there: of the table that gives the cure, and of the survey.
ROWS = re.findall(r"^\| `.+` \| `(\w+: [^`]+)` \|", TROUBLE.read_text("utf-8"), re.MULTILINE)


def test_search_finds_the_cure_of_each_error(searching: Visit) -> None:
    """Each error of the table of mistaken names, pasted as it is said, finds its page in three."""
    found = json.loads((DOCS / "verification" / "upstream.json").read_text("utf-8"))
    said = [r["said"] for r in found["alone"] + found["in_order"] if r["kind"] == "absent"]
    messages = list(dict.fromkeys([*ROWS, *said]))
    assert len(ROWS) > 30
    hits: dict[str, list[str]] = searching.page.evaluate(ASK, messages)
    wanted = "troubleshooting/"
    assert {message: pages for message, pages in hits.items() if wanted not in pages} == {}


def first_hit(seen: Visit, words: str) -> str:
    """The page that the search shows first."""
    field, hits = seen.page.locator(".md-search__input"), ".md-search-result__item"
    for text in ("", words):
        # The search listens to keys, not to a field that is filled.
        field.fill(text)
        field.press("End")
        wanted = "> 0" if text else "=== 0"
        seen.page.wait_for_function(
            f"() => document.querySelectorAll('{hits}').length {wanted}", timeout=10_000
        )
    return str(seen.page.evaluate(f"new URL(document.querySelector('{hits} > a').href).pathname"))


def test_copy_button_copies_the_block_alone(visit: Opener) -> None:
    """The copy button takes the block's text, without the mark under it."""
    page = scan(DOCS / "features" / "session-protocol.md")
    seen = visit("/features/session-protocol/")
    block = seen.page.locator("div.highlight").first
    block.hover()
    block.locator("button.md-clipboard, button[data-md-type=copy], .md-code__button").first.click()
    copied = seen.page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == page.blocks[0].text.strip()


def test_copy_button_copies_what_can_be_pasted(visit: Opener) -> None:
    """Of a shell block the copy button takes what is typed, without prompts and output."""
    seen = visit("/start/two-terminals/")
    block = seen.page.locator(".highlight", has_text="Terminal A").first
    block.hover()
    block.locator("button[data-md-type=copy], button.md-clipboard").first.click()
    lines = seen.page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines == ["python -i broken.py", 'say("My name is Alice.")', "history()"]


def test_dark_mode_can_be_chosen(visit: Opener) -> None:
    """The switch in the header changes the scheme."""
    seen = visit("/")
    assert seen.page.evaluate("document.body.dataset.mdColorScheme") == "default"
    seen.page.locator("label[title='Switch to dark mode']").click()
    assert seen.page.evaluate("document.body.dataset.mdColorScheme") == "slate"


def test_mark_is_reached_by_keyboard(visit: Opener) -> None:
    """A mark shows its details on keyboard focus, until Escape; a screen reader can read them."""
    seen = visit("/features/session-protocol/")
    mark = seen.page.locator(".mark").first
    button, details = mark.locator("button"), mark.locator("[role=tooltip]")
    assert button.get_attribute("aria-describedby") == details.get_attribute("id")
    before = details.evaluate(STYLE)
    button.focus()
    assert details.evaluate(STYLE) != before
    seen.page.keyboard.press("Escape")
    assert details.evaluate(STYLE) == before
    assert button.inner_text().strip()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("path", ["/", "/features/sharing-sessions/"])
def test_keyboard_reaches_everything(path: str, size: ViewportSize, visit: Opener) -> None:
    """The Tab key reaches each link, button, field and box that scrolls, in sight and marked."""
    seen = visit(path)
    seen.page.set_viewport_size(size)
    # The navigation of a phone takes a quarter of a second to be gone.
    seen.page.evaluate("new Promise((done) => setTimeout(done, 400))")
    for _ in range(seen.page.evaluate(TOUR) + 5):
        seen.page.keyboard.press("Tab")
    assert seen.page.evaluate(FAULTS) == []


def tab_to(seen: Visit, selector: str, least: int = 60) -> None:
    """Press the Tab key until it has reached something."""
    for _ in range(least):
        seen.page.keyboard.press("Tab")
        if seen.page.evaluate("(it) => document.activeElement.matches(it)", selector):
            return
    raise AssertionError(f"no key reaches {selector}")


def test_navigation_of_a_phone_is_opened_by_keyboard(visit: Opener) -> None:
    """Enter opens the drawer with its first link in focus; Escape closes it and goes back."""
    seen = visit("/")
    seen.page.set_viewport_size(PHONE)
    links = seen.page.locator(".md-sidebar--primary a[href]")
    links.first.wait_for(state="hidden")
    tab_to(seen, "label[for=__drawer]")
    seen.page.keyboard.press("Enter")
    assert seen.page.evaluate("document.activeElement.matches('.md-sidebar--primary a')")
    assert links.first.is_visible()
    seen.page.keyboard.press("Escape")
    assert seen.page.evaluate("document.activeElement.matches('label[for=__drawer]')")
    links.first.wait_for(state="hidden")


def test_scheme_and_search_need_no_mouse(visit: Opener) -> None:
    """Arrows choose the scheme and a hit; Enter opens it."""
    seen = visit("/")
    tab_to(seen, "input.md-option")
    seen.page.keyboard.press("ArrowDown")
    seen.page.wait_for_function("document.body.dataset.mdColorScheme === 'slate'")
    tab_to(seen, ".md-search__input")
    seen.page.keyboard.type("failed to acquire")
    seen.page.locator(".md-search-result__item").first.wait_for()
    seen.page.keyboard.press("ArrowDown")
    with seen.page.expect_navigation():
        seen.page.keyboard.press("Enter")
    assert seen.page.url.partition("?")[0].endswith("/troubleshooting/")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "phone"])
def test_gateway_and_bot_find_cause_and_cure_in_two_clicks(
    size: ViewportSize, visit: Opener
) -> None:
    """Two clicks from the first page stand the two ids, `7` and `bot_telegram_7`, and the cure."""
    seen = visit("/")
    seen.page.set_viewport_size(size)
    seen.page.locator("article a", has_text="Troubleshooting").first.click()
    seen.page.wait_for_url("**/troubleshooting/")
    seen.page.locator("article a", has_text="two ids").first.click()
    seen.page.wait_for_url("**#two-ids")
    seen.page.wait_for_function(f"() => ({IN_SIGHT})(document.querySelector('#two-ids'))")
    heading = seen.page.locator("#two-ids")
    section = heading.locator("xpath=following-sibling::*")
    cause, program = section.nth(0), section.nth(1)
    assert {"7", "bot_telegram_7"} <= set(cause.locator("code").all_inner_texts())
    for part in (cause, program):
        assert part.evaluate(IN_SIGHT)
    shown = program.inner_text()
    assert "for _ in range(2)" in shown
    assert "#> Your name is Alice." in shown


@pytest.mark.skipif(os.name == "nt", reason="the server's wheel is for POSIX")
def test_pasted_store_works_within_three_clicks(visit: Opener, tmp_path: Path) -> None:
    """From the first page, two clicks copy the Redis store, and pasted it works on a server."""
    seen, clicks = visit("/"), list[Locator]()

    def click(what: Locator) -> None:
        clicks.append(what)
        what.click()

    click(seen.page.locator("article a", has_text="Redis"))
    seen.page.wait_for_load_state("networkidle")
    store = seen.page.locator(".highlight", has_text="class RedisSessionStore")
    store.hover()
    click(store.locator("button[data-md-type=copy]"))
    assert len(clicks) <= 3
    pasted = seen.page.evaluate("navigator.clipboard.readText()")
    (tmp_path / "redis_store.py").write_text(pasted, "utf-8")
    with redis() as server:
        done = subprocess.run(
            [sys.executable, "-c", PASTED],
            cwd=tmp_path,
            env=os.environ | server,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stdout == "[{'role': 'user', 'content': 'My name is Alice.'}] False\n", done.stderr
