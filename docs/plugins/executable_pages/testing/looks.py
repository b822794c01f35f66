"""What a browser saw of a site: a summary at the end of a run, and pictures that are kept."""

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from executable_pages.testing.scanner import ROOT

if TYPE_CHECKING:
    from executable_pages.testing.browser import Visit

PICTURES = ROOT / "build" / "screenshots"


def picture(seen: "Visit", name: str, *, whole: bool = False) -> None:
    """Keep a picture of what a tab shows, or of its `whole` page."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    seen.page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)


def said(node: pytest.Item, key: str, *about: object) -> None:
    """Note something for the summary: a `look` at a page or a `search`, and what came of it."""
    node.user_properties.append((key, tuple(map(str, about))))


class Looks:
    """Counts the looks at pages and prints them with the searches at the end of the run."""

    def __init__(self) -> None:
        self._looks: list[tuple[str, str, str, float, int]] = []
        self._found: defaultdict[str, list[str]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a test noted."""
        if report.when != "call":
            return
        for key, about in report.user_properties:
            words = [str(word) for word in about] if isinstance(about, list | tuple) else []
            if key == "look":
                page, scheme, width, shift, faults = words
                self._looks.append((page, scheme, width, float(shift), int(faults)))
            elif key == "search":
                self._found[words[1]].append(words[0])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the summary."""
        if not self._looks and not self._found:
            return
        terminalreporter.section("the site in a browser")
        if self._looks:
            pages, schemes, widths, shifts, faults = zip(*self._looks, strict=True)
            terminalreporter.write_line(
                f"{len(set(pages))} pages x {len(set(schemes))} schemes x {len(set(widths))} "
                f"widths: {len(pages)} looks, {sum(faults)} faults, "
                f"layout shift at most {max(shifts):.3f}"
            )
        count = sum(map(len, self._found.values()))
        for number, (page, words) in enumerate(sorted(self._found.items())):
            head = f"{count} searches found first: " if not number else " " * 4
            terminalreporter.write_line(f"{head}{page} for {', '.join(sorted(words))}")
