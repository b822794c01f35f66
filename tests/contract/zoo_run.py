"""Every broken store against every clause: `python -m tests.contract.zoo_run [STORE ...]`.

Takes about ten minutes for all. The exit status is 1 when a store is not caught by the clause that
was made for it, or when the working base is caught.
"""

import os
import sys
import tempfile

import pytest

from reference_impl.contract.kit import Kit
from reference_impl.contract.processes import Pool
from tests.contract.test_zoo import ANIMALS, FACTORY, clauses, run


def caught(name: str) -> list[str]:
    """The clauses that fail on a store."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        os.environ |= {"ZOO_DIRECTORY": directory, "ZOO_STORE": name}
        return [clause for clause in clauses() if _fails(clause)]


def _fails(clause: str) -> bool:
    pool = Pool(FACTORY)
    kit = Kit(pool)
    try:
        run(clause, kit)
    except pytest.skip.Exception:
        return False
    except Exception:
        return True
    finally:
        kit.close()
        pool.close()
    return False


def main() -> int:
    """Print the clauses that caught each store, the one made for it marked."""
    wrong = 0
    for name in sys.argv[1:] or ["Base", *ANIMALS]:
        found = caught(name)
        own = ANIMALS[name].clause if name in ANIMALS else None
        wrong += own not in found if own else bool(found)
        shown = [f"*{clause}*" if clause == own else clause for clause in found]
        print(f"{name}: {', '.join(shown) or 'no clause'}", flush=True)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
