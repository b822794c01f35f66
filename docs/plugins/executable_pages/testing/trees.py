"""Directories as pages list them."""

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block
from executable_pages.testing.wrong import Wrong


def check_tree(block: Block, sandbox: Sandbox) -> None:
    """Hold a listing against a directory of the sandbox, hidden files apart.

    Raises:
        Wrong: Another file is there, or one is not.
    """
    top, *lines = block.text.splitlines()
    listed = [line.lstrip("│├└─ ") for line in lines]
    directory = sandbox.work / top.strip("/")
    if not directory.is_dir():
        raise Wrong(f"{block.where}: the blocks before it leave no directory {top}")
    real = sorted(path.name for path in directory.iterdir())
    if listed != [name for name in real if not name.startswith(".")]:
        raise Wrong(f"{block.where}: {top} has {', '.join(real)}")
