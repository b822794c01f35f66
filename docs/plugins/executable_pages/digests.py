"""What evidence knows blocks and code by."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from executable_pages.files import pages


def of_text(text: str) -> str:
    """The first 16 hexadecimal digits of a text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def of_pages(root: Path) -> str:
    """A digest of every page."""
    return _of(root, pages(root / "docs"))


def of_implementation(root: Path) -> str:
    """A digest of the reference implementation's source, contract and stand-ins included."""
    return _of(root, (root / "reference_impl").rglob("*.py"))


def of_store(root: Path) -> str:
    """A digest of the store's source: what is measured of it does not change with the contract."""
    return _of(root, (root / "reference_impl").glob("*.py"))


def of_contract(root: Path) -> str:
    """A digest of the contract's source."""
    return _of(root, (root / "reference_impl" / "contract").glob("*.py"))


def _of(root: Path, paths: Iterable[Path]) -> str:
    hasher = hashlib.sha256()
    for path in sorted(paths):
        hasher.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return hasher.hexdigest()[:16]
