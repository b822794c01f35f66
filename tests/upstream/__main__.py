"""`python -m tests.upstream CLONE PYTHON`: survey the pages, and write the report of it."""

import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from docs.reports import reports
from executable_pages.testing.scanner import ROOT
from executable_pages.testing.survey import running
from executable_pages.testing.survey.report import Finding
from executable_pages.testing.survey.tree import survey
from tests.upstream.pages import RULE, SOURCE, Clone
from tests.upstream.sorting import brief, kind_of

PACKAGES = ("praisonaiagents", "praisonai-bot")
# A block that imports much takes longer than that only where it waits for something.
SECONDS = 60
_ASK = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
_ALONE, _ORDER = (f"run {way}: " for way in running.WAYS)


def main(clone: Path, python: str) -> dict[str, Any]:
    """Run the blocks of the chosen pages; the report."""
    source = Clone(clone)
    ask = [python, "-c", _ASK, *PACKAGES]
    versions = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.split()
    running.LIMIT = SECONDS
    with TemporaryDirectory(prefix="upstream-") as directory:
        chosen = source.write(Path(directory))
        found = survey(
            Path(directory),
            python=python,
            variables={"OPENAI_API_KEY": "none"},
            servers={"OPENAI_BASE_URL": f"{sys.executable} -m tests.subject.model_server"},
            say=print,
        )
    assert found.ran is not None
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "source": SOURCE,
        "commit": source.commit,
        "committed": source.day,
        "rule": RULE,
        "packages": dict(zip(PACKAGES, versions, strict=True)),
        "chosen": len(chosen),
        "blocks": dict(sorted(Counter(each.page for each in found.snippets).items())),
        "alone": _rows(found.findings, _ALONE),
        "in_order": _rows(found.findings, _ORDER),
    }


def _rows(findings: list[Finding], begin: str) -> list[dict[str, Any]]:
    """Each block that did not end well: its page, where it fails, and what is said there."""
    return [
        {
            "page": each.page,
            "line": each.line,
            "kind": kind_of(each.said.removeprefix("TooLong:").strip()),
            "said": brief(each.said) if each.said != "TooLong:" else "",
        }
        for each in sorted(findings, key=lambda each: (each.page, each.line))
        if each.cause.startswith(begin)
    ]


if __name__ == "__main__":
    report = main(Path(sys.argv[1]), sys.argv[2])
    text = json.dumps(report, ensure_ascii=False, indent=1)
    reports.place(ROOT, "upstream").write_text(text + "\n", "utf-8")
    blocks, failed = sum(report["blocks"].values()), Counter(r["kind"] for r in report["alone"])
    print(f"{len(report['blocks'])} pages, {blocks} blocks: {blocks - failed.total()} end well")
    print(*(f"{count} {kind}" for kind, count in failed.most_common()), sep=", ")
