"""Links of pages, each of which leads somewhere."""

from pathlib import Path

from tests.pages.scanner import Link, Page, name, scan
from tests.pages.wrong import Wrong


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
    if target.startswith(("http://", "https://")):
        local = target.startswith("http://127.0.0.1")
        return None if local or target.startswith("https://") else "an external link is https"
    path, _, anchor = target.partition("#")
    if path.startswith("/"):
        file = docs / (path.strip("/") + ".md" if path.strip("/") else "index.md")
    else:
        file = source if not path else source.parent / path
    if not file.exists():
        return f"there is no {name(file)}"
    if not anchor:
        return None
    page = told if told is not None and told.path == file else scan(file)
    return None if anchor in page.anchors else f"{name(file)} has no heading #{anchor}"
