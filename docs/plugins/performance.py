"""Shows what `make bench` measured: both implementations in one run, as ratios."""

import json
from pathlib import Path
from typing import Any

from docs.plugins.digests import of_implementation


def table(root: Path) -> list[str]:
    """A row for each measured number, and what it was measured on, in the language of pages."""
    path = root / "docs" / "verification" / "performance.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ["Nothing was measured in this checkout. `make bench` does it."]
    lines = ["| Measured | Release | Reference | Times better |", "|---|---|---|---|"]
    for row in found["rows"]:
        digits = 0 if row["unit"] == "1/s" else 2
        values = (f"{row[key]:,.{digits}f} {row['unit']}" for key in ("release", "reference"))
        lines.append(f"| {row['what']} | {' | '.join(values)} | {row['ratio']:.1f} |")
    about = f"One run on {found['cores']} cores, with Python {found['python']}"
    if found["implementation"] != of_implementation(root):
        about += ", before the last change of the code"
    return [*lines, "", f"{about}."]
