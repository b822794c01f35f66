"""Links of pages, each of which leads somewhere."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from executable_pages.html import file_of
from executable_pages.testing.scanner import Link, Page, name, scan
from executable_pages.testing.wrong import Wrong


def check_link(link: Link, docs: Path) -> None:
    """Follow a link as far as this project goes; no network is asked.

    Raises:
        Wrong: It leads nowhere.
    """
    if why := problem(link.target, link.page, docs):
        raise Wrong(f"{link.where}: {link.target}: {why}")


def problem(target: str, source: Path, docs: Path, told: Page | None = None) -> str | None:
    """What is wrong with a link from a page of the site in `docs`; None for nothing.

    `told` stands for the page in its file.
    """
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        is_local = parts.hostname == "127.0.0.1"
        return "an external link is https" if parts.scheme == "http" and not is_local else None
    path, anchor = unquote(parts.path), unquote(parts.fragment)
    if path.startswith("/"):
        file = docs / file_of(path)
    else:
        file = source if not path else source.parent / path
    if not file.exists():
        return f"there is no {name(file)}"
    if not anchor or file.suffix != ".md":
        return None
    page = told if told is not None and told.path == file else scan(file)
    return None if anchor in page.anchors else f"{name(file)} has no heading #{anchor}"
