"""Finds addresses that stand in prose without brackets, which GitHub's Markdown makes links of.

The rules are those of MDX with `remark-gfm`: a first look at each `http` and `www.` in its place,
where what is inside an address is no markup, and a second one at the text that is left.
"""

import re
import unicodedata
from collections.abc import Iterator

_PUNCTUATION = "!\"'),.:;?_~*"
_REFERENCE = re.compile(r"&[A-Za-z]+;")
_PROTOCOL = re.compile(r"https?://", re.IGNORECASE)
_WWW = re.compile(r"www\.", re.IGNORECASE)
_URL = re.compile(
    r"(?<![0-9A-Za-z])(?P<protocol>https?://|www(?=\.))(?P<domain>[A-Za-z0-9_-]*\.[A-Za-z0-9_\-.]*)"
    r"(?P<path>[^\t\n\r ]*)",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"(?<![A-Za-z0-9_+\-./])[A-Za-z0-9_+\-.]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*"
    r"\.[A-Za-z0-9_-]*[A-Za-z](?![A-Za-z0-9_-])"
)
_TRAIL = re.compile(r"[!\"&'),.:;<>?\]}]+$")


def in_place(text: str, at: int, end: int) -> str:
    """The address that begins at an offset of a line of prose; empty when there is none."""
    before = text[at - 1 : at]
    if match := _PROTOCOL.match(text, at, end):
        start = match.end()
        if (before.isascii() and before.isalpha()) or start >= end or _is_break(text[start]):
            return ""
    elif _WWW.match(text, at, end) and at + 4 < end:
        start = at
        if before not in ("", "(", "*", "_", "[", "]", "~", "\t", "\n", " "):
            return ""
    else:
        return ""
    stop = _domain(text, start, end)
    return text[at : _path(text, stop, end)] if stop else ""


def in_text(text: str) -> Iterator[tuple[int, int, str]]:
    """Where addresses begin and end in text that is left, and where they lead."""
    at = 0
    while found := _next(text, at):
        yield found
        at = found[1]


def _next(text: str, at: int) -> tuple[int, int, str] | None:
    candidates = []
    for match in _URL.finditer(text, at):
        if length := _url_length(text, match):
            address = match[0][:length]
            target = address if match["protocol"].lower() != "www" else f"http://{address}"
            candidates.append((match.start(), match.start() + length, target))
            break
    if mail := _MAIL.search(text, at):
        candidates.append((*mail.span(), f"mailto:{mail[0]}"))
    return min(candidates, default=None)


def _url_length(text: str, match: re.Match[str]) -> int:
    before = text[match.start() - 1 : match.start()]
    if before and not (before.isspace() or _is_punctuation(before)):
        return 0
    is_www = match["protocol"].lower() == "www"
    domain = match["protocol"] + match["domain"] if is_www else match["domain"]
    parts = domain.split(".")
    if _is_punctuation(domain[:1]) or len(parts) < 2:
        return 0
    for part in parts[-2:]:
        if part and ("_" in part or not re.search("[A-Za-z0-9]", part)):
            return 0
    skipped = 0 if is_www else len(match["protocol"])
    whole = match[0][skipped:]
    trail = _TRAIL.search(whole)
    if trail is None:
        return skipped + len(whole)
    kept, rest = whole[: trail.start()], trail[0]
    while ")" in rest and kept.count("(") > kept.count(")"):
        cut = rest.index(")") + 1
        kept, rest = kept + rest[:cut], rest[cut:]
    return skipped + len(kept)


def _domain(text: str, at: int, end: int) -> int:
    """The offset behind a domain; 0 when there is none."""
    is_seen = is_last = is_before = False
    while at < end:
        letter = text[at]
        if letter in "._":
            if _is_trail(text, at, end):
                break
            if letter == "_":
                is_last = True
            else:
                is_before, is_last = is_last, False
        elif letter != "-" and _is_break(letter):
            break
        else:
            is_seen = True
        at += 1
    return at if is_seen and not is_last and not is_before else 0


def _path(text: str, at: int, end: int) -> int:
    opened = closed = 0
    while at < end:
        letter = text[at]
        if letter == "(":
            opened += 1
        elif letter == ")" and closed < opened:
            closed += 1
        elif letter in _PUNCTUATION + "&<]":
            if _is_trail(text, at, end):
                break
            closed += letter == ")"
        elif letter.isspace():
            break
        at += 1
    return at


def _is_trail(text: str, at: int, end: int) -> bool:
    """Whether only punctuation of the sentence follows, and then its end."""
    while at < end:
        letter = text[at]
        if letter in _PUNCTUATION:
            at += 1
        elif letter == "&":
            match = _REFERENCE.match(text, at, end)
            if match is None:
                return False
            at = match.end()
        elif letter == "]":
            at += 1
            if at >= end or text[at] in "([" or text[at].isspace():
                return True
        else:
            return letter == "<" or letter.isspace()
    return True


def _is_break(letter: str) -> bool:
    return letter.isspace() or ord(letter) < 32 or _is_punctuation(letter)


def _is_punctuation(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "PS"
