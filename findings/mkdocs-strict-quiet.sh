#!/usr/bin/env bash
# Believed: `mkdocs build --strict` ends with an error when a page has a broken link, and `--quiet` only prints less.
# Seen: mkdocs 1.6.1, 30 November 2026. With --quiet the warnings are not counted either, so the strict build passes whatever
#   is wrong. The same command without --quiet fails.
# Matters to: whoever added --quiet to a strict build in CI to have a shorter log; since then nothing is checked.
# Source: run here. --strict counts the records that reach its logging handler, and --quiet raises the level above them.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check mkdocs==1.6.1
cd "$place"
mkdir docs
echo 'site_name: Example' > mkdocs.yml
printf '# Home\n\n[gone](no-such-page.md)\n' > docs/index.md
env/bin/python -m mkdocs --version | sed 's/ from.*//'
echo "input: a page with a link to no-such-page.md"
loud=0
env/bin/python -m mkdocs build --strict 2> loud.log || loud=$?
tail -n 1 loud.log
quiet=0
env/bin/python -m mkdocs build --strict --quiet 2> quiet.log || quiet=$?
echo "build --strict: exit $loud; build --strict --quiet: exit $quiet, $(wc -c < quiet.log) bytes printed"
[ "$loud" = 1 ] && [ "$quiet" = 0 ] && [ ! -s quiet.log ]
echo "seen: --quiet switches --strict off"
