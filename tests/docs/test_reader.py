"""The reader turns a page into one tree, with exact places, and refuses what it cannot."""

from pathlib import Path

import pytest

from executable_pages import reader
from executable_pages.files import pages as every
from executable_pages.testing.scanner import ROOT, Block, PageError, scan
from executable_pages.tree import (
    Cell,
    Component,
    Document,
    Fence,
    Heading,
    Image,
    Link,
    Node,
    Paragraph,
)

PAGES = [*every(ROOT / "docs"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


def read(text: str) -> Document:
    """The tree of a page with this text, byte for byte."""
    return reader.read(Path("page.md"), text.encode())


def found(tmp_path: Path, text: str) -> list[Block]:
    """The blocks of a page with this text, byte for byte."""
    page = tmp_path / "page.md"
    page.write_bytes(text.encode())
    return scan(page).blocks


def names(node: Node) -> list[str]:
    """The nodes of a tree by kind, components by name."""
    every = list(node.walk())[1:]
    return [each.name if isinstance(each, Component) else type(each).__name__ for each in every]


@pytest.mark.parametrize("path", PAGES, ids=[path.name for path in PAGES])
def test_every_page_is_read(path: Path) -> None:
    """The reader takes every page of the site, and the texts beside it."""
    assert reader.read(path).children


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```python\na\n```\n", [("a\n", 2)]),
        ("````markdown\n```python\nx\n```\n````\n\n```python\nb\n```\n", [(None, 2), ("b\n", 8)]),
        ("```python\n```\n\n```python\nb\n```\n", [("", 2), ("b\n", 5)]),
        ("~~~python\na\n~~~\n", [("a\n", 2)]),
        ("```python\na\n`````\n", [("a\n", 2)]),
        ("- one\n\n  ```python\n  a\n    b\n  ```\n", [("a\n  b\n", 4)]),
        ("1. one\n\n    ```python\n    a\n    ```\n", [("a\n", 4)]),
        ("- ```python\n  a\n  ```\n- two\n", [("a\n", 2)]),
        ("> ```python\n> a\n>\n> b\n> ```\n", [("a\n\nb\n", 2)]),
        ("---\ntitle: x\n---\n\n```python\na\n```\n", [("a\n", 6)]),
        ("<Note>\n\n```python\na\n```\n\n</Note>\n", [("a\n", 4)]),
        ("<Note>\n```python\na\n```\n</Note>\n", [("a\n", 3)]),
        ("<Note>\n\n      ```python\n      a\n        b\n      ```\n</Note>\n", [("a\n  b\n", 4)]),
        ("{/*\n\n```python\na\n```\n\n*/}\n\n```python\nb\n```\n", [("b\n", 10)]),
    ],
    ids=[
        "plain",
        "four-backticks",
        "empty",
        "tildes",
        "long-end",
        "list",
        "deep-list",
        "first-in-item",
        "quote",
        "frontmatter",
        "component",
        "tight-component",
        "indented-in-component",
        "comment",
    ],
)
def test_block_is_found(tmp_path: Path, text: str, expected: list[tuple[str | None, int]]) -> None:
    """A block is found with its text and the line where it begins."""
    blocks = found(tmp_path, text)
    assert [block.line for block in blocks] == [line for _, line in expected]
    for block, (content, _) in zip(blocks, expected, strict=True):
        assert content is None or block.text == content


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte-order-mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_offsets_are_exact(tmp_path: Path, end: str, mark: str) -> None:
    """Offsets count bytes, whatever ends a line and whatever letters stand before."""
    lines = [f"{mark}---", "title: Zażółć", "---", "", "> ```python", "> a = 'ü'", "> ```", ""]
    text = end.join(lines)
    [block] = found(tmp_path, text)
    assert text.encode()[block.start : block.end].decode() == f"> a = 'ü'{end}"
    assert (block.line, block.text, block.indent) == (6, "a = 'ü'\n", "> ")


def test_places_are_exact() -> None:
    """Each node knows its line, its column and its bytes, in a list, a quote and a table too."""
    text = (
        "# Ä *b*\n\n> - x <Badge>ü</Badge> [l](/a)\n>   y [m](/b)\n\n"
        "| a\\|b | [n](/c) |\n|---|---|\n| `x\\|y` [o](/d) | <Badge>z</Badge> |\n"
    )
    document = read(text)
    raw = text.encode()

    def written(node: Node) -> str:
        return raw[node.place.start : node.place.end].decode()

    assert [written(node) for node in document.every(Link)] == [
        "[l](/a)",
        "[m](/b)",
        "[n](/c)",
        "[o](/d)",
    ]
    assert [(node.place.line, node.place.column) for node in document.every(Link)] == [
        (3, 24),
        (4, 7),
        (6, 10),
        (8, 10),
    ]
    assert [written(node) for node in document.every(Component)] == [
        "<Badge>ü</Badge>",
        "<Badge>z</Badge>",
    ]
    assert [written(node) for node in document.every(Heading)] == ["# Ä *b*"]


def test_places_are_exact_inside_quotes_and_lists() -> None:
    """What stands behind the marks of quotes and lists has the place where it begins itself."""
    text = (
        "> para\n>\n> > 1. deep\n\n- - # head\n  - | a | b |\n    |---|---|\n    | 1 | `2` |\n\n"
        "> | c |\n> |---|\n> | [l](/x) |\n"
    )
    document, raw = read(text), text.encode()
    found = [
        (type(node).__name__, node.place.line, node.place.column)
        for node in document.walk()
        if not isinstance(node, Document) and type(node).__name__ not in ("Text", "InlineCode")
    ]
    assert found == [
        ("Quote", 1, 1),
        ("Paragraph", 1, 3),
        ("Quote", 3, 3),
        ("ListBlock", 3, 5),
        ("Item", 3, 5),
        ("Paragraph", 3, 8),
        ("ListBlock", 5, 1),
        ("Item", 5, 1),
        ("ListBlock", 5, 3),
        ("Item", 5, 3),
        ("Heading", 5, 5),
        ("Item", 6, 3),
        ("TableBlock", 6, 5),
        ("Row", 6, 5),
        ("Cell", 6, 7),
        ("Cell", 6, 11),
        ("Row", 8, 5),
        ("Cell", 8, 7),
        ("Cell", 8, 11),
        ("Quote", 10, 1),
        ("TableBlock", 10, 3),
        ("Row", 10, 3),
        ("Cell", 10, 5),
        ("Row", 12, 3),
        ("Cell", 12, 5),
        ("Link", 12, 5),
    ]
    cells = [raw[cell.place.start : cell.place.end].decode() for cell in document.every(Cell)]
    assert cells == ["a", "b", "1", "`2`", "c", "[l](/x)"]


def test_component_holds_what_stands_between_its_tags() -> None:
    """Tags with or without blank lines around them hold the same, as MDX reads them."""
    loose = "text\n\n<Note>\n\ninside\n\n- a\n\n</Note>\n\nafter\n"
    tight = "text\n<Note>\ninside\n- a\n</Note>\nafter\n"
    indented = "text\n\n<Note>\n    inside\n\n    - a\n</Note>\n\nafter\n"
    expected = ["Paragraph", "Text", "Note", "Paragraph", "Text", "ListBlock", "Item", "Paragraph"]
    for text in (loose, tight, indented):
        assert names(read(text)) == [*expected, "Text", "Paragraph", "Text"]


def test_tag_takes_lines_and_values_of_every_form() -> None:
    """A tag may take several lines; its values are text, numbers, truth, lists and objects."""
    [component] = read(
        '<ParamField\n  query=\'a "b" &amp; c\'\n  type={"x"} required\n'
        "  default={[1, -2.5, {a: 'b', \"c\": null}]}\n  hidden={false}\n/>\n"
    ).every(Component)
    assert component.attributes == {
        "query": 'a "b" & c',
        "type": "x",
        "required": True,
        "default": [1, -2.5, {"a": "b", "c": None}],
        "hidden": False,
    }


def test_comment_hides_what_is_in_it(tmp_path: Path) -> None:
    """Blocks, links, promises and headings in a comment, of one line or several, are not there."""
    page = tmp_path / "page.md"
    page.write_text(
        "{/* [a](/b) */}\n\n{/*\n\n# H\n\n| a | b |\n|---|---|\n\n"
        '<Guarantee id="x">Yes.</Guarantee>\n\n*/}\n\nseen {/* <b> [c](/d)\n} */} too\n',
        "utf-8",
    )
    seen = scan(page)
    assert (seen.links, seen.headings, seen.tables, seen.guarantees) == ([], [], [], [])
    assert read(page.read_text("utf-8")).plain_text.split() == ["seen", "too"]


def test_promises_in_code_are_no_promises(tmp_path: Path) -> None:
    """A component that is shown as code makes no promise."""
    page = tmp_path / "page.md"
    tag = '<Guarantee id="x">Yes.</Guarantee>'
    page.write_text(f"`{tag}`\n\n```mdx\n{tag}\n```\n\n{tag}\n", "utf-8")
    assert [(promise.id, promise.line) for promise in scan(page).guarantees] == [("x", 7)]


def test_promise_may_take_lines(tmp_path: Path) -> None:
    """A promise over several lines is one sentence, in a paragraph or with tags of its own."""
    page = tmp_path / "page.md"
    page.write_text(
        '- <Guarantee id="a">one\n  `two`</Guarantee>\n\n'
        '<Guarantee id="b">\n\nthree\nfour\n\n</Guarantee>\n',
        "utf-8",
    )
    assert [(each.id, each.text) for each in scan(page).guarantees] == [
        ("a", "one `two`"),
        ("b", "three four"),
    ]


@pytest.mark.parametrize(
    ("written", "title", "highlighted"),
    [
        ("main.py", "main.py", ()),
        ('title="main.py"', "main.py", ()),
        ("{1,2-3}", "", (1, 2, 3)),
        ("main.py lines icon=\"python\" highlight={1-2}", "main.py", (1, 2)),
        ('say "hi" & <b>', 'say "hi" & <b>', ()),
        ('hl_lines="1 2-3"', "", (1, 2, 3)),
        ('{title="a b.py" .annotate}', "a b.py", ()),
        ('{ .annotate hl_lines="2" } a.py linenums="1"', "a.py", (2,)),
        ("title='say \"hi\"' showLineNumbers", 'say "hi"', ()),
        ("a&amp;b", "a&b", ()),
    ],
)  # fmt: skip
def test_words_behind_the_language(written: str, title: str, highlighted: tuple[int, ...]) -> None:
    """What stands behind a language is a title, in two forms, and the lines to highlight."""
    [fence] = read(f"```python {written}\na\nb\nc\n```\n").every(Fence)
    assert (fence.title, fence.highlighted) == (title, highlighted)


@pytest.mark.parametrize(
    ("written", "language", "classes"),
    [
        ("{ .python .annotate }", "python", ("annotate",)),
        ('{.bash title="a"}', "bash", ()),
        ("json {.a .b-c}", "json", ("a", "b-c")),
    ],
)
def test_language_in_braces(written: str, language: str, classes: tuple[str, ...]) -> None:
    """The first class of an attribute list is the language, and the others are the block's."""
    [fence] = read(f"```{written}\na\n```\n").every(Fence)
    assert (fence.language, fence.classes) == (language, classes)


def test_link_names_its_address_elsewhere() -> None:
    """A link and an image find their addresses in definitions, before or behind them."""
    text = "[a][X] and [b][], ![c][d]\n\n> [x]: /e 'f'\n\n[B]: <g h>\n[d]: /i.png\n"
    assert [(each.target, each.title) for each in read(text).every(Link)] == [
        ("/e", "f"),
        ("g h", ""),
    ]
    assert [each.target for each in read(text).every(Image)] == ["/i.png"]


def test_page_is_read_beyond_what_it_is_refused_for() -> None:
    """What a page is refused for is collected, and blocks and links beyond it are read."""
    text = (
        "import A from './a.mdx'\n\nexport const b = {\n\n  c: '}'\n\n}\n\n<A d={() => '}'}>\n\n"
        "```rust\ne\n```\n\n[f](/g) {h} <i>\n\n- <Note {...j}>k\n\n</A>\n\n```text\nl\n"
    )
    refusals: list[PageError] = []
    document = reader.read(Path("page.md"), text.encode(), refusals=refusals)
    assert [block.language for block in document.every(Fence)] == ["rust", "text"]
    assert [link.target for link in document.every(Link)] == ["/g"]
    lines = [int(str(each).split(":")[1]) for each in refusals]
    assert sorted(set(lines)) == [1, 3, 9, 11, 15, 17, 21]
    assert {int(str(each).split(":")[1]) for each in refusals if each.is_mdx} == {15, 17}


def test_bar_in_a_cell_is_escaped(tmp_path: Path) -> None:
    """`\\|` is a bar in a cell, in code too, as in GitHub's Markdown."""
    page = tmp_path / "page.md"
    page.write_text("| a | b |\n|---|---|\n| `str \\| None` | x\\|y |\n", "utf-8")
    [table] = scan(page).tables
    assert table.rows == (("`str | None`", "x|y"),)


def test_anchors_are_the_words_of_headings() -> None:
    """A heading's anchor has its words without markup, in any script, and no other's name."""
    text = "# A [link](/x) and `code`\n\n## Привет, мир\n\n## Привет, мир\n\n## 🎉\n\n## हिन्दी\n"
    headings = read(text).every(Heading)
    assert [heading.anchor for heading in headings] == [
        "a-link-and-code",
        "привет-мир",
        "привет-мир_1",
        "section",
        "हिन्दी",
    ]


@pytest.mark.parametrize(
    "text",
    [
        '`{x} <y>`\n\n```json\n{"a": "<b>"}\n```\n\n{/* {x} */}\n\n<Check>\n\n</Check>\n',
        "a < b, \\{ and \\<, &lt;b&gt;\n",
        "``a ` <Nothing>``\n",
        "- <Note>\n\n  x\n\n  </Note>\n",
        "> <Note>\n>\n> x\n>\n> </Note>\n",
        "<Note>text</Note>\n",
        "| a |\n|---|\n| <Badge>b</Badge> |\n",
    ],
)
def test_what_is_mdx_is_read(text: str) -> None:
    """Braces and tags in code, comments and escapes are fine, and components stand anywhere."""
    assert read(text).children


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x\n\n```\na\n```\n", "3:1: a block without a language"),
        ("x\n\n```pyhton\na\n```\n", "3:1: unknown language 'pyhton'"),
        ("x\n\n```python\na\n", "3:1: a block without its closing fence"),
        ("x\n\n````python\na\n```\n", "3:1: a block without its closing fence"),
        ("> ```python\n> a\n", "1:3: a block without its closing fence"),
        ("```python {1,3}\na\n```\n", "1:1: line 3 is to be highlighted, of 1"),
        ('```python title="a" b\n```\n', "1:1: two titles, 'a' and 'b'; keep one"),
        ('```python titel="a"\n```\n', "1:1: titel= says nothing"),
        ("<!-- a comment -->", "1:1: MDX knows no HTML comment; write {/* ... */}"),
        ("a {brace}", "1:3: a bare {"),
        ("a <- b", "1:3: a bare <; write \\<"),
        ("## Title { #anchor }", "1:10: a bare {"),
        ("<https://example.com>", "1:1: MDX knows no <address>; write [text](address)"),
        ("<me@example.com>", "1:1: MDX knows no <address>; write [text](mailto:address)"),
        ("import os first.", "1:1: MDX takes a line that begins with import for JavaScript"),
        ("{/* open\n\ntext", "1:2: a comment without its end; write */}"),
        ("[a]: /b", "1:1: a definition is not shown where it stands, and no link names it"),
        ("[a]\n\n[a]: /b\n[a]: /c", "4:1: another definition of 'A' stands above; keep one"),
        ("a[^1]\n\n[^1]: b", "3:1: a page has no footnotes; write the note into the text"),
        ("## Title {#place}", '1:10: a bare {; MDX knows no {#place}: write <a id="place"></a>'),
        ("a [b](/c){ .d }", "1:10: a bare {; MDX knows no attribute lists: write <span"),
        ("a {{ name }}", "1:3: a bare {; a page has no variables: write the words themselves"),
        ("<a>b</a>", '1:1: <a> needs href="...", or id="..." for a place that links lead to'),
        ("<button>b</button>", "1:1: <button> is not for pages; a page runs nothing"),
        ('<Snippet file="a.mdx" />', "1:1: <Snippet> is not for pages; a page holds all that it"),
        ('<Note type="wraning">\na\n</Note>', "1:1: type='wraning' is no kind of note; write"),
        ("x\n\n<Note>\n\ntext", "3:1: <Note> is not closed before the page ends; write </Note>"),
        ("- <Note>\n\n</Note>", "1:3: <Note> is not closed before the list item ends"),
        ("text\n\n</Note>", "3:1: </Note> closes nothing"),
        ("<Note>\n\n<Tip>\n\nx\n\n</Note>\n\n</Tip>", "7:1: </Note> closes <Tip>; write </Tip>"),
        ("text <Note>", "1:6: <Note> is not closed in its paragraph; write </Note>"),
        ("a <b>bold", "1:3: <b> is not closed in its paragraph"),
        ("**a <b>c** d</b>", "1:5: <b> is not closed in its paragraph"),
        ("<Note", "1:6: a tag that does not end"),
        ("<Marquee>\n\nx\n\n</Marquee>", "1:1: unknown component <Marquee>"),
        ("a <Nte /> b", "1:3: unknown component <Nte>; did you mean <Note>?"),
        ('<Note\n  titel="x">\n\n</Note>', "2:3: <Note> takes no titel; did you mean title?"),
        ("<Note colour=red>", "1:14: 'r' cannot stand here in a tag; write colour="),
        ("<Tip {...props}>\n\n</Tip>", "1:6: a page has no variables"),
        ("<Card title={name} />", "1:13: a value in braces is a literal"),
        ("<Accordion>\n\n</Accordion>", '1:1: <Accordion> needs title="..."'),
        ('<Accordion title="">\n\n</Accordion>', '1:1: <Accordion> needs title="..."'),
        ('<Tab title="x">\n\n</Tab>', "1:1: <Tab> stands inside <Tabs>"),
        ("<Tabs>\n\ntext\n\n</Tabs>", "3:1: <Tabs> holds nothing but <Tab>"),
        ("<CodeGroup>\n\n<Note>\n\n</Note>\n\n</CodeGroup>", "3:1: <CodeGroup> holds nothing but"),
        ('<Matrix>x</Matrix>', "1:1: <Matrix> holds nothing; write <Matrix ... />"),
        ("<Guarantee>x</Guarantee>", '1:1: <Guarantee> needs id="..."'),
        ('<Guarantee id="A b">x</Guarantee>', "1:1: id='A b': write lower-case words"),
        ('<Guarantee id="a">\n\nx\n\ny\n\n</Guarantee>', "1:1: a promise is one paragraph"),
        ("<table><tr></tr></table>", "1:1: <table> is not for pages; write a table with pipes"),
        ("a\fb", "1:2: U+000C"),
        ("a\u2028b", "1:2: U+2028 (LINE SEPARATOR)"),
        ("x\n\n\u00a0```python\nx\n```", "3:1: U+00A0 (NO-BREAK SPACE)"),
        ("---\ntitle: x\n...\n\ny", "1:1: frontmatter without its end; write ---"),
        ("---\ntitle: [\n---\n", "3:1: frontmatter that is no YAML"),
        ("---\ndate: 2024-13-45\n---\n", "1:1: frontmatter that is no YAML: month must be"),
        ("a [b](http://[c)", "1:3: no address, http://[c: Invalid IPv6 URL"),
        ("---\ntext\n---\n", "1:1: frontmatter that names no values"),
        ("a ```b\nc``` d", "1:3: ``` in a paragraph begins no block"),
        (">" * 60 + " a", "1:41: more than 40 levels deep"),
        ("<Badge>" * 60 + "</Badge>" * 60, "1:281: more than 40 levels deep"),
        ("[" * 3000, "1:1: something on this page is nested hundreds of times"),
        ("```mermaid title=\"a\"\n```", "1:1: a diagram shows no title"),
        ("- -      a", "1:3: more than four spaces"),
        ("-       a", "1:1: more than four spaces behind the mark of a list"),
        ("```python\n<Note>\n```\n\n<Marquee />", "5:1: unknown component <Marquee>"),
    ],
)  # fmt: skip
def test_mistake_is_named(text: str, complaint: str) -> None:
    """What cannot be read as MDX is an error at page, line and column that says what to write."""
    with pytest.raises(PageError) as caught:
        read(text)
    assert str(caught.value).startswith(f"page.md:{complaint}")


def test_byte_that_is_no_text_is_named() -> None:
    """A page in another encoding than UTF-8 is an error at its line."""
    with pytest.raises(PageError, match=r"page\.md:3: the byte 0xe9 is no UTF-8; save the page"):
        reader.read(Path("page.md"), b"a\n\ncaf\xe9\n")


def test_lenient_reading_takes_any_language() -> None:
    """A page that was not written to be tested may have blocks of any language, or of none."""
    text = b"```\na\n```\n\n```rust\nb\n```\n"
    blocks = reader.read(Path("page.md"), text, is_lenient=True).every(Fence)
    assert [block.language for block in blocks] == ["", "rust"]


def test_paragraph_of_a_tight_list_is_tight() -> None:
    """Items without blank lines between them hold no paragraphs apart."""
    tight, loose = (read(text).every(Paragraph) for text in ("- a\n- b\n", "- a\n\n- b\n"))
    assert [each.is_tight for each in tight] == [True, True]
    assert [each.is_tight for each in loose] == [False, False]
