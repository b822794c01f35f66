"""Components are shown as the theme's own elements, and a build stops at what is none."""

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from executable_pages import icons, reader
from executable_pages.html import relative
from executable_pages.registry import COMPONENTS, ELEMENTS, MEASURED, REFUSED
from executable_pages.testing.browser import build, settings
from executable_pages.testing.shown import render
from executable_pages.tree import PageError

PAGE = "features/page.md"


def html(text: str) -> BeautifulSoup:
    """What a page with this text shows."""
    document = reader.read(Path("page.md"), text.encode(), is_lenient=True)
    return BeautifulSoup(render(document, PAGE), "html.parser")


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        ("<Note>\n\na\n\n</Note>", ".admonition.note > .admonition-title + p"),
        ("<Check>a</Check>", ".admonition.success > p + p"),
        ("<Danger>\na\n</Danger>", ".admonition.danger"),
        ('<Callout type="warning">\na\n</Callout>', ".admonition.warning > p:only-child"),
        ('<Accordion title="b">\na\n</Accordion>', "details.note:not([open]) > summary + p"),
        ('<Accordion title="b" defaultOpen>\na\n</Accordion>', "details[open]"),
        ('<Expandable title="b">\na\n</Expandable>', "details > summary"),
        ("<Note>\n<Tip>\na\n</Tip>\n</Note>", ".admonition.note > .admonition.tip"),
        ('<Tabs><Tab title="b">\na\n</Tab></Tabs>', ".tabbed-set > input:checked"),
        ('<Tabs><Tab title="b">\na\n</Tab></Tabs>', ".tabbed-labels > label[for=__tabbed_1_1]"),
        ("<CodeGroup>\n```python\na\n```\n</CodeGroup>", ".tabbed-block > .highlight + p > .mark"),
        ('<Steps><Step title="b">\na\n</Step></Steps>', "ol > li > p > strong"),
        ('<Card title="b" href="/a" />', ".grid.cards > ul > li strong > a[href='../a.md']"),
        ('<CardGroup cols={2}><Card title="b" /></CardGroup>', ".grid.cards.cards--2 > ul > li"),
        ('<Card title="b" icon="database" />', "li > p > .twemoji > svg"),
        ("a <Badge color='green'>b</Badge>", "p > span.badge.badge--green"),
        ('<ParamField query="b" type="c" required>a</ParamField>', ".field > p > code + span + em"),
        ('<ResponseField name="b" default="c">\na\n</ResponseField>', ".field > p > code + code"),
        ('<Frame caption="b">\n![a](/a.png)\n</Frame>', "figure img[src='../a.png']"),
        ('<Frame caption="b">\na\n</Frame>', "figure > p + figcaption"),
        ('<Update label="b">\na\n</Update>', ".update > p > strong"),
        ('a <Tooltip tip="b">c</Tooltip>', "p > abbr[title=b]"),
        ("<Columns>\na\n</Columns>", ".grid > p"),
        ("<Proof>\n- a\n</Proof>", ".proof > ul > li"),
        ('<div className="a" style={{maxWidth: 3}}>b</div>', "div.a[style='max-width: 3px']"),
        ("- [x] a", "li.task-list-item > label.task-list-control > input[checked]"),
        ("```mermaid\nA->>B: x\n```", "pre.mermaid > code"),
        ("```python {2}\na\nb\n```", ".language-python.highlight .hll"),
        ("```python main.py\na\n```", ".highlight > .filename"),
        ("| a |\n|:-:|\n| b |", "thead th[style='text-align: center;']"),
        ("## A [b](/c)", "h2#a-b > a.headerlink"),
    ],
)  # fmt: skip
def test_component_has_the_form_that_the_theme_knows(text: str, selector: str) -> None:
    """Each component, block and table becomes the element that the theme gives its style to."""
    assert html(text).select(selector)


def test_every_component_is_shown() -> None:
    """No component that pages may use is without a form."""
    for name, kind in COMPONENTS.items():
        needed = "".join(f' {attribute}="x"' for attribute in kind.needs)
        inside = {"Fence": "```text\nx\n```", "Step": "<Step>x</Step>"}.get(
            "".join(kind.holds), "x"
        )
        text = f"<{name}{needed}>\n{inside}\n</{name}>\n"
        if kind.is_empty or name in ("Tab", "Tabs", "Step", "ParamField"):
            continue
        assert "x" in html(text).get_text(), name


# Each has the value that its attribute needs to be seen; any other is text.
VALUES = {"type": "warning", "icon": "check", "cols": 3, "stepNumber": 3, "size": 20}
# `required` and `optional` are words of their own, and `defaultOpen` opens.
WORDS = ("required", "optional", "deprecated", "defaultOpen", "disabled", "hidden")


def attributes() -> list[tuple[str, str]]:
    """Each attribute that some component takes."""
    return [
        (name, each)
        for name, kind in COMPONENTS.items()
        for each in sorted(kind.takes)
        if name not in MEASURED and name not in ("ApiReference", "Guarantee")
    ]


@pytest.mark.parametrize(("name", "attribute"), attributes())
def test_each_attribute_is_shown(name: str, attribute: str) -> None:
    """An attribute that a component takes is in the HTML of it, as words or for a style."""
    kind = COMPONENTS[name]
    needed = dict.fromkeys(kind.needs, "x")
    if name == "ParamField":
        needed["header" if attribute == "query" else "query"] = "x"
    inside = {"Fence": "```text\nx\n```", "Step": "<Step>x</Step>"}.get("".join(kind.holds), "x")
    if name == "Tabs":
        inside = '<Tab title="x">y</Tab>'

    def page(given: dict[str, object]) -> str:
        said = "".join(f" {key}={{{json.dumps(value)}}}" for key, value in given.items())
        made = f"<{name}{said} />" if kind.is_empty else f"<{name}{said}>\n{inside}\n</{name}>"
        return str(
            html(f"<{kind.inside[0]}>\n{made}\n</{kind.inside[0]}>" if kind.inside else made)
        )

    value = True if attribute in WORDS else VALUES.get(attribute, "said")
    value = "note" if (name, attribute) == ("Warning", "type") else value
    # Of several names of a field one is enough.
    given = {} if attribute in ("path", "body", "header") else needed
    assert page(given | {attribute: value}) != page(needed)


# All elements of HTML that can stand in a body.
HTML = """a abbr address area article aside audio b bdi bdo blockquote br button canvas caption cite
code col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption
figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr i iframe img input ins kbd label legend li
main map mark menu meter nav noscript object ol optgroup option output p picture pre progress q rp
rt ruby s samp script search section select slot small source span strong style sub summary sup svg
table tbody td template textarea tfoot th thead time tr track u ul var video wbr"""


@pytest.mark.parametrize("name", HTML.split())
def test_each_element_of_html_is_known(name: str) -> None:
    """An element of HTML is shown as it is, or refused with what to write instead."""
    if name in REFUSED:
        with pytest.raises(PageError, match=rf"<{name}> is not for pages; .{{12,}}"):
            html(f"<{name}>x</{name}>")
        return
    needed = "".join(f' {each}="/x"' for each in {"a": ("href",)}.get(name, ELEMENTS[name].needs))
    inside = "" if ELEMENTS[name].is_empty else f">inner</{name}"
    made = html(f"y <{name}{needed}{inside or ' /'}> z").select_one(name)
    assert made is not None
    assert ("inner" in str(made.parent)) == bool(inside)


@pytest.mark.parametrize("name", ["a", "Accordion", "Expandable", "Step", "Tab", "Note", "div"])
def test_place_that_a_link_can_name_is_on_the_page(name: str) -> None:
    """Each id that links may lead to is an id of the page as it is shown."""
    title = ' title="x"' if name[0].isupper() else ""
    made = f'<{name} id="here"{title}>\ny\n</{name}>'
    around = {"Step": "Steps", "Tab": "Tabs"}.get(name)
    text = f"<{around}>\n{made}\n</{around}>\n" if around else f"{made}\n"
    assert "here" in reader.read(Path("page.md"), text.encode()).anchors
    assert html(text).select("#here")


def test_class_of_a_page_is_its_own() -> None:
    """What a page calls `mermaid` is no diagram, neither for a script nor for these tests."""
    page = html('<span className="mermaid">a</span>\n')
    [span] = page.select("span.mermaid")
    # Mermaid's script passes over what says so.
    assert span["data-processed"] == "true"


def test_diagram_keeps_its_angle_brackets() -> None:
    """`List<T>` in a diagram is text."""
    code = html("```mermaid\nA->>B: List<T> & &lt;x&gt;\n```").select_one("pre.mermaid > code")
    assert code is not None
    assert code.get_text() == "A->>B: List<T> & &lt;x&gt;\n"
    assert not code.find_all()


def test_text_means_itself() -> None:
    """What looks like HTML, an entity or a placeholder in code is shown as it is written."""
    text = "`&lt; &amp;lt; <b>` and &amp;lt; and \\&lt;\n"
    assert html(text).get_text().strip() == "&lt; &amp;lt; <b> and &lt; and &lt;"


@pytest.mark.parametrize(
    ("target", "path", "found"),
    [
        ("/features/x", PAGE, "x.md"),
        ("/features/x#y", "index.md", "features/x.md#y"),
        ("/", PAGE, "../index.md"),
        ("/recipes/s3/", PAGE, "../recipes/s3.md"),
        ("/features/x?y=z#w", PAGE, "x.md?y=z#w"),
        ("/images/a.png", PAGE, "../images/a.png"),
        ("https://example.com/a", PAGE, "https://example.com/a"),
        ("#here", PAGE, "#here"),
    ],
)
def test_absolute_link_becomes_relative(target: str, path: str, found: str) -> None:
    """A link from the site's root leads to a file that MkDocs validates; others stay."""
    assert relative(target, path) == found


def test_guarantee_is_a_sentence_with_a_link() -> None:
    """A promise is its sentence, an anchor, and a small link to what proves it."""
    page = html('- <Guarantee id="fresh-reads">Reads are `fresh`.</Guarantee>\n')
    [link] = page.select("li > a.guarantee#fresh-reads")
    assert link["href"] == "../verification/guarantees.md#fresh-reads"
    assert str(link["aria-label"]).startswith("Guarantee fresh-reads")
    assert page.get_text().split() == ["Reads", "are", "fresh."]


@pytest.mark.parametrize("name", sorted(icons.NAMES))
def test_icon_is_in_the_theme(name: str) -> None:
    """Every icon with a name of our own is in the theme, so that no page asks another machine."""
    assert icons.svg(name).startswith("<svg")


def test_unknown_icon_is_left_out() -> None:
    """An icon that no set has changes nothing; one of the theme's own sets is shown."""
    assert html('<Card title="a" icon="no-such-icon" />').select("svg") == []
    assert icons.svg("rocket").startswith("<svg")
    assert icons.svg("../../secret") == ""


def test_measured_components_are_known() -> None:
    """Everything that shows what was measured is a component that pages may use."""
    assert set(MEASURED) <= set(COMPONENTS)


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

</Steps>

<Proof>

- <Evidence count="snippet" /> blocks

</Proof>

<Matrix />
"""


def test_components_nest_in_a_strict_build(tmp_path: Path) -> None:
    """A strict build shows components inside each other, and links from one page to another."""
    page = article(tmp_path, EVERYTHING)
    for selector in [
        ".admonition.note > .grid.cards.cards--2 > ul > li a[href='other/#there']",
        ".grid.cards svg",
        "ol > li > .tabbed-set .tabbed-block > .diagram > pre.mermaid > code",
        "ol > li .tabbed-block li > a.guarantee[href='verification/guarantees/#fresh-reads']",
        ".proof > ul > li > .number",
    ]:  # fmt: skip
        assert page.select(selector), selector
    for code in page.select("pre, .mark"):
        code.decompose()
    assert "<" not in page.text


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        ("```python\n```\n\n<Marquee />\n", ["index.md:7:1: unknown component"]),
        (
            "[a](/nothing) [b](/other#nothing)\n",
            ["'nothing.md', but the target is not found", "contain an anchor '#nothing'"],
        ),
    ],
    ids=["component", "links"],
)
def test_strict_build_stops_at_a_mistake(tmp_path: Path, text: str, complaints: list[str]) -> None:
    """The build fails on an unknown component, at its place in the file, and on dead links."""
    with pytest.raises(AssertionError) as caught:
        article(tmp_path, f"---\ntitle: x\n---\n{text}")
    for complaint in complaints:
        assert complaint in str(caught.value)
    assert "Traceback" not in str(caught.value)
