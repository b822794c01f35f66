"""What is checked is what is shown: the built site against the tree of each page."""

from collections.abc import Callable
from pathlib import Path

import pytest

from docs.reports.measured import Measured
from executable_pages import reader
from executable_pages.files import pages as every
from executable_pages.testing.account import account
from executable_pages.testing.cases import (
    CASES,
    every_case,
    says_where_and_what,
    try_out,
    verdicts,
)
from executable_pages.testing.events import differing, tidy
from executable_pages.testing.outline import outline
from executable_pages.testing.scanner import ROOT
from executable_pages.testing.shown import page_path, render, shown
from executable_pages.testing.survey.script import refuses
from executable_pages.tree import PageError

DOCS = ROOT / "docs"
PAGES = every(DOCS)
VERDICTS = verdicts()
LONG = """# Title

A [link](/x) and `code`, **strong**.

```python main.py
a = 1
```

- one
  - two

| a | b |
|---|---|
| 1 | `2` |

<Note>

Said.

</Note>

- <Guarantee id="kept">It holds.</Guarantee>
"""


def case_id(path: Path) -> str:
    """The kind and the name of a small page."""
    return path.relative_to(CASES).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_page_shows_what_was_checked(page: Path, built: Path) -> None:
    """Each page of the built site shows its blocks, tables, lists, links and prose, and no more."""
    path = page_path(page, DOCS)
    name = page.relative_to(DOCS).as_posix()
    html = (built / path).read_text("utf-8")
    has_to_show = account(reader.read(page), name, Measured(ROOT).nodes)
    assert differing(has_to_show, shown(html, path)) == ""


@pytest.mark.parametrize("path", every_case(), ids=case_id)
def test_case_is_shown_or_refused(path: Path, request: pytest.FixtureRequest) -> None:
    """A small page is shown exactly as it was checked, or refused with its place and a remedy."""
    found = try_out(path)
    outcome = "accepted" if found.document else "refused"
    request.node.user_properties.append(("case", f"{path.parent.name} {outcome}"))
    assert found.difference == ""
    assert found.document or says_where_and_what(found.refusal), found.refusal


@pytest.mark.parametrize("name", VERDICTS)
def test_case_is_read_as_mdx(name: str) -> None:
    """What is accepted is MDX, and has the headings, blocks, lists and tables that MDX sees.

    `mdx.json` holds, for each small page, the tree that the compiler named in it sees, reduced to
    the form that `testing/outline.py` describes. `mdx.mjs` beside it writes it, and says how.
    """
    try:
        document = reader.read(CASES / name)
    except PageError:
        return
    assert VERDICTS[name] is not None, "this is no MDX"
    assert outline(document) == VERDICTS[name]


@pytest.mark.parametrize("name", VERDICTS)
def test_refusal_of_mdx_is_told_apart(name: str) -> None:
    """A page that MDX refuses is told apart from one that only the reader here refuses."""
    refusals: list[PageError] = []
    reader.read(CASES / name, refusals=refusals)
    assert any(map(refuses, refusals)) == (VERDICTS[name] is None)


def test_verdicts_are_about_these_cases() -> None:
    """Every small page of the page language has its verdict, and every verdict its page."""
    kinds = {name.partition("/")[0] for name in VERDICTS}
    assert {case_id(path) for path in every_case() if path.parent.name in kinds} == set(VERDICTS)


@pytest.mark.parametrize(
    "lie",
    [
        lambda html: html.replace("<p>Said.</p>", ""),
        lambda html: html.replace("Said.", "Said"),
        lambda html: html.replace("<p>Said.</p>", "<p>Said.</p><p>More.</p>"),
        lambda html: html.replace("main.py", "other.py"),
        lambda html: html.replace("language-python", "language-text"),
        lambda html: html.replace('<span class="n">a</span>', '<span class="n">b</span>'),
        lambda html: html.replace("/x", "/y").replace("x.md", "y.md"),
        lambda html: html.replace("<td>1</td>", "<td>3</td>"),
        lambda html: html.replace("<code>2</code>", "2"),
        lambda html: html.replace("<strong>strong</strong>", "strong"),
        lambda html: html.replace('id="kept"', 'id="other"'),
        lambda html: html.replace('id="title"', 'id="other"'),
        lambda html: html.replace('class="mark ', 'class="'),
        lambda html: html.replace("<ul>", "", 2).replace("</ul>", "", 2),
        lambda html: html.replace("admonition note", "admonition tip"),
        lambda html: html + "<pre><code>unchecked</code></pre>",
        lambda html: html + "<table><thead><tr><th>unchecked</th></tr></thead></table>",
    ],
)  # fmt: skip
def test_difference_is_seen(lie: Callable[[str], str]) -> None:
    """Anything that is shown and was not checked, or checked and is not shown, is found."""
    document = reader.read(Path("page.md"), LONG.encode())
    html = render(document)
    has_to_show = account(document, "page.md", lambda component: [])
    assert differing(has_to_show, shown(html, "page.md")) == ""
    assert lie(html) != html
    assert differing(has_to_show, shown(lie(html), "page.md")) != ""


def test_space_at_the_beginning_of_a_line_is_not_shown() -> None:
    """White space between blocks, and before the first word of one, is as a browser shows it."""
    events = [
        ("element", "div"),
        ("text", "\n"),
        ("element", "span"),
        ("text", " a"),
        ("/element",),
    ]
    events += [("text", " b"), ("/element",), ("text", "\n"), ("p",), ("strong",), ("text", " c")]
    events += [("text", "  d"), ("/strong",), ("text", " \n"), ("/p",)]
    said = [event[1] for event in tidy(iter(events)) if event[0] == "text"]
    assert said == ["a", " b", "c d"]
