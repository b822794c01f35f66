"""Which test accounts for a block: every kind of block has exactly one."""

from tests.pages.scanner import Block, PageError

DIFFERENCES = "docs/verification/known-differences.md"
RECIPES = "docs/recipes/"
START = "docs/start/"

# What happens to each kind. Those with a True run on both targets.
KINDS: dict[str, bool] = {
    "snippet": True,
    "recipe": True,
    "difference": True,
    "diagram": True,
    "json": True,
    "tree": True,
    "typed": True,
    "shell": False,
    "markup": False,
}


def kind_of(block: Block) -> str:
    """The kind of evidence that a block needs.

    Raises:
        PageError: No test knows what to do with it.
    """
    match block.language:
        case "python" | "bash" | "console" if block.where.startswith(START):
            return "typed"
        case "python" if block.where.startswith(DIFFERENCES):
            return "difference"
        case "python" if block.where.startswith(RECIPES):
            return "recipe"
        case "python":
            return "snippet"
        case "mermaid":
            return "diagram"
        case "json":
            return "json"
        case "bash" | "console":
            return "shell"
        case "text" if "├" in block.text or "└" in block.text:
            return "tree"
        case "markdown" | "mdx":
            return "markup"
    raise PageError(f"{block.where}: no test accounts for a {block.language!r} block like this one")


def says_new_process(block: Block) -> bool:
    """Whether a comment in the block asks for a process of its own."""
    return any(
        "a new process" in line for line in block.text.splitlines() if line.lstrip().startswith("#")
    )
