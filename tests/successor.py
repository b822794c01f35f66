"""`make successor`: what stands between this site and Zensical, each point by an example.

Material for MkDocs names it as its successor. CONTRIBUTING.md says the same in words. An example
that begins to work ends this run with an error, so that somebody looks again.
"""

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Point:
    """A small site, and what Zensical has to say or to show for it before we can move."""

    what: str
    files: dict[str, str]
    wanted: str


POINTS = [
    Point(
        "hooks are not run, and nothing says so: a page is shown as it stands, tags and all",
        {
            "mkdocs.yml": "site_name: x\nhooks: [hook.py]\n",
            "hook.py": "def on_page_markdown(markdown, **_):\n    return 'made by a hook'\n",
            "docs/index.md": "<Note>Said.</Note>\n",
        },
        r"<p>made by a hook</p>",
    ),
    Point(
        "a plugin that it does not know is left out, and nothing says so",
        {
            "mkdocs.yml": "site_name: x\nplugins: [mermaid2, no-such-plugin]\n",
            "docs/index.md": "# A\n",
        },
        r"no-such-plugin",
    ),
    Point(
        "in a template, something that a page does not have ends the build",
        {
            "mkdocs.yml": "site_name: x\ntheme: {custom_dir: theme}\n",
            "theme/main.html": '{% extends "base.html" %}{% block extrahead %}'
            '{{ page.meta.description or "none" }}{% endblock %}',
            "docs/index.md": "# A\n",
        },
        r"Build finished",
    ),
]


def shown(point: Point, program: str, root: Path) -> str:
    """What Zensical prints, and the first page that it makes of a small site."""
    for name, text in point.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    done = subprocess.run(
        [program, "build"], cwd=root, capture_output=True, text=True, check=False, timeout=60
    )
    page = root / "site" / "index.html"
    return done.stdout + done.stderr + (page.read_text("utf-8") if page.exists() else "")


def main(program: str) -> int:
    """Try each example; 1 when one of them works by now."""
    # Not resolved: a link to the program would lead out of its environment.
    program = str(Path(program).absolute())
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    print(f"Zensical {version.stdout.strip()}")
    mended = 0
    for point in POINTS:
        with tempfile.TemporaryDirectory() as root:
            is_mended = re.search(point.wanted, shown(point, program, Path(root))) is not None
        print(f"{'mended' if is_mended else 'stands'}  {point.what}")
        mended += is_mended
    if mended:
        print("CONTRIBUTING.md says otherwise: look again at what a move would take")
    return bool(mended)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
