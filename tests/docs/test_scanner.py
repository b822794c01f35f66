"""The scanner finds what a regular expression loses, and says where."""

from pathlib import Path

import pytest

from tests.pages.scanner import Block, PageError, scan


def found(tmp_path: Path, text: str) -> list[Block]:
    """The blocks of a page with this text, byte for byte."""
    page = tmp_path / "page.md"
    page.write_bytes(text.encode())
    return scan(page).blocks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```python\na\n```\n", [("a\n", 2)]),
        ("````markdown\n```python\nx\n```\n````\n\n```python\nb\n```\n", [(None, 2), ("b\n", 8)]),
        ("```python\n```\n\n```python\nb\n```\n", [("", 2), ("b\n", 5)]),
        ("~~~python\na\n~~~\n", [("a\n", 2)]),
        ("- one\n\n  ```python\n  a\n    b\n  ```\n", [("a\n  b\n", 4)]),
        ("1. one\n\n    ```python\n    a\n    ```\n", [("a\n", 4)]),
        ("> ```python\n> a\n> ```\n", [("a\n", 2)]),
        ("---\ntitle: x\n---\n\n```python\na\n```\n", [("a\n", 6)]),
        ("<Note>\n\n```python\na\n```\n\n</Note>\n", [("a\n", 4)]),
    ],
    ids=[
        "plain",
        "four-backticks",
        "empty",
        "tildes",
        "list",
        "deep-list",
        "quote",
        "frontmatter",
        "component",
    ],
)
def test_block_is_found(tmp_path: Path, text: str, expected: list[tuple[str | None, int]]) -> None:
    """A block is found with its text and the line where it begins."""
    blocks = found(tmp_path, text)
    assert [block.line for block in blocks] == [line for _, line in expected]
    for block, (content, _) in zip(blocks, expected, strict=True):
        assert content is None or block.text == content


def test_offsets_are_exact_with_other_line_ends(tmp_path: Path) -> None:
    """Offsets count bytes, whatever ends a line and whatever letters stand before."""
    text = "Zażółć\r\n\r\n```python\r\na = 'ü'\r\n```\r\n"
    [block] = found(tmp_path, text)
    assert text.encode()[block.start : block.end] == "a = 'ü'\r\n".encode()
    assert block.line == 4


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x\n\n```\na\n```\n", "page.md:3: a block without a language"),
        ("x\n\n```pyhton\na\n```\n", "page.md:3: unknown language 'pyhton'"),
        ("x\n\n```python\na\n", "page.md:3: a block without its closing fence"),
        ("x\n\n````python\na\n```\n", "page.md:3: a block without its closing fence"),
        ("x\n\n    a = 1\n", "page.md:3: indented code"),
    ],
)
def test_defect_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    """A block without language, with an unknown one or without end is an error at its line."""
    with pytest.raises(PageError) as caught:
        found(tmp_path, text)
    assert str(caught.value).startswith(complaint)


def test_promises_in_code_are_no_promises(tmp_path: Path) -> None:
    """A component that is shown as code makes no promise."""
    page = tmp_path / "page.md"
    tag = '<Guarantee id="x">Yes.</Guarantee>'
    page.write_text(f"`{tag}`\n\n```mdx\n{tag}\n```\n\n{tag}\n", "utf-8")
    assert [(promise.id, promise.line) for promise in scan(page).guarantees] == [("x", 7)]
