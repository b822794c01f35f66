"""Shell and JSON as strangers write them: run by a real shell, or refused at page and line."""

import re
from pathlib import Path

import pytest

from executable_pages.testing.json_text import read_json
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block, PageError, scan
from executable_pages.testing.shell import commands, run
from executable_pages.testing.wrong import Wrong
from tests.subject.programs import PROGRAMS
from tests.subject.session_file import check_session_file
from tests.subject.targets import Target

FOLDER = Path(__file__).parent / "cases" / "shell"
# What each command of a file prints, or what is wrong and in which line.
FILES: dict[str, list[str] | str] = {
    "bash-blank": ["1\n", "2\n"],
    "bash-continuation": ["1\n"],
    "bash-redirect": [""],
    "bash-trailing": ["1\n"],
    "bash-var": ["1\n"],
    "console-console-blank": ["1\n", "2\n"],
    "console-console-cont": ["1\n"],
    "console-console-dots": ["1\n"],
    "console-console-root": "4: output of no command; each command stands behind `$ `",
    "json-comment": "4: this is no JSON: Extra data; JSON has no comments",
    "json-list": "4: no session file: Expected `object`, got `array`",
    "json-num": "4: no session file: Expected `object`, got `int`",
    "json-types": "4: no session file: Expected `str`, got `int`",
}
BASH: dict[str, tuple[str, list[str] | str]] = {
    "both of two": ("echo a && echo b", ["a\nb\n"]),
    "neither of two": ("false && echo b", "2: exit code 1"),
    "pipe": ("printf 'b\\na\\n' | sort", ["a\nb\n"]),
    "pipe that fails": ("false | cat", "2: exit code 1"),
    "redirection": ("echo a > out.txt\ncat < out.txt", ["", "a\n"]),
    "errors redirected": ("python -c 'import sys; sys.exit(\"no\")' 2> log || cat log", ["no\n"]),
    "comments and blank lines": ("# why\n\necho a  # behind\n\n", ["a\n"]),
    "variables": ("name=a\nexport name\nsh -c 'echo $name'", ["", "", "a\n"]),
    "variable that is not set": ("echo a\necho $nobody", "3: exit code"),
    "directory": ("mkdir -p one\ncd one\npwd | sed 's|.*/||'", ["", "", "one\n"]),
    "here-document": ("cat <<EOF\n$ a\n\nb\nEOF\necho c", ["$ a\n\nb\n", "c\n"]),
    "keyword": ("for each in a b; do\n  echo $each\ndone", ["a\nb\n"]),
    "quote over lines": ("echo 'a\nb'", ["a\nb\n"]),
    "pipe over lines": ("echo a |\n  cat", ["a\n"]),
    "output without an end": ("printf a\nprintf b", ["a", "b"]),
    "own output redirected": ("exec > out.txt\necho a", ["", ""]),
    "output of both kinds": (
        "python -c 'import sys; print(1); print(2, file=sys.stderr)'",
        ["1\n2\n"],
    ),
    "program in the background": ("sleep 60 &\necho a", ["", "a\n"]),
    "dry run behind another": ("true && make help | head -n 1 && make -s help", ["*"]),
    "package": ("pip install pytest && pip --version | grep pip", ["*"]),
    "unclosed quote": ("echo a\necho 'b\necho c", "3: this command has no end"),
    "open backslash": ("echo a \\", "2: this command has no end: a line ends with a backslash"),
    "no command": ("echo a\n)", "3: bash: syntax error"),
    "comments alone": ("# nothing", "1: a block without a command"),
    "prompt": ("$ echo a", "2: a prompt"),
    "root prompt": ("root@host# echo a", "2: a prompt"),
    "another prompt": ("> echo a", "2: a prompt"),
    "end of the shell": ("echo a\nexit 0\necho c", "3: it ends the shell"),
    "package that is not there": ("pip install left-pad-for-python", "2: exit code 1"),
    "package to build": ("pip install .", "2: exit code 1"),
    "package to remove": ("pip uninstall -y pytest", "2: exit code 2"),
    "unknown program": ("true && serve-coffee", "2: there is no command 'serve-coffee'"),
    "input": ("read name", "2: exit code 1"),
    "network": ("curl --silent --max-time 5 http://192.0.2.1/", "2: "),
}
CONSOLE: dict[str, tuple[str, list[str] | str]] = {
    "output between": ("$ echo a\na\n$ echo b\nb", ["a\n", "b\n"]),
    "output with an empty line": ("$ printf 'a\\n\\nb\\n'\na\n\nb\n", ["a\n\nb\n"]),
    "wrong output": ("$ echo a\nb", "3: the command does not print 'b' here"),
    "output of the other": ("$ echo a\n$ echo b\na", "2: the page leaves out 'a'; show it, or"),
    "output of the next": ("$ echo a\na\n$ echo b\na", "5: the command does not print 'a' here"),
    "left out": ("$ printf 'a\\nb\\n'\na", "2: the page leaves out 'b'"),
    "wrong behind a continuation": ("$ echo \\\n> a\nb", "4: the command does not print 'b' here"),
    "quote over lines": ("$ echo 'a\n> b'\na\nb", ["a\nb\n"]),
    "quote without its prompt": ("$ echo 'a\nb'", "3: the command above has no end"),
    "output that looks like a prompt": ("$ echo '> a'\n> a", ["> a\n"]),
    "quote that stays open": ("$ echo 'a", "2: this command has no end"),
    "prompt alone": ("$ echo a\n$", "3: a prompt without a command"),
    "other prompts": ("% echo a", "2: output of no command"),
    "later root prompt": ("$ echo a\na\n# echo b\nb", "4: the command does not print '# echo b'"),
    "kept between commands": ("$ word=a\n$ echo $word\na", ["", "a\n"]),
    "found behind a gap": ("$ printf 'a\\nx\\na\\nb\\n'\n...\na\nb", ["a\nx\na\nb\n"]),
}
JSON: dict[str, tuple[str, str]] = {
    "key twice": ('{\n  "a": 1,\n  "a": 2\n}', "4: the key $.a is written twice"),
    "key twice inside": (
        '{"a": [{"b": 1},\n {"c": 2, "c": 2}]}',
        r"3: the key $.a[1].c is written",
    ),
    "key twice with escapes": ('{"a": 1, "\\u0061": 2}', "2: the key $.a is written twice"),
    "same key of two": ('[{"a": 1}, {"a": {"a": 1}}, {"a.b": 1, "a": {"b": "{,"}}]', ""),
    "comma too many": ('{\n"a": 1,\n}', "4: this is no JSON"),
    "comment": ('{\n# x\n"a": 1}', "3: this is no JSON"),
    "number that is none": ("[NaN]", "1: this is no JSON: NaN is JavaScript"),
    "nothing": ("", "2: this is no JSON"),
    "numbers": ("[1, -2.5e3, true, null]", ""),
    "depth": ("[" * 100000, "1: JSON that is nested too deeply"),
}


def _page(path: Path, language: str, text: str) -> Block:
    path.write_text(f"```{language}\n{text}\n```\n", "utf-8")
    [block] = scan(path).blocks
    return block


def _holds(block: Block, outcome: list[str] | str, sandbox: Sandbox) -> None:
    def printed() -> list[str]:
        return run(commands(block), Target.REFERENCE, sandbox, programs=PROGRAMS, timeout=30)

    if isinstance(outcome, str):
        pattern = rf"{re.escape(block.page.name)}:{re.escape(outcome)}"
        with pytest.raises((Wrong, PageError), match=pattern):
            printed()
    else:
        found = printed()
        assert outcome == ["*"] or found == outcome


@pytest.mark.parametrize("name", FILES)
def test_file(name: str, sandbox: Sandbox) -> None:
    """Each case prints what its commands print, or is refused at its line with what to write."""
    [block] = scan(FOLDER / f"{name}.md").blocks
    if block.language == "json":
        with pytest.raises(Wrong, match=rf"{name}\.md:{re.escape(str(FILES[name]))}"):
            check_session_file(read_json(block), Target.REFERENCE, sandbox)
    else:
        _holds(block, FILES[name], sandbox)


def test_every_file_has_an_outcome() -> None:
    """No case of the folder is left out."""
    assert {path.stem for path in FOLDER.glob("*.md")} == set(FILES)


@pytest.mark.parametrize("case", BASH)
def test_script(case: str, tmp_path: Path, sandbox: Sandbox) -> None:
    """A script is what the shell makes of it, and what it cannot run is refused at its line."""
    text, outcome = BASH[case]
    _holds(_page(tmp_path / "page.md", "bash", text), outcome, sandbox)


@pytest.mark.parametrize("case", CONSOLE)
def test_session(case: str, tmp_path: Path, sandbox: Sandbox) -> None:
    """Output belongs to the command above it, and another output is found at its line."""
    text, outcome = CONSOLE[case]
    _holds(_page(tmp_path / "page.md", "console", text), outcome, sandbox)


def test_redirection_goes_to_the_file(tmp_path: Path, sandbox: Sandbox) -> None:
    """What a command writes to a file is in the file and is no argument."""
    block = _page(tmp_path / "page.md", "bash", "echo a > out.txt")
    run(commands(block), Target.REFERENCE, sandbox, programs={})
    assert (sandbox.work / "out.txt").read_text() == "a\n"


def test_command_without_an_end_is_ended(tmp_path: Path, sandbox: Sandbox) -> None:
    """A command that does not end is an error at its line, and nothing of it goes on."""
    block = _page(tmp_path / "page.md", "bash", "echo a\n(sleep 3; echo > late.txt) && true")
    with pytest.raises(Wrong, match=r"page\.md:3: it did not end within 1 s"):
        run(commands(block), Target.REFERENCE, sandbox, programs={}, timeout=1)
    assert not (sandbox.work / "late.txt").exists()


@pytest.mark.parametrize("case", JSON)
def test_json(case: str, tmp_path: Path) -> None:
    """JSON that readers would read differently is refused at its line."""
    text, complaint = JSON[case]
    block = _page(tmp_path / "page.md", "json", text)
    if not complaint:
        assert read_json(block).where("$.nothing").endswith("page.md:1")
        return
    with pytest.raises(Wrong, match=rf"page\.md:{re.escape(complaint)}"):
        read_json(block)


def test_parts_of_json_have_their_lines(tmp_path: Path) -> None:
    """A part of a value is found at the line where it begins."""
    block = _page(tmp_path / "page.md", "json", '{\n"a": [\n1,\n{"b": "}"}\n],\n"c": 2}')
    found = read_json(block)
    assert [found.where(f"$.{path}")[-1] for path in ("a", "a[0]", "a[1]", "a[1].b", "c")] == [
        *"34557"
    ]
