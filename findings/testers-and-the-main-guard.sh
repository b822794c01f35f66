#!/usr/bin/env bash
# Believed: a block of documentation that ends in `if __name__ == "__main__":` is run as a reader runs it, or reported as not run.
# Seen: 30 November 2026. pytest-markdown-docs 0.9.2, pytest-codeblocks 0.18.0 and sybil 10.1.0 execute the block under another name,
#   so what stands below the guard never runs, and the block is reported as passed. mktestdocs 0.2.5 runs it.
# Matters to: pages about multiprocessing, asyncio and command lines, whose examples do all their work there.
# Source: run here, each tool in its own documented way.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check pytest==9.2.0 pytest-markdown-docs==0.9.2 \
  pytest-codeblocks==0.18.0 sybil==10.1.0 mktestdocs==0.2.5
cd "$place"
cat > page.md <<'PAGE'
```python
if __name__ == "__main__":
    raise ValueError("this example is broken")
```
PAGE
mkdir sybil mktestdocs
cp page.md sybil/
cat > sybil/conftest.py <<'CONFTEST'
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser()], patterns=["*.md"]).pytest()
CONFTEST
cat > mktestdocs/test_page.py <<'TESTS'
from pathlib import Path

from mktestdocs import check_md_file


def test_page():
    check_md_file(Path("page.md"))
TESTS
judge() { # name, arguments of pytest
  local name=$1 status=0
  shift
  env/bin/python -m pytest -q -p no:cacheprovider "$@" > log 2>&1 || status=$?
  printf '%-21s exit %s, %s\n' "$name" "$status" "$(tail -n 1 log | sed 's/ in .*//')"
  found="${found:-}$status"
}
env/bin/python -m pip list --disable-pip-version-check 2> /dev/null | grep -E '^(sybil|mktestdocs|pytest)' | tr -s ' ' | paste -sd, -
echo "input: one block, a ValueError below if __name__ == \"__main__\":"
judge pytest-markdown-docs -p no:codeblocks --markdown-docs page.md
judge pytest-codeblocks -p no:pytest_markdown_docs --codeblocks page.md
judge sybil --rootdir sybil sybil
judge mktestdocs mktestdocs
[ "$found" = 0001 ]
echo "seen: three testers report a block as passed whose work they never ran"
