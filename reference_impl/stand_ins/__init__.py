"""Packages named as upstream's that re-export the reference implementation.

This directory stands on `PYTHONPATH` for the reference target, in child processes too.
"""

from collections.abc import Callable
from typing import Any, NoReturn


def no_such_name(package: str) -> Callable[[str], Any]:
    """A module `__getattr__` that says that the reference implementation lacks a name.

    It raises `ImportError`, since `from package import name` hides the text of an
    `AttributeError`; for names that Python itself probes, the `AttributeError` it expects.
    """

    def missing(name: str) -> NoReturn:
        text = f"the reference implementation of {package} has no {name!r}"
        if name.startswith("_"):
            raise AttributeError(text)
        raise ImportError(f"{text}; the released package may have it", name=package)

    return missing
