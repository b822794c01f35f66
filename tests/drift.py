"""`make drift`: what the newest release changes, compared with the pinned one.

Every case that runs on the release is run twice, once with the pinned packages and once with
the newest, installed beside them. The table in `build/drift.md` names each case whose outcome
differs, and the exit code is 1 when there is one.
"""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "drift"
PACKAGES = ("praisonaiagents", "praisonai-bot")
# Modules that are named run whole; of a directory of them, `--target` runs what is about pages.
MODULES = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("tests/docs/test_*.py"))
CASES = (*MODULES, "tests/differences", "tests/contract", "tests/fleet")


def install() -> dict[str, str]:
    """Install the newest release in a directory of its own and return its versions."""
    target = BUILD / "packages"
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--upgrade"]
    subprocess.run([*command, "--target", str(target), *PACKAGES], check=True)
    listed = [sys.executable, "-m", "uv", "pip", "list", "--format", "json", "--target"]
    answer = subprocess.run([*listed, str(target)], check=True, capture_output=True, text=True)
    return {
        package["name"]: package["version"]
        for package in json.loads(answer.stdout)
        if package["name"] in PACKAGES
    }


def outcomes(name: str, settings: dict[str, str]) -> dict[str, str]:
    """Run the release's cases and return how each one ended, by test id."""
    report = BUILD / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2"]
    subprocess.run(
        [*command, "--target", "release", "-k", "release", f"--junitxml={report}", *CASES],
        cwd=ROOT,
        env=os.environ | settings | {"EVIDENCE": os.devnull},
        check=False,
    )
    if not report.exists():
        raise SystemExit(f"drift: the {name} run wrote no report; see its output above")
    return {
        f"{case.get('classname')}::{case.get('name')}": outcome(case)
        for case in ET.parse(report).getroot().iter("testcase")
    }


def outcome(case: ET.Element) -> str:
    """How a case of a report ended, in one word or two."""
    for child in case:
        if child.tag == "skipped":
            return "departs" if child.get("type") == "pytest.xfail" else "skipped"
        if child.tag == "failure" and "XPASS(strict)" in (child.get("message") or ""):
            return "mended"
        if child.tag in ("failure", "error"):
            return "fails"
    return "passes"


def table(pinned: dict[str, str], newest: dict[str, str]) -> list[str]:
    """A row of Markdown for each case that ended otherwise."""
    rows = [
        f"| `{case}` | {pinned.get(case, 'absent')} | {newest.get(case, 'absent')} |"
        for case in sorted(pinned | newest)
        if pinned.get(case) != newest.get(case)
    ]
    return ["| case | pinned release | newest release |", "|---|---|---|", *rows] if rows else []


def main() -> int:
    """Compare, write `build/drift.md` and print it."""
    BUILD.mkdir(parents=True, exist_ok=True)
    versions = install()
    pinned = outcomes("pinned", {})
    newest = outcomes("newest", {"RELEASE_PATH": str(BUILD / "packages")})
    names = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    rows = table(pinned, newest)
    verdict = rows or [f"Nothing changed: {len(newest)} cases end as with the pinned release."]
    text = "\n".join([f"# Drift: {names}", "", *verdict, ""])
    (BUILD.parent / "drift.md").write_text(text, encoding="utf-8")
    print(text)
    return 1 if rows else 0


if __name__ == "__main__":
    raise SystemExit(main())
