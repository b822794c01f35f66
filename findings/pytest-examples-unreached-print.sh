#!/usr/bin/env bash
# Believed: `run_print_check` fails when the page shows output that the example does not print.
# Seen: pytest-examples 0.0.18, 30 November 2026. Only the comments below prints that ran are compared. What is shown below a print that
#   was never reached (a branch not taken, a loop over nothing, a function that nobody calls) stands unchecked, and the test is green.
#   A wrong output below a print that ran is red.
# Matters to: every page checked by it; an example that has stopped printing at all is not noticed.
# Source: run here.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check pytest==9.2.0 pytest-examples==0.0.18
cd "$place"
cat > unreached.md <<'PAGE'
```python
for name in []:
    print("hello", name)
    #> hello Alice
```
PAGE
cat > wrong.md <<'PAGE'
```python
print("hello Bob")
#> hello Alice
```
PAGE
cat > test_pages.py <<'TESTS'
import pytest
from pytest_examples import find_examples


@pytest.mark.parametrize("example", list(find_examples("unreached.md", "wrong.md")), ids=lambda each: each.path.stem)
def test_page(example, eval_example):
    eval_example.run_print_check(example)
TESTS
env/bin/python -c 'from importlib.metadata import version as v; print("pytest-examples", v("pytest-examples"))'
echo "input: '#> hello Alice' below a print in a loop over an empty list, and below one that prints hello Bob"
env/bin/python -m pytest -q -p no:cacheprovider -rA test_pages.py > log 2>&1 || true
grep -E '^(PASSED|FAILED) ' log | sed 's/ - .*//' | sort
grep -q '^PASSED test_pages.py::test_page\[unreached\]' log && grep -q '^FAILED test_pages.py::test_page\[wrong\]' log
echo "seen: shown output that nothing printed is green"
