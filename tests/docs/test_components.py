"""The hook renders MDX components as Material's own, and names page and line of what it cannot."""

from importlib.resources import files
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from mkdocs.exceptions import PluginError

from docs.plugins.components import ICONS, RENDERERS, relative, render
from tests.pages.browser import build, settings

PAGE = "features/page.md"


def rendered(*lines: str) -> list[str]:
    """The lines of a rendered page that are not blank."""
    return [line for line in render("\n".join(lines), PAGE).split("\n") if line.strip()]


def element(name: str, *content: str, attributes: str = "") -> list[str]:
    """The lines of a component as pages write it."""
    return [f"<{name}{attributes}>", "", *content, "", f"</{name}>"]


@pytest.mark.parametrize(
    ("name", "attributes", "head"),
    [
        ("Note", "", '!!! note "Note"'),
        ("Tip", ' title="Do"', '!!! tip "Do"'),
        ("Warning", " title='Say \"no\"'", '!!! warning "Say &quot;no&quot;"'),
        ("Info", ' title={"In braces"}', '!!! info "In braces"'),
        ("Check", "", '!!! success "Check"'),
        ("Accordion", ' title="a > b"', '??? note "a > b"'),
        ("Accordion", ' title="Why" defaultOpen', '???+ note "Why"'),
    ],
)
def test_block_component_becomes_a_block(name: str, attributes: str, head: str) -> None:
    """An admonition or accordion becomes Material's, with its content indented."""
    assert rendered(*element(name, "text", attributes=attributes)) == [head, "    text"]


def test_components_nest() -> None:
    """A component inside a component is indented once more."""
    inner = element("Tip", "deep")
    assert rendered(*element("Note", "text", *inner)) == [
        '!!! note "Note"',
        "    text",
        '    !!! tip "Tip"',
        "        deep",
    ]


def test_tabs_side_by_side_stay_apart() -> None:
    """The first tab of a row begins a new row, so that two rows do not become one."""
    row = element("Tabs", *element("Tab", "x", attributes=' title="A"'))
    assert [line for line in rendered(*row, *row) if "=" in line] == ['===! "A"', '===! "A"']


def test_blocks_of_a_code_group_become_tabs() -> None:
    """A code group shows its blocks as tabs named by their titles, each with what follows it."""
    group = element("CodeGroup", "```python main.py", "a", "```", "mark", "```json", "{}", "```")
    assert rendered(*group) == [
        '===! "main.py"',
        "    ```python",
        "    a",
        "    ```",
        "    mark",
        '=== "json"',
        "    ```json",
        "    {}",
        "    ```",
    ]


def test_cards_become_a_grid() -> None:
    """Cards stand in a grid of as many columns as asked for, with bundled icons and links."""
    card = '<Card title="Redis" icon="database" href="/recipes/redis#install" />'
    assert rendered(*element("CardGroup", card, attributes=" cols={2}")) == [
        '<div class="grid cards cards--2" markdown>',
        "-   :material-database-outline: **[Redis](../recipes/redis.md#install)**",
        "</div>",
    ]


def test_steps_become_a_list() -> None:
    """Steps are the items of an ordered list."""
    steps = [
        line for title in "AB" for line in element("Step", "x", attributes=f' title="{title}"')
    ]
    assert rendered(*element("Steps", *steps)) == ["1.  **A**", "    x", "1.  **B**", "    x"]


def test_icons_are_bundled() -> None:
    """Every icon that a card can have is in the theme, so that no page asks another machine."""
    place = files("material").joinpath("templates", ".icons")
    for icon in ICONS.values():
        kind, _, name = icon.partition("-")
        assert place.joinpath(kind, f"{name}.svg").is_file(), icon


@pytest.mark.parametrize(
    "code",
    [
        ["`<Nothing>` and `{/* x */}` and `[a](/b)`"],
        ["``a ` <Nothing>``"],
        ["```mdx", "<Nothing>", "{/* x */}", "[a](/b)", "```"],
        ["~~~mdx", "<Nothing>", "```", "~~~"],
        ["````markdown", "```", "<Note>", "```", "````"],
        ["- item", "", "  ```text", "  </Note>", "  ```"],
    ],
    ids=["inline", "double", "fence", "tildes", "four", "list"],
)
def test_code_stays_as_it_is(code: list[str]) -> None:
    """Components, comments and links in code are only text."""
    assert render("\n".join(code), PAGE).split("\n") == code


def test_inline_code_at_the_start_of_a_line_is_no_fence() -> None:
    """Three backticks that close on their own line hide nothing behind them."""
    assert rendered("```a``` text", "<Note>", "x", "</Note>")[-2:] == ['!!! note "Note"', "    x"]


def test_comments_are_gone() -> None:
    """A comment is not shown, whether it has a line, several or part of one."""
    text = ["a", "{/* one */}", "{/* two", "<Nothing>", "*/}", "b {/* three */}c"]
    assert rendered(*text) == ["a", "b c"]


def test_title_of_a_block_is_shown() -> None:
    """What stands behind the language becomes the title of the block."""
    assert rendered("```python main.py", "```")[0] == '```python title="main.py"'


def test_diagram_keeps_its_angle_brackets() -> None:
    """`List<T>` in a diagram is text, which mermaid2 alone would make a tag."""
    assert rendered("```mermaid", "A->>B: List<T> & x", "```")[1] == "A->>B: List&lt;T> &amp; x"


@pytest.mark.parametrize(
    ("target", "path", "found"),
    [
        ("/features/x", "features/page.md", "x.md"),
        ("/features/x#y", "index.md", "features/x.md#y"),
        ("/", "features/page.md", "../index.md"),
        ("/recipes/s3/", "features/page.md", "../recipes/s3.md"),
    ],
)
def test_absolute_link_becomes_relative(target: str, path: str, found: str) -> None:
    """A link from the site's root leads to a Markdown file, which MkDocs validates."""
    assert relative(target, path) == found
    assert render(f'[a]({target} "t")', path) == f'[a]({found} "t")'


def test_guarantee_is_a_sentence_with_a_link() -> None:
    """A promise is its sentence, an anchor, and a small link to what proves it."""
    line = '- <Guarantee id="fresh-reads">Reads are `fresh`.</Guarantee>'
    [found] = rendered(line)
    assert found.startswith("- Reads are `fresh`. [:material-shield-check-outline:]")
    assert "(../verification/guarantees.md#fresh-reads " in found
    assert ".guarantee #fresh-reads aria-label=" in found


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("<Marquee>\n\nx\n\n</Marquee>", "5: unknown component <Marquee>"),
        ("a <Marquee /> b", "5: unknown component <Marquee>"),
        ("x\n\n<Note>\n\ny", "7: <Note> is not closed"),
        ("<Note>\n\n<Tip>\n\n</Note>\n\n</Tip>", "9: </Note> closes <Tip>"),
        ("</Note>", "5: </Note> closes <nothing>"),
        ("<Note>text</Note>", "5: a tag is one line"),
        ("<Note", "5: a tag is one line"),
        ("text <Note>", "5: the tags of <Note> stand alone"),
        ("<Note colour=red>", "5: a tag is one line"),
        ('<Note colour="red">', "5: <Note> takes no colour; it takes title"),
        ('<Steps title="x">', "5: <Steps> takes no title; it takes none"),
        ("<Accordion>", "5: <Accordion> needs title="),
        ('<Accordion title="">', "5: <Accordion> needs title="),
        ('<Tab title="x">', "5: <Tab> stands inside <Tabs>"),
        ("<Tabs>\n\ntext\n\n</Tabs>", "5: <Tabs> holds nothing but <Tab>"),
        ('<CardGroup>\n\n<Card title="x" icon="no" />\n\n</CardGroup>', "7: no icon 'no'"),
        ("<CodeGroup>\n\n<Note>\n\n</Note>\n\n</CodeGroup>", "7: <CodeGroup> holds nothing but"),
        ("<Guarantee>x</Guarantee>", "5: a promise is"),
        ('<Guarantee id="x">a\nb</Guarantee>', "5: a promise is"),
        ("```python\n<Note>\n```\n\n<Marquee>", "9: unknown component <Marquee>"),
    ],
)
def test_mistake_is_named(text: str, complaint: str) -> None:
    """What is no known, closed, well-formed component is an error at page and line."""
    with pytest.raises(PluginError) as caught:
        render(text, PAGE, before=4)
    assert str(caught.value).startswith(f"docs/{PAGE}:{complaint}")


def article(tmp_path: Path, text: str) -> Tag:
    """The article that the project's own settings and hooks make of a page."""
    docs = tmp_path / "docs"
    (docs / "verification").mkdir(parents=True)
    (docs / "index.md").write_text(text, "utf-8")
    (docs / "other.md").write_text("# Other\n\n## There\n", "utf-8")
    (docs / "verification" / "guarantees.md").write_text("# Promises\n\n## fresh-reads\n", "utf-8")
    build(tmp_path / "site", settings(docs))
    page = BeautifulSoup((tmp_path / "site" / "index.html").read_text("utf-8"), "html.parser")
    assert page.article is not None
    return page.article


EVERYTHING = """---
title: "Everything"
---

<Note>

<CardGroup cols={2}>

<Card title="There" icon="database" href="/other#there">

A card in a note.

</Card>

</CardGroup>

</Note>

<Steps>

<Step title="First">

<Tabs>

<Tab title="One">

```mermaid
sequenceDiagram
    A->>B: List<T>
```

</Tab>

<Tab title="Two">

- <Guarantee id="fresh-reads">It holds.</Guarantee>

</Tab>

</Tabs>

</Step>

<Step title="Second">

<CodeGroup>

```python main.py
print("<Note>")
```

```json
{}
```

</CodeGroup>

</Step>

</Steps>

<AccordionGroup>

<Accordion title="Why?">

| a | b |
|---|---|
| 1 | 2 |

</Accordion>

</AccordionGroup>

<Check>

Done.

</Check>

<Info>

<Tip>

<Warning>

Deep.

</Warning>

</Tip>

</Info>

<Proof>

- <Evidence count="snippet" /> blocks

</Proof>
"""


def test_every_component_is_drawn(tmp_path: Path) -> None:
    """A strict build shows each component as Material's element, however they nest."""
    assert all(f"<{name}" in EVERYTHING for name in RENDERERS)
    page = article(tmp_path, EVERYTHING)
    for selector in [
        ".admonition.note > .grid.cards.cards--2 > ul > li a[href='other/#there']",
        ".grid.cards svg",
        "ol > li > .tabbed-set .tabbed-block > pre.mermaid > code",
        "ol > li > .tabbed-set .tabbed-block li > a.guarantee#fresh-reads svg",
        "ol > li + li .tabbed-set .tabbed-block > .highlight",
        "ol > li + li .tabbed-set .tabbed-block > .highlight + p > .mark button",
        "details.note > summary + table",
        ".admonition.success > p",
        ".admonition.info > .admonition.tip > .admonition.warning",
        ".proof > ul > li > .number",
    ]:
        assert page.select(selector), selector
    assert page.select_one("pre.mermaid").text.strip().endswith("A->>B: List<T>")
    for code in page.select("pre, .mark"):
        code.decompose()
    assert "<" not in page.text
    assert "===" not in page.text


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        ("```python\n```\n\n<Marquee>\n", ["docs/index.md:7: unknown component"]),
        (
            "[a](/nothing) [b](/other#nothing)\n",
            ["'nothing.md', but the target is not found", "contain an anchor '#nothing'"],
        ),
    ],
    ids=["component", "links"],
)
def test_strict_build_stops_at_a_mistake(tmp_path: Path, text: str, complaints: list[str]) -> None:
    """The build fails on an unknown component, at its line in the file, and on dead links."""
    with pytest.raises(AssertionError) as caught:
        article(tmp_path, f"---\ntitle: x\n---\n{text}")
    for complaint in complaints:
        assert complaint in str(caught.value)
