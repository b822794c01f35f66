"""Sorts how blocks end, by the words of their errors, and leaves this machine out of these."""

import re

# The first that fits counts. What a package says itself is no kind of the survey's.
_KINDS = (
    ("name", r"NameError: "),
    ("package", r"(ModuleNotFoundError: |ImportError: (?!cannot import)).*|Database backend "),
    (
        "absent",
        r"unexpected keyword argument|Unknown keys for|must be a DbAdapter|has no attribute"
        r"|cannot import name|is not implemented|required positional argument|takes .* positional",
    ),
    ("network", r"ConnectionError|ConnectionRefused|unreachable|api[ _-]?key"),
)
_TEMPORARY = re.compile(r" \(/[^)]*\)|/tmp/[\w./-]+")
_LONGEST = 120


def kind_of(said: str) -> str:
    """How a block ended: name, package, absent, network or other; time where nothing was said."""
    if not said:
        return "time"
    return next((kind for kind, words in _KINDS if re.search(words, said)), "other")


def brief(said: str) -> str:
    """An error as it is kept: up to its first sentence's end, without paths of this machine."""
    said = _TEMPORARY.sub("", said)
    # Lists of what is valid, and of causes, are long and change with each release.
    said = re.split(r"\. (?:Valid keys|Install with)| \(e\.g\. | Earlier releases", said)[0]
    return said if len(said) <= _LONGEST else said[:_LONGEST].rsplit(" ", 1)[0] + " ..."
