"""What the tests of values share: values that are easily changed, and what is the same."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reference_impl import DefaultSessionStore

CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
PARTS = [
    {"type": "text", "text": "What is this?"},
    {"type": "image_url", "image_url": {"url": "data:,"}},
]
HIGH, LOW = "\ud83d", "\ude00"
Write = Callable[[DefaultSessionStore], bool]


def state(directory: str | Path) -> dict[str, bytes]:
    """The bytes of every file that is no lock."""
    return {
        path.name: path.read_bytes()
        for path in Path(directory).iterdir()
        if path.suffix == ".json" or ".json.corrupt-" in path.name or path.suffix == ".tmp"
    }


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, and of the same types at every level: 1 is not True."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return bool(one == other)
