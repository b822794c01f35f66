"""What readers, search engines and machines expect of a site beside its pages.

Where it is deployed and where its source is are in the environment: `SITE_URL` gives canonical
links, the sitemap and `robots.txt` their addresses; `SOURCE_URL`, the address of the directory
`docs` in a browser, gives each page a link to its source.
"""

import os
import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from executable_pages.evidence import Evidence
from executable_pages.marks import spoken

_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)


def configure(config: MkDocsConfig) -> None:
    """Take the addresses from the environment."""
    config.site_url = os.environ.get("SITE_URL") or config.site_url
    if config.site_url and not config.site_url.endswith("/"):
        config.site_url += "/"
    if source := os.environ.get("SOURCE_URL"):
        config.edit_uri = source.rstrip("/") + "/"


def footer(config: MkDocsConfig, evidence: Evidence) -> None:
    """Say in the footer of every page what was tested, and on which day."""
    said = "MIT licence"
    if evidence.release:
        packages = " and ".join(f"{name} {version}" for name, version in evidence.release.items())
        said += f" · tested with {packages}"
    if evidence.day:
        said += f" on {spoken(evidence.day)}"
    config.copyright = said


def describe(page: Page) -> None:
    """Tell the theme where the page is to be had as Markdown."""
    page.meta["markdown"] = posixpath.relpath(page.file.src_uri, posixpath.dirname(page.url) or ".")


def wrapped(html: str) -> str:
    """A page with what the theme puts around a table once its script runs, so that nothing moves.

    Without scripts a wide table scrolls too.
    """
    around = '<div class="md-typeset__scrollwrap"><div class="md-typeset__table">{}</div></div>'
    return _TABLE.sub(lambda table: around.format(table[0]), html)


def publish(config: MkDocsConfig, files: Files, texts: dict[str, str]) -> None:
    """Put each page beside itself as Markdown, with lists for machines, and `robots.txt`.

    `texts` are the pages with all that they show, by their places below the directory of pages.
    """
    site = Path(config.site_dir)
    root = config.site_url or ""
    lines = [f"# {config.site_name}", "", f"> {config.site_description}", ""]
    for file in files.documentation_pages():
        (site / file.src_uri).write_text(texts[file.src_uri], "utf-8")
        meta = file.page.meta if file.page else {}
        lines.append(
            f"- [{meta.get('title', file.src_uri)}]({root}{file.src_uri}): "
            f"{meta.get('description', '')}"
        )
    (site / "llms.txt").write_text("\n".join(lines) + "\n", "utf-8")
    (site / "llms-full.txt").write_text("\n".join(texts.values()), "utf-8")
    rules = ["User-agent: *", "Allow: /", *([f"Sitemap: {root}sitemap.xml"] if root else [])]
    (site / "robots.txt").write_text("\n".join(rules) + "\n", "utf-8")
