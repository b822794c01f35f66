"""What evidence knows blocks and code by."""

import hashlib
from pathlib import Path


def of_text(text: str) -> str:
    """The first 16 hexadecimal digits of a text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def of_pages(root: Path) -> str:
    """A digest of every page."""
    hasher = hashlib.sha256()
    for path in sorted((root / "docs").rglob("*.md")):
        hasher.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return hasher.hexdigest()[:16]


def of_implementation(root: Path) -> str:
    """A digest of the reference implementation's source, contract and stand-ins included."""
    hasher = hashlib.sha256()
    for path in sorted((root / "reference_impl").rglob("*.py")):
        hasher.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return hasher.hexdigest()[:16]
