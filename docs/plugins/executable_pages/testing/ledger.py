"""The ledger of sentences: what holds each one that the structure of its page does not explain.

It is a file of TOML with a table for each page and a line for each sentence, in the order of the
page, known by its digest:

    ["docs/page.md"]
    0123456789 = { is = "block", says = "Its first words…" }
    abcdef0123 = { is = "way", by = ["tests/test_x.py::test_y"], each = "lamps", says = "…" }

`is` is one of `KINDS`; what a test of its own holds names it in `by`. A sentence with a universal
word is a claim: `by` names its witnesses, and `over` says what the word ranges over and how they
go through it; where the project can count its members, `each` names the domain instead, and they
are counted. `again` is on a row that was taken over from a sentence that has changed, until
somebody has looked at the witness again.
"""

import difflib
import json
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from executable_pages.testing.sentences import Sentence

KINDS = {
    "block": "explained by the block beside them",
    "guarantee": "guarantees",
    "difference": "differences",
    "table": "tables or measurements",
    "test": "tests that the ledger names",
    "way": "definitions or ways",
    "advice": "advice",
}
OPEN = "?"
_LENGTH = 60
_ALIKE = 0.5


@dataclass(frozen=True)
class Row:
    """What is known of a sentence; `again` is what it said when that was last looked at."""

    says: str
    kind: str = ""
    by: tuple[str, ...] = ()
    over: str = ""
    each: str = ""
    again: str = ""

    def line(self, digest: str) -> str:
        """The row as it stands in the file."""
        parts: list[tuple[str, str | list[str]]] = [
            ("is", self.kind),
            ("by", list(self.by)),
            ("over", self.over),
            ("each", self.each),
            ("again", self.again),
            ("says", self.says),
        ]
        inside = ", ".join(
            f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in parts if value
        )
        return f"{digest} = {{ {inside} }}\n"


@dataclass
class Ledger:
    """The rows of each page, by the digests of their sentences."""

    pages: dict[str, dict[str, Row]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> "Ledger":
        """Read a ledger; one that is not there is empty.

        Raises:
            ValueError: It is no TOML, or a row has what no row has.
        """
        text = path.read_text("utf-8") if path.exists() else ""
        try:
            found = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path.name}: {error}") from None
        known = {"is", "by", "over", "each", "again", "says"}
        pages: dict[str, dict[str, Row]] = {}
        for page, rows in found.items():
            pages[page] = {}
            for digest, row in rows.items():
                if stray := sorted(set(row) - known):
                    raise ValueError(f"{path.name}: {page}, {digest}: no row has {stray[0]!r}")
                words = [row.get(key, "") for key in ("over", "each", "again")]
                by = tuple(row.get("by", ()))
                pages[page][digest] = Row(row.get("says", ""), row.get("is", ""), by, *words)
        return cls(pages)

    def text(self) -> str:
        """The file."""
        parts = [
            f'["{page}"]\n' + "".join(row.line(digest) for digest, row in rows.items())
            for page, rows in sorted(self.pages.items())
            if rows
        ]
        return "\n".join(parts)

    def row(self, page: str, sentence: Sentence) -> Row | None:
        """The row of a sentence."""
        return self.pages.get(page, {}).get(sentence.digest)

    def counts(self, page: str, sentences: Iterable[Sentence]) -> Iterator[tuple[str, bool, bool]]:
        """Of each sentence: its kind, whether it is a claim, and whether it has a witness."""
        for sentence in sentences:
            row = self.row(page, sentence) or Row("")
            is_held = sentence.held == "guarantee" or is_witnessed(row)
            yield row.kind or sentence.held, bool(sentence.universal), is_held

    def complaints(self, page: str, sentences: Sequence[Sentence]) -> list[str]:
        """What is wrong with the sentences of a page; each begins with `page:line`."""
        found = [
            f"{sentence.where}: {wrong}:\n    {sentence.text}"
            for sentence in sentences
            if (wrong := _wrong(sentence, self.row(page, sentence)))
        ]
        said = {sentence.digest for sentence in sentences}
        found += [
            f"{page}: no sentence says any more what the row {digest} is about; write the row of "
            f"what it says instead with `make sentences`:\n    {row.says}"
            for digest, row in self.pages.get(page, {}).items()
            if digest not in said
        ]
        return found

    def renewed(self, page: str, sentences: Sequence[Sentence]) -> dict[str, Row]:
        """The rows of a page as it is now, with open ones for what nobody has looked at.

        A sentence that has changed takes over the row that said nearly the same.
        """
        rows = self.pages.get(page, {})
        said = {sentence.digest for sentence in sentences}
        gone = {digest: row for digest, row in rows.items() if digest not in said}
        found: dict[str, Row] = {}
        for sentence in sentences:
            row = rows.get(sentence.digest)
            if (row is None or row.kind == OPEN) and not _needs_row(sentence):
                continue
            found[sentence.digest] = row or _begun(sentence, gone)
        return found


def is_witnessed(row: Row) -> bool:
    """Whether a row names witnesses that somebody has looked at."""
    is_said = (row.over or row.each or OPEN) != OPEN
    return bool(row.by) and OPEN not in row.by and is_said and not row.again


def _needs_row(sentence: Sentence) -> bool:
    return not sentence.held or bool(sentence.universal and sentence.held != "guarantee")


def _wrong(sentence: Sentence, row: Row | None) -> str:
    if row is None:
        if not _needs_row(sentence):
            return ""
        if not sentence.universal:
            return "nothing says what holds this sentence; `make sentences` writes a row to fill in"
        return (
            f"{sentence.universal[0]!r} makes this a claim, and no row names its witness; cut or "
            "narrow it, or let `make sentences` write a row to fill in"
        )
    if row.again:
        return (
            "this sentence has changed; look whether its witness still goes through all that it "
            f"speaks of, then delete `again` from the row {sentence.digest}"
        )
    if (row.kind or sentence.held) not in KINDS:
        return f"`is` of the row {sentence.digest} has to be one of {', '.join(KINDS)}"
    if row.kind == "test" and (not row.by or OPEN in row.by):
        return f"the row {sentence.digest} says that a test holds it, and names none in `by`"
    if sentence.universal and sentence.held != "guarantee" and not is_witnessed(row):
        return (
            f"{sentence.universal[0]!r} makes this a claim, and the row {sentence.digest} names no "
            "witness in `by`, or nothing in `over` or `each`; cut or narrow it, or name them"
        )
    return ""


def _begun(sentence: Sentence, gone: dict[str, Row]) -> Row:
    says = shortened(sentence.text)
    near = difflib.get_close_matches(says, [row.says for row in gone.values()], 1, _ALIKE)
    for digest, row in list(gone.items()):
        if row.says in near:
            del gone[digest]
            kind = row.kind or ("" if sentence.held else OPEN)
            return replace(row, says=says, kind=kind, again=row.says)
    is_claim = bool(sentence.universal)
    open_or_none = (OPEN,) if is_claim else ()
    kind = "" if sentence.held else OPEN
    return Row(says, kind, open_or_none, OPEN if is_claim else "")


def shortened(text: str) -> str:
    """The first words of a sentence."""
    if len(text) <= _LENGTH:
        return text
    return text[:_LENGTH].rpartition(" ")[0] + "…"
