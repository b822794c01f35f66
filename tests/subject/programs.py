"""Programs of shell blocks that must not do here what they do for a reader."""

import shlex
import shutil
import sys

from uv import find_uv_bin

from executable_pages.testing.scanner import ROOT

_PYTHON = shlex.quote(sys.executable)
_UV = shlex.quote(find_uv_bin())
_MAKE = shutil.which("make") or "make"
# Every package has to be there already, as the tests used it. uv says so a dozen times faster.
PIP = f"""
case "$1" in
install) ;;
list | show | freeze | --version) exec {_PYTHON} -m pip "$@" ;;
*) echo "pip $1 is nothing that a page can try" >&2; exit 2 ;;
esac
shift
answer=$({_UV} pip install --no-config --no-cache --offline --no-index --dry-run \
    --python {_PYTHON} "$@" 2>&1) || {{
    echo "$answer" >&2
    exit 1
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
