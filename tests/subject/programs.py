"""Programs of shell blocks that must not do here what they do for a reader."""

import shlex
import shutil
import sys

from tests.pages.scanner import ROOT

_PYTHON = shlex.quote(sys.executable)
_MAKE = shutil.which("make") or "make"
# Every package has to be there already, as the tests used it.
PIP = f"""
case "$1" in
install) ;;
list | show | freeze | --version) exec {_PYTHON} -m pip "$@" ;;
*) echo "pip $1 is nothing that a page can try" >&2; exit 2 ;;
esac
shift
answer=$({_PYTHON} -m pip install --no-index --dry-run --disable-pip-version-check "$@" 2>&1) || {{
    code=$?
    echo "$answer" >&2
    exit $code
}}
echo "$answer"
case "$answer" in
*"Would install"*) echo "the tests did not use this package" >&2; exit 1 ;;
esac
"""
# It says what it would do, since it would run the tests that run this.
MAKE = f"""
exec {_MAKE} --dry-run --no-print-directory -C {shlex.quote(str(ROOT))} "$@"
"""
PROGRAMS = {"make": MAKE, "pip": PIP}
