"""`--update-examples` writes output and touches nothing else."""

from pathlib import Path

import pytest

from tests.pages.scanner import PageError, scan
from tests.pages.update import rewrite

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
    "trailing spaces": ("```python\nx = 1  \nprint(1)\n#> 2\n```\n", "x = 1\nprint(1)\n#> 1\n"),
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
    assert [line.rstrip() for line in again.text.splitlines()] == actual.splitlines()
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
