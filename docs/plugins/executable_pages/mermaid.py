"""Serves Mermaid from the site itself: the script comes out of an installed wheel.

Neither Node nor a content delivery network is needed, and the script is never committed. A site on
which every diagram was drawn beforehand is published without it.
"""

from importlib.resources import files
from pathlib import Path

SCRIPT = Path("assets") / "mermaid.js"


def put_script(docs: Path) -> None:
    """Put the wheel's script beside the pages, unless it is there."""
    script = files("mermaidx").joinpath("assets", "mermaid.js").read_bytes()
    target = docs / SCRIPT
    if not target.exists() or target.read_bytes() != script:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(script)
