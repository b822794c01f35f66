"""A block that ends well is no proof of what fails beside it, or of what another seed prints."""

from pathlib import Path

import pytest

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block, scan
from executable_pages.testing.snippets import STYLE, Style, lint, run_alone
from executable_pages.testing.wrong import Wrong
from tests.subject.targets import Target

FAILED = {
    "thread": "import threading\n\nthreading.Thread(target=lambda: 1 / 0).start()\n",
    "daemon": (
        "import threading\n\nend = threading.Thread(target=int, args=('x',), daemon=True)\n"
        "end.start()\nend.join()\n"
    ),
    "timer": "import threading\n\nthreading.Timer(0, [].pop).start()\n",
    "task": (
        "import asyncio\n\n\nasync def fail():\n    raise KeyError('a')\n\n\nasync def main():\n"
        "    asyncio.create_task(fail())\n    await asyncio.sleep(0)\n\n\nasyncio.run(main())\n"
    ),
    "callback": (
        "import asyncio\n\n\nasync def main():\n    asyncio.get_running_loop().call_soon([].pop)\n"
        "    await asyncio.sleep(0)\n\n\nasyncio.run(main())\n"
    ),
    "coroutine": "async def save():\n    pass\n\n\nsave()\nprint('saved')\n#> saved\n",
    "coroutine of a library": "import asyncio\n\nasyncio.sleep(1)\n",
    "finalizer": "class A:\n    def __del__(self):\n        raise OSError('a')\n\n\nA()\n",
    "finalizer at the end": (
        "import weakref\n\n\nclass A:\n    pass\n\n\na = A()\nweakref.finalize(a, [].pop)\n"
    ),
    "exit": "import atexit\n\n\n@atexit.register\ndef end():\n    raise OSError('a')\n",
    "process": (
        "import multiprocessing as mp\n\np = mp.Process(target=[].pop)\np.start()\np.join()\n"
    ),
    "program": (
        "import subprocess\nimport sys\n\n"
        "subprocess.run([sys.executable, '-c', 'import nothing'])\n"
    ),
    "executor": (
        "from concurrent.futures import Future\n\nf = Future()\n"
        "f.add_done_callback(lambda done: done.nothing)\nf.set_result(1)\n"
    ),
}
HELD = {
    "thread that catches": (
        "import threading\n\n\ndef work():\n    try:\n        [].pop()\n"
        "    except IndexError as error:\n        print(error)\n"
        "        #> pop from empty list\n\n\n"
        "threading.Thread(target=work).start()\n"
    ),
    "task that is awaited": (
        "import asyncio\n\n\nasync def fail():\n    raise KeyError('a')\n\n\nasync def main():\n"
        "    found = await asyncio.gather(fail(), return_exceptions=True)\n    print(found)\n"
        "    #> [KeyError('a')]\n\n\nasyncio.run(main())\n"
    ),
    "words on standard error": (
        "import logging\nimport sys\n\nlogging.warning('Exception handling is on')\n"
        "print('Traceback of a parcel', file=sys.stderr)\n"
    ),
    "error that is logged": (
        "import logging\n\ntry:\n    [].pop()\nexcept IndexError:\n"
        "    logging.exception('nothing to take')\n"
    ),
    "program whose errors are read": (
        "import subprocess\nimport sys\n\ndone = subprocess.run(\n"
        "    [sys.executable, '-c', 'import nothing'], capture_output=True\n)\n"
        "print(done.returncode)\n#> 1\n"
    ),
}


def block_of(tmp_path: Path, text: str) -> Block:
    """A block with this text, which begins in line 4 of its page."""
    page = tmp_path / "page.md"
    page.write_text(f"# A\n\n```python\n{text}```\n", "utf-8")
    return scan(page).blocks[0]


@pytest.mark.parametrize("name", FAILED)
def test_what_fails_beside_a_block_is_seen(name: str, tmp_path: Path, sandbox: Sandbox) -> None:
    """What ends in an error beside the block, or is never awaited, fails the block."""
    block = block_of(tmp_path, FAILED[name])
    with pytest.raises(Wrong, match=r"page\.md:\d+: the block ends well, and standard error"):
        run_alone([block], block, Target.REFERENCE, sandbox)


@pytest.mark.parametrize("name", HELD)
def test_what_is_held_is_no_failure(name: str, tmp_path: Path, sandbox: Sandbox) -> None:
    """An error that is caught where it arises is none, whatever stands on standard error."""
    block = block_of(tmp_path, HELD[name])
    run_alone([block], block, Target.REFERENCE, sandbox)


@pytest.mark.parametrize(
    "text",
    [
        "print({'one', 'two'})\n#> {X}\n",
        "for word in set('no yes'.split()):\n    print(word)\n    #> X\n",
        "print(' '.join({'left', 'right'}))\n#> X\n",
        "import string\n\nprint(frozenset(('a', 'z')))\n#> frozenset({X})\n",
        "print({'x': 1}.keys() | {'y'})\n#> {X}\n",
    ],
)
def test_set_of_two_has_no_order(text: str, tmp_path: Path, sandbox: Sandbox) -> None:
    """A set of two that seeds 0 and 1 print alike is no output for a page."""
    block = block_of(tmp_path, text)
    shown = sandbox.python(text, Target.REFERENCE).splitlines()
    lines = iter(shown)
    told = [
        line if "#>" not in line else f"{line.partition('#>')[0]}#> {next(lines)}"
        for line in text.splitlines()
    ]
    # A loop prints more lines than one.
    told += [f"    #> {line}" for line in lines]
    block = block_of(tmp_path, "\n".join(told) + "\n")
    with pytest.raises(Wrong, match="changes with the hash seed"):
        run_alone([block], block, Target.REFERENCE, sandbox)


def test_set_that_is_sorted_is_fine(tmp_path: Path, sandbox: Sandbox) -> None:
    """A set in an order of its own prints the same under each seed."""
    block = block_of(tmp_path, "print(sorted({'one', 'two'}), {1, 2})\n#> ['one', 'two'] {1, 2}\n")
    run_alone([block], block, Target.REFERENCE, sandbox)


def test_style_is_the_projects_choice(tmp_path: Path) -> None:
    """A project says what ruff looks for, how long a line is, and whether black formats."""
    block = block_of(tmp_path, "import os\n\nx = 1+2\n")
    with pytest.raises(Wrong, match="F401"):
        lint(block, tmp_path, STYLE)
    with pytest.raises(Wrong, match="black failed"):
        lint(block, tmp_path, Style(ignore=("F401",)))
    lint(block, tmp_path, Style(ignore=("F401",), is_formatted=False))
