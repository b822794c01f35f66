"""Links of a tree of pages that lead nowhere. No network is asked."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from executable_pages.testing.survey import report
from executable_pages.testing.survey.page import Surveyed
from executable_pages.testing.survey.report import Finding

SUFFIXES = (".mdx", ".md")


def nowhere(root: Path, pages: dict[str, Surveyed]) -> Iterator[Finding]:
    """Links to no page, file or redirection below `root`, or to no heading of a page.

    The headings of a page that was refused are not known, so links to them pass.
    """
    sources: list[str] = []
    for name in ("docs.json", "mint.json"):
        path = root / name
        try:
            sources += _sources(path) if path.is_file() else []
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            what = f"redirections that cannot be read: {error}"
            yield Finding(report.JSON_BROKEN, name, getattr(error, "lineno", 1), 0, what)
    moved = re.compile("|".join(sources) or "$^")
    for page in pages.values():
        for link in page.targets:
            if why := _problem(root, pages, moved, page.page, link.target):
                what = f"{link.target}: {why}"
                yield Finding(report.LINK, page.page, link.line, link.column, what)


def _sources(path: Path) -> list[str]:
    """The addresses that Mintlify's settings lead elsewhere, where `:name` stands for any part."""
    rules = json.loads(path.read_text("utf-8")).get("redirects", [])
    sources = (re.escape(rule["source"].strip("/")) for rule in rules)
    return [re.sub(r":\w+(?:\\\*)?", ".*", source) for source in sources]


def _problem(
    root: Path, pages: dict[str, Surveyed], moved: re.Pattern[str], page: str, target: str
) -> str:
    try:
        parts = urlsplit(target)
    except ValueError as error:
        return f"it is no address: {error}"
    if parts.scheme or parts.netloc:
        return ""
    path = unquote(parts.path)
    if not path:
        file: str | None = page
    elif path.startswith("/"):
        # A site may be served below the name of its own directory.
        file = _file(root, path.strip("/")) or _file(root.parent, path.strip("/"), root.name)
    else:
        beside = (root / page).parent / path
        inside = beside.resolve()
        if not inside.is_relative_to(root):
            return "it leads out of the pages"
        file = _file(root, inside.relative_to(root).as_posix())
    if file is None:
        is_moved = moved.fullmatch(path.strip("/"))
        return "" if is_moved else "there is no such page or file"
    found = pages.get(file)
    if parts.fragment and found is not None and not _is_refused(found):
        anchor = unquote(parts.fragment)
        if anchor not in found.anchors:
            return f"{file} has no heading #{anchor}"
    return ""


def _is_refused(page: Surveyed) -> bool:
    return any(finding.cause in (report.MDX_REFUSED, report.REFUSED) for finding in page.findings)


def _file(root: Path, path: str, below: str = "") -> str | None:
    """The file that an address without suffix means, if there is one; as it stands `below` it."""
    if below and not path.startswith(f"{below}/"):
        return None
    names = [path, *(f"{path}{suffix}" for suffix in SUFFIXES)]
    names += [f"{path}/{index}{suffix}" for index in ("index", "README") for suffix in SUFFIXES]
    found = next((name for name in names if name and (root / name).is_file()), None)
    return found.removeprefix(f"{below}/") if found and below else found
