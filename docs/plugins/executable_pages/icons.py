"""Finds icons among those that the theme brings along, so that no page asks another machine."""

import functools
import re
from importlib.resources import files

# What pages call some of them, and where they are.
NAMES = {
    "book": "material/book-open-variant",
    "bucket": "material/bucket-outline",
    "check": "material/check-decagram-outline",
    "clock": "material/history",
    "cloud": "material/cloud-outline",
    "compare": "material/compare-horizontal",
    "database": "material/database-outline",
    "file": "material/code-json",
    "folder": "material/folder-network-outline",
    "gauge": "material/gauge",
    "plug": "material/connection",
    "robot": "material/robot-outline",
    "scale": "material/scale-balance",
    "server": "material/server",
    "shield": "material/shield-check-outline",
}
_SETS = ("material", "fontawesome/solid", "fontawesome/brands", "fontawesome/regular", "octicons")


@functools.cache
def svg(name: str) -> str:
    """The picture of an icon; empty when no set has one of this name."""
    if not re.fullmatch(r"[a-z0-9-]+", name):
        return ""
    place = files("material").joinpath("templates", ".icons")
    for path in [NAMES[name]] if name in NAMES else [f"{each}/{name}" for each in _SETS]:
        file = place.joinpath(*f"{path}.svg".split("/"))
        if file.is_file():
            return file.read_text("utf-8").strip()
    return ""
