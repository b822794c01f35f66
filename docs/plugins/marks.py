"""Puts a small mark on every block and table: verified on which targets, or not in this checkout.

Reads `build/evidence.json`, which a test run writes, and never runs code. With the variable
`REQUIRE_EVIDENCE` set, a block without passing evidence fails the build.
"""

import json
import os
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mutants
from digests import of_implementation, of_text
from markdown_it import MarkdownIt
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

PROVEN = frozenset({"passed", "departs"})
AGAIN = "make test verifies it."
# A table of advice states nothing that could be verified.
_PROSE = "{/* table: prose"
_COUNT = re.compile(r'<Evidence count="(?P<kind>[a-z-]+)" ?/>')


@dataclass(frozen=True)
class Mark:
    """What is known of one block: a state, a line of text, and details."""

    state: str
    text: str
    details: tuple[str, ...]

    def markup(self, number: int) -> str:
        """An element that keyboards reach and screen readers read."""
        details = "".join(f"<span>{_literal(each)}</span>" for each in self.details)
        return (
            f'<span class="mark mark--{self.state}" data-search-exclude>'
            f'<button type="button" aria-describedby="mark-{number}">{self.text}</button>'
            f'<span role="tooltip" id="mark-{number}">{details}</span></span>'
        )


def _literal(text: str) -> str:
    """Text that neither HTML nor Markdown takes for markup."""
    return re.sub(r"[^\w\s.,;]|_", lambda match: f"&#{ord(match[0])};", text)


def evidence_of(root: Path) -> Path:
    """Where a test run leaves its evidence."""
    return root / "build" / "evidence.json"


class Evidence:
    """The claims of the last test run."""

    def __init__(self, root: Path) -> None:
        try:
            found: dict[str, Any] = json.loads(evidence_of(root).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            found = {}
        self.claims: list[dict[str, Any]] = found.get("claims", [])
        self.is_current = found.get("implementation") == of_implementation(root)

    def mark(self, page: str, line: int, digest: str) -> Mark:
        """What is known of a block by its page, the line of its fence and its digest."""
        here = [claim for claim in self.claims if claim["page"] == page]
        about = [claim for claim in here if claim["digest"] == digest]
        if not about:
            if any(claim["line"] == line for claim in here):
                return Mark("stale", "changed since it was verified", (AGAIN,))
            return Mark("none", "not verified in this checkout", (AGAIN,))
        # A block that has moved keeps the claims of its old place until the code changes.
        about = [claim for claim in about if claim["line"] == line] or about
        details = tuple(_detail(claim) for claim in about)
        if not self.is_current:
            return Mark("stale", "code changed since it was verified", (AGAIN, *details))
        if failed := [claim for claim in about if claim["verdict"] not in PROVEN]:
            return Mark("failed", f"failed on {_targets(failed)}", details)
        departs = [claim for claim in about if claim["verdict"] == "departs"]
        verified = _targets([claim for claim in about if claim["verdict"] == "passed"])
        text = f"verified on {verified}"
        if departs:
            text += f"; {_targets(departs)} departs as stated"
        return Mark("verified", text, details)

    def count(self, kind: str) -> str:
        """How many places a kind of evidence stands for, each proven and none of it failed."""
        verdicts: dict[tuple[str, str], set[str]] = defaultdict(set)
        for claim in self.claims:
            if claim["kind"] == kind:
                verdicts[claim["page"], claim["digest"]].add(claim["verdict"])
        proven = sum(found <= PROVEN for found in verdicts.values())
        if not proven or not self.is_current:
            return '<em class="number">not measured in this checkout</em>'
        return f'<strong class="number">{proven}</strong>'


def _targets(claims: list[dict[str, Any]]) -> str:
    return " and ".join(sorted({claim["target"] for claim in claims})) or "no target"


def _detail(claim: dict[str, Any]) -> str:
    file, _, test = claim["test"].partition("::")
    outcome = f"{claim['verdict']} in {claim['seconds']:.2f} s"
    return f"{claim['kind']} on {claim['target']}: {outcome}, {Path(file).name}::{test}"


_evidence: Evidence | None = None
_unproven: list[str] = []


def on_pre_build(config: MkDocsConfig) -> None:
    """Read the evidence anew for each build."""
    global _evidence
    _evidence = Evidence(Path(config.config_file_path).parent)
    _unproven.clear()


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put a mark after each block and each table of a page."""
    assert _evidence is not None
    evidence = _evidence
    source = page.file.content_string
    before = source[: source.rfind(markdown)].count("\n")
    lines = markdown.split("\n")
    marks: list[tuple[int, str]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        if token.type not in ("fence", "table_open") or token.map is None:
            continue
        first, after = token.map
        above = [line for line in lines[max(0, first - 3) : first] if line.strip()]
        if above and above[-1].startswith(_PROSE):
            continue
        text = token.content if token.type == "fence" else "\n".join(lines[first:after]) + "\n"
        name = f"docs/{page.file.src_uri}"
        mark = evidence.mark(name, before + first + 1, of_text(text))
        if mark.state != "verified":
            _unproven.append(f"{name}:{before + first + 1}: {mark.text}; {'; '.join(mark.details)}")
        indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
        marks.append((after, f"{indent}{mark.markup(before + first + 1)}"))
    for after, markup in reversed(marks):
        lines[after:after] = ["", markup, ""]
    root = Path(config.config_file_path).parent

    def count(match: re.Match[str]) -> str:
        kind = match["kind"]
        return mutants.count(root) if kind == "mutant" else evidence.count(kind)

    return _COUNT.sub(count, "\n".join(lines))


def on_serve(
    server: LiveReloadServer, *, config: MkDocsConfig, builder: Callable[..., None]
) -> LiveReloadServer:
    """Show new marks when a test run ends while the site is served."""
    path = evidence_of(Path(config.config_file_path).parent)
    if path.exists():
        server.watch(str(path))
    return server


def on_post_build(config: MkDocsConfig) -> None:
    """Fail a build that must be proven and is not."""
    if os.environ.get("REQUIRE_EVIDENCE") and _unproven:
        raise PluginError("blocks without passing evidence:\n" + "\n".join(_unproven))
