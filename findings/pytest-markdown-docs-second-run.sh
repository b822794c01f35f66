#!/usr/bin/env bash
# Believed: a tester of documentation runs a block once, and a block that raises is red.
# Seen: pytest-markdown-docs 0.9.2, 30 November 2026. A block that raises TypeError is run a second time with what the first run left,
#   and the second run's outcome counts. So a block whose first use is broken is green, and what it does outside is done twice.
#   Other exceptions are not repeated.
# Matters to: pages whose blocks write files, call servers or count; a TypeError is what a changed signature raises.
# Source: run here. The item takes any TypeError for a runner that lacks a newer argument, and calls it again without it.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check pytest==9.2.0 pytest-markdown-docs==0.9.2
cd "$place"
for error in TypeError ValueError; do
  mkdir "$error"
  cat > "$error/page.md" <<PAGE
\`\`\`python
from pathlib import Path

with Path("runs").open("a") as runs:
    runs.write("run\n")
if not Path("settings").exists():
    Path("settings").write_text("made at the first use")
    raise $error("the first use is broken")
\`\`\`
PAGE
done
env/bin/python -c 'from importlib.metadata import version as v; print("pytest-markdown-docs", v("pytest-markdown-docs"))'
echo "input: a block that raises when it is used for the first time, and not when its file is there"
for error in TypeError ValueError; do
  status=0
  (cd "$error" && ../env/bin/python -m pytest -q -p no:cacheprovider --markdown-docs page.md > log 2>&1) || status=$?
  echo "$error: exit $status, run $(wc -l < "$error/runs") times, $(tail -n 1 "$error/log" | sed 's/ in .*//')"
  found="${found:-}$status-$(wc -l < "$error/runs") "
done
[ "$found" = "0-2 1-1 " ]
echo "seen: a block that raises TypeError is run twice and passes; one that raises ValueError is run once and fails"
