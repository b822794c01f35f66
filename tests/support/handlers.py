"""Which test accounts for a block: every kind of block has exactly one."""

from tests.support.scanner import Block, PageError

DIFFERENCES = "docs/verification/known-differences.md"
RECIPES = "docs/recipes/"

# Kinds whose tests run on both targets; the others are checked once.
ON_TARGETS = frozenset({"snippet", "diagram", "difference", "json", "recipe"})


def kind_of(block: Block) -> str:
    """The kind of evidence that a block needs.

    Raises:
        PageError: No test knows what to do with it.
    """
    match block.language:
        case "python" if block.where.startswith(DIFFERENCES):
            return "difference"
        case "python" if block.where.startswith(RECIPES):
            return "recipe"
        case "python":
            return "snippet"
        case "mermaid":
            return "diagram" if is_sequence(block) else "drawing"
        case "json":
            return "json"
        case "bash" | "console":
            return "shell"
        case "text" if any(mark in block.text for mark in ("├", "└")):
            return "tree"
        case "markdown" | "mdx":
            return "markup"
        case "text" if "->>" in block.text:
            return "markup"
    raise PageError(f"{block.where}: no test accounts for a {block.language!r} block like this one")


def is_sequence(block: Block) -> bool:
    """Whether a Mermaid block is a sequence diagram."""
    lines = (line.strip() for line in block.text.splitlines())
    first = next((line for line in lines if line and not line.startswith(("%%", "---"))), "")
    return first.startswith("sequenceDiagram") or "\nsequenceDiagram" in block.text


def says_new_process(block: Block) -> bool:
    """Whether a comment in the block asks for a process of its own."""
    return any(
        "a new process" in line for line in block.text.splitlines() if line.lstrip().startswith("#")
    )


def spawns(block: Block) -> bool:
    """Whether the block starts Python processes that import it again."""
    return "multiprocessing" in block.text or "ProcessPoolExecutor" in block.text
