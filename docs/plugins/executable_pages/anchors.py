"""The anchors of headings: one function for the site and for the checks of links."""

import re
import unicodedata


def slug(text: str) -> str:
    """What a heading is called in an address: its words in lower case, in any script."""
    text = unicodedata.normalize("NFKC", text)
    kept = "".join(letter for letter in text if _stays(letter)).strip().lower()
    return re.sub(r"[-\s]+", "-", kept)


def _stays(letter: str) -> bool:
    # Marks of a script such as Devanagari are part of its words.
    return letter.isalnum() or letter in "_- \n" or unicodedata.category(letter)[0] == "M"


def unique(wanted: str, taken: set[str]) -> str:
    """An anchor that no other place of the page has, which is taken from now on."""
    base, number = wanted or "section", 0
    while (found := f"{base}_{number}" if number else base) in taken:
        number += 1
    taken.add(found)
    return found
