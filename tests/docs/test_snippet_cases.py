"""Python as strangers write it: one form of output for both runs, or refused at page and line."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from executable_pages.testing.processes import Worker
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block, Page, PageError, scan
from executable_pages.testing.snippets import check_output, compare, result_in, run_alone
from executable_pages.testing.update import rewrite
from executable_pages.testing.wrong import Wrong
from tests.subject.targets import Target

FOLDER = Path(__file__).parent / "cases" / "snippets"
REFERENCE = Target.REFERENCE
# What is wrong and in which line; "" for a page that is right.
FILES = {
    "address": "7: it prints an address of memory",
    "ansi": "8:4: U+001B",
    "async": "",
    "blank": "",
    "comprehension": "",
    "dict_none": "",
    "docstring_after": "8 on reference prints something else",
    "elif": "",
    "emoji": "",
    "end": "",
    "exit": "",
    "fencetext": "",
    "ff": "7: it prints U+000C, which no page can show; take it off",
    "finally": "",
    "function": "",
    "hashout": "",
    "indentedfence": "10:5: a block without a language",
    "inline": "7: output behind code; write `#> 3` on the line below",
    "lambda": "",
    "literal": "",
    "literal_after_print": "12 on reference prints something else (--update-examples)",
    "long": "",
    "longlist": "8 on reference prints something else",
    "multiline": "",
    "nearlong": "",
    "nested_bullet": "8 on reference prints something else",
    "osexit": "6 on reference: the block ended its process (exit code 0)",
    "pprint": "",
    "printalias": "",
    "raises": "7 on reference: ValueError: no",
    "sepnl": "",
    "set": "8 on reference prints something else (the same in another order; print sorted(...))",
    "spaced": "8 on reference prints something else",
    "stale": "8 on reference prints something else",
    "stderr": "",
    "stdoutwrite": "10 on reference prints something else",
    "surrogate": "7 on reference: UnicodeEncodeError: 'utf-8' codec can't encode character",
    "tab": "",
    "tablist": "10 on reference prints something else",
    "trailing": "",
    "twoperline": "",
}
# The form of the output, as `--update-examples` writes it.
FORMS = {
    "condition": ('def yes():\n    return not print("a")\n    #> a\n\n\nif yes():\n    pass\n'),
    "condition of a builtin": ('if not print("a"):\n    #> a\n    x = 1\n'),
    "loop over what prints": ('for x in map(print, "ab"):\n    #> a\n    #> b\n    x = 1\n'),
    "loop that ends": (
        'for x in "ab":\n    print(x)\n    #> a\n    #> b\nelse:\n    print(3)\n    #> 3\n'
    ),
    "handler": (
        "try:\n"
        "    x = 1 / 0\n"
        "except ZeroDivisionError as error:\n"
        "    print(error)\n"
        "    #> division by zero\n"
    ),
    "match": (
        'match 1:\n    case 1:\n        print("a")\n        #> a\n    case _:\n        print("b")\n'
    ),
    "class body": ('class A:\n    print("a")\n    #> a\n'),
    "with": (
        "from contextlib import closing\n"
        "\n"
        "with closing(open(__file__)) as f:\n"
        "    print(f.read(4))\n"
        "    #> from\n"
    ),
    "nested lambda": ("print(*sorted([2, 1], key=lambda n: print(n) or n))\n#> 2\n#> 1\n#> 1 2\n"),
    "call over lines": ("print(\n    1,\n    2,\n)\n#> 1 2\n"),
    "two on a line": ('print(1); x = """\n#> 2\n"""\n#> 1\n'),
    "joined lines": ("print(1); \\\n    x = 2\n#> 1\n"),
    "nothing printed": ('print(end="")\n'),
    "line without an end": ('print("a", end="")\n#> a\n'),
    "many writes": ('for x in "abc":\n    print(x, end="")\nprint()\n#> abc\n'),
    "spaces alone": ('print("   ")\n#>\n'),
    "binary": ('import sys\n\nsys.stdout.buffer.write("é\\n".encode())\n#> é\n'),
    "redirected": (
        "import contextlib, io\n"
        "\n"
        "with contextlib.redirect_stdout(io.StringIO()) as out:\n"
        "    print(1)\n"
        "print(len(out.getvalue()))\n"
        "#> 2\n"
    ),
    "thread": (
        "import threading\n"
        "\n"
        "\n"
        "def say():\n"
        '    print("a")\n'
        "    #> a\n"
        "\n"
        "\n"
        "threading.Timer(0.01, say).start()\n"
    ),
    "thread of a builtin": (
        'import threading\n\nthreading.Thread(target=print, args="a").start()\n#> a\n'
    ),
    "generator": ('g = (print(n) for n in "ab")\nx = [*g]\n#> a\n#> b\n'),
    "output in parentheses": ("print(\n    1\n)\n#> 1\n"),
    "main": ('if __name__ == "__main__":\n    print(__name__)\n    #> __main__\n'),
    "one line": ('if True: print("a")\n#> a\nelse: print("b")\n'),
    "no newline in input": (
        'try:\n    input()\nexcept EOFError:\n    print("none")\n    #> none\n'
    ),
    "tabs": ('if True:\n\tprint("a")\n\t#> a\n'),
}
REFUSED = {
    "exit code": ("import sys\n\nsys.exit(3)", "4 on reference: it ends with exit code 3"),
    "exit with words": ('raise SystemExit("no")', "2 on reference: it ends with exit code no"),
    "process": (
        'import subprocess\n\nsubprocess.run(["echo", "a"])',
        "1 on reference: another process, or something beside Python's own output, prints 'a\\n'",
    ),
    "forked": (
        'import os\n\nif os.fork() == 0:\n    print("a")\n    os._exit(0)\nos.wait()',
        "1 on reference: another process, or something beside Python's own output, prints 'a\\n'",
    ),
    "file of standard output": (
        'import os\n\nos.write(1, b"a")',
        "1 on reference: another process, or something beside Python's own output, prints 'a'",
    ),
    "carriage return": ('print("a\\rb")', "2: it prints U+000D"),
    "separator of lines": ('print("a\\u2028b")', "2: it prints U+2028"),
    "decorator": ("@print\nclass A: ...", "2: it prints while it is defined"),
    "syntax": ("x = 1\nprint(", "3 on reference: SyntaxError"),
    "no output": ("print(1)\nx = 1", "3 on reference prints something else"),
    "other indentation": ("if True:\n    print(1)\n#> 1", "4 on reference prints something else"),
    "no space": ("print(1)\n#>1", "3 on reference prints something else"),
    "long ago": ("#> 1\nprint(1)\n#> 1", "2 on reference prints something else"),
    "inside parentheses": ("print(\n    1\n    #> 1\n)", "4 on reference prints something else"),
}


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Runner"]:
    """One process for all cases, started again when one of them ends it."""
    runner = Runner(Sandbox(tmp_path_factory.mktemp("cases")))
    yield runner
    runner.close()


class Runner:
    """Runs blocks in one process, in a directory of theirs."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._worker = self._start()

    def _start(self) -> Worker:
        return Worker("executable_pages.testing.snippet_worker", self._sandbox, REFERENCE)

    def result(self, block: Block) -> str:
        """The block's text with the output that it has."""
        try:
            return result_in(self._worker, block, self._sandbox, REFERENCE)
        finally:
            if self._worker.process.poll() is not None:
                self._worker.close()
                self._worker = self._start()

    def close(self) -> None:
        """End the process."""
        self._worker.close()


def _check(page: Page, worker: Runner) -> None:
    for block in page.blocks:
        compare(block, worker.result(block), REFERENCE)


@pytest.mark.parametrize("name", FILES)
def test_file(name: str, worker: Runner, tmp_path: Path, sandbox: Sandbox) -> None:
    """Each case passes both runs, or is refused at its line with what to write instead."""
    path = tmp_path / f"{name}.md"
    shutil.copy(FOLDER / path.name, path)
    if not FILES[name]:
        page = scan(path)
        _check(page, worker)
        for block in page.blocks:
            run_alone(page.blocks, block, REFERENCE, sandbox)
        return
    with pytest.raises((Wrong, PageError), match=re.escape(f"{name}.md:{FILES[name]}")) as refused:
        _check(scan(path), worker)
    if "prints something else" in str(refused.value):
        [block] = scan(path).blocks
        assert rewrite(path, [(block, worker.result(block))])
        _check(scan(path), worker)


def test_every_file_has_an_outcome() -> None:
    """No case of the folder is left out."""
    assert {path.stem for path in FOLDER.glob("*.md")} == set(FILES)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("indent", ["", "  "], ids=["top", "list"])
def test_form(form: str, indent: str, worker: Runner, tmp_path: Path) -> None:
    """Output that was deleted is written back where it stood, and the block alone prints it."""
    text = FORMS[form]
    lines = [indent + line for line in text.split("\n")[:-1]]
    shown = [
        line for line in lines if not line.lstrip().startswith("#>") or form == "two on a line"
    ]
    path = tmp_path / "page.md"
    head = "- a list\n\n" if indent else ""
    path.write_text(head + "\n".join([f"{indent}```python", *shown, f"{indent}```", ""]), "utf-8")
    [block] = scan(path).blocks
    rewrite(path, [(block, worker.result(block))])
    [after] = scan(path).blocks
    assert after.text == text
    assert worker.result(after) == text


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, worker: Runner, tmp_path: Path) -> None:
    """What has no form that both runs can have is refused at its line."""
    text, complaint = REFUSED[case]
    path = tmp_path / "page.md"
    path.write_text(f"```python\n{text}\n```\n", "utf-8")
    with pytest.raises((Wrong, PageError), match=re.escape(f"page.md:{complaint}")):
        _check(scan(path), worker)


def test_order_of_a_set_is_found_alone(tmp_path: Path, sandbox: Sandbox) -> None:
    """Output that is right for one hash seed alone is refused, with what to write."""
    path = tmp_path / "page.md"
    words = '{"delta", "alpha", "charlie", "bravo"}'
    path.write_text(f"```python\nprint({words})\n#> x\n```\n", "utf-8")
    page = scan(path)
    with Worker("executable_pages.testing.snippet_worker", sandbox, REFERENCE) as worker:
        [block] = page.blocks
        rewrite(path, [(block, result_in(worker, block, sandbox, REFERENCE))])
    page = scan(path)
    with pytest.raises(Wrong, match=r"page\.md:1: .*changes with the hash seed.*sorted"):
        run_alone(page.blocks, page.blocks[0], REFERENCE, sandbox)


def test_crlf_stays(worker: Runner, tmp_path: Path) -> None:
    """A page with the line ends of Windows keeps them on the lines that are written."""
    path = tmp_path / "page.md"
    path.write_bytes(b"```python\r\nprint('a\\nb')\r\n#> x\r\n```\r\n")
    [block] = scan(path).blocks
    rewrite(path, [(block, worker.result(block))])
    assert path.read_bytes() == b"```python\r\nprint('a\\nb')\r\n#> a\r\n#> b\r\n```\r\n"


def test_one_block_does_not_reach_the_next(worker: Runner, tmp_path: Path) -> None:
    """A block's streams, arguments, directory and environment end with it."""
    path = tmp_path / "page.md"
    first = (
        "import os, sys\n\nos.environ['A'] = 'a'\nsys.stdout = None\nsys.argv = []\nos.chdir('/')"
    )
    second = "import os, sys\n\nprint(os.environ.get('A'), len(sys.argv), os.getcwd() == '/')\n"
    path.write_text(
        f"```python\n{first}\n```\n\n```python\n{second}#> None 1 False\n```\n", "utf-8"
    )
    _check(scan(path), worker)


def test_output_alone_may_come_in_another_order(tmp_path: Path) -> None:
    """Alone, the same lines are printed, whoever comes first."""
    path = tmp_path / "page.md"
    path.write_text("```python\nprint(1)\n#> 1\nprint()\n#>\n```\n", "utf-8")
    [block] = scan(path).blocks
    check_output(block, "\n1\n")
    with pytest.raises(Wrong, match=r"page\.md:5: alone, the block never prints ''"):
        check_output(block, "1\n")
    with pytest.raises(Wrong, match=r"page\.md:1: alone, the block prints what the page leaves"):
        check_output(block, "1\n\n\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_process_is_named(tmp_path: Path, sandbox: Sandbox) -> None:
    """A block whose process somebody killed before it is named, with how the process ended."""
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1)\n#> 1\n```\n", "utf-8")
    with Worker("executable_pages.testing.snippet_worker", sandbox, REFERENCE) as worker:
        worker.kill()
        with pytest.raises(Wrong, match=r"page\.md:1 on reference: .* process \(exit code -9\)"):
            result_in(worker, scan(page).blocks[0], sandbox, REFERENCE)
