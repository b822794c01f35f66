"""`--update-examples` writes output and touches nothing else."""

import dataclasses
from pathlib import Path

import pytest

from executable_pages.testing.scanner import PageError, scan
from executable_pages.testing.update import later, leave, rewrite, write

CASES = {
    "plain": ("```python\nprint(1)\n#> 2\n```\n", "print(1)\n#> 1\n"),
    "no output yet": ("```python\nprint(1)\n```\n", "print(1)\n#> 1\n"),
    "list": ("- a\n\n  ```python\n  print(1)\n  #> 2\n  ```\n\n  b\n", "print(1)\n#> 1\n"),
    "four backticks": ("````python\nprint('```')\n#> x\n````\n", "print('```')\n#> ```\n"),
    "crlf": ("a\r\n\r\n```python\r\nprint(1)\r\n#> 2\r\n```\r\nb\r\n", "print(1)\n#> 1\n"),
    "fence in a string": (
        '````python\nprint("""\n```python\n""")\n#> x\n````\n',
        'print("""\n```python\n""")\n#> ```python\n',
    ),
    "trailing spaces": ("```python\nx = 1  \nprint(1)\n#> 2\n```\n", "x = 1  \nprint(1)\n#> 1\n"),
    "two outputs": ("```python\nprint(1)\n#> 2\n#> 3\n```\n", "print(1)\n#> 1\n"),
}


@pytest.mark.parametrize(("text", "actual"), CASES.values(), ids=CASES)
def test_only_output_changes(tmp_path: Path, text: str, actual: str) -> None:
    """Only `#>` lines change, byte for byte, and a second run changes nothing."""
    page = tmp_path / "page.md"
    page.write_bytes(text.encode())
    [block] = scan(page).blocks
    assert rewrite(page, [(block, actual)]) == [block.where]

    def without_output(raw: bytes) -> list[bytes]:
        lines = raw.splitlines(keepends=True)
        return [line for line in lines if not line.lstrip().startswith(b"#>")]

    after = page.read_bytes()
    assert without_output(after) == without_output(text.encode())
    [again] = scan(page).blocks
    assert again.text == actual
    assert rewrite(page, [(again, again.text)]) == []
    assert page.read_bytes() == after


def test_blocks_of_one_page_are_written_together(tmp_path: Path) -> None:
    """Two blocks of a page keep their places when the first one grows."""
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1)\n```\n\n```python\nprint(2)\n#> 0\n```\n", "utf-8")
    first, second = scan(page).blocks
    rewrite(page, [(first, "print(1)\n#> 1\n"), (second, "print(2)\n#> 2\n")])
    assert [block.text for block in scan(page).blocks] == [
        "print(1)\n#> 1\n",
        "print(2)\n#> 2\n",
    ]


def test_change_of_code_is_refused(tmp_path: Path) -> None:
    """An update that would change code is refused, and the page stays as it was."""
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1)\n```\n", "utf-8")
    [block] = scan(page).blocks
    with pytest.raises(PageError, match=r"page\.md:1: more than its `#>` lines"):
        rewrite(page, [(block, "print(2)\n#> 2\n")])
    assert page.read_text("utf-8") == "```python\nprint(1)\n```\n"


def test_page_that_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    """A block that was edited while it ran is not overwritten."""
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1)\n```\n", "utf-8")
    [block] = scan(page).blocks
    page.write_text("```python\nprint(3)\n```\n", "utf-8")
    with pytest.raises(PageError, match="changed while it ran"):
        rewrite(page, [(block, "print(1)\n#> 1\n")])
    assert "print(3)" in page.read_text("utf-8")


def test_page_that_is_not_understood_is_left(tmp_path: Path) -> None:
    """A page with a block that failed, or that changed, stays as it is; the others are written."""
    blocks = []
    for name in ("right", "failing", "changed"):
        page = tmp_path / f"{name}.md"
        page.write_text("```python\nprint(1)\n```\n\n```python\nx = 1\n```\n", "utf-8")
        blocks.append(scan(page).blocks)
    config = pytest.Config.fromdictargs({}, [])
    for first, _ in blocks:
        later(config, first, first.text + "#> 1\n")
    leave(config, blocks[1][1])
    blocks[2][0].page.write_text("```python\nprint(2)\n```\n", "utf-8")
    changed, left = write(config)
    assert changed == ["right.md:1"]
    assert left == [
        "failing.md: left as it is, since failing.md:5 failed",
        "changed.md:1: the block changed while it ran; nothing was written",
    ]
    assert "#>" not in blocks[1][0].page.read_text("utf-8")


def test_output_that_would_change_the_page_is_refused(tmp_path: Path) -> None:
    """Output with which the page would be read otherwise is not written."""
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1)\n```\n", "utf-8")
    [block] = scan(page).blocks
    lied = dataclasses.replace(block, indent="```\n")
    with pytest.raises(PageError, match=r"page\.md:1: the page would be read otherwise"):
        rewrite(page, [(lied, "print(1)\n#> 1\n")])
    assert page.read_text("utf-8") == "```python\nprint(1)\n```\n"
