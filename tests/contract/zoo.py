"""The broken stores: each is the working base with one thing wrong, and the clause that says so."""

import importlib
import os
from dataclasses import dataclass
from pathlib import Path

from tests.contract.base import Base, KeepsIds, Later, Windowed

HOUSES = ("readers", "keepers", "crowds", "names", "texts", "given", "turns", "lasting", "network")


@dataclass(frozen=True, slots=True)
class Animal:
    """A broken store, the clause that was made for it, and words of the reason that it gives.

    `waited` is for how many seconds a read waits at least, as the report has to say.
    """

    store: type[Base]
    clause: str
    words: str
    waited: float | None = None


WORKING = {each.__name__: each for each in (Base, Later, Windowed, KeepsIds)}
ANIMALS: dict[str, Animal] = {}


def caught_by(clause: str, words: str, waited: float | None = None):
    """Put a store into the zoo."""

    def enter(store: type[Base]) -> type[Base]:
        ANIMALS[store.__name__] = Animal(store, clause, words, waited)
        return store

    return enter


def works(store: type) -> type:
    """Put a store beside the others that keep what they promise."""
    WORKING[store.__name__] = store
    return store


def open_store(window: int | None = None) -> Base:
    """Open the store that the environment names."""
    root = Path(os.environ["ZOO_DIRECTORY"])
    name = os.environ["ZOO_STORE"]
    animals = zoo() if name not in WORKING else {}
    kind = WORKING[name] if name in WORKING else animals[name].store
    return kind(root) if window is None else kind(root, window)


def zoo() -> dict[str, Animal]:
    """All animals, by the name of their class."""
    for house in HOUSES:
        importlib.import_module(f"tests.contract.zoo_{house}")
    return ANIMALS
