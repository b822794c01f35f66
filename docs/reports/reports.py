"""The reports of whole runs, which pages show."""

import json
from pathlib import Path
from typing import Any


def place(root: Path, name: str) -> Path:
    """Where the report of this name stands."""
    return root / "docs" / "verification" / f"{name}.json"


def load(root: Path, name: str) -> dict[str, Any]:
    """The report of this name; empty when there is none."""
    try:
        found: dict[str, Any] = json.loads(place(root, name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found
