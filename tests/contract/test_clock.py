"""The clock of a process, moved: all that tells the time of day moves, and spans do not."""

import json
import subprocess
import sys

PROGRAM = """
import json, time
from datetime import date, datetime, timezone
from time import time as imported
import sqlite3, uuid
from reference_impl.contract.clock import Clock

began, span, today = imported(), time.monotonic(), date.today()
clock = Clock(-400 * 86400.0)
asked = sqlite3.connect(":memory:").execute
GREGORIAN = 0x01B21DD213814000

class Moment(datetime):
    pass

told = {
    "time": time.time(),
    "a function imported before": imported(),
    "time_ns": time.time_ns() / 1e9,
    "clock_gettime": time.clock_gettime(time.CLOCK_REALTIME),
    "gmtime": time.mktime(time.localtime()),
    "now": datetime.now().timestamp(),
    "now in a zone": datetime.now(timezone.utc).timestamp(),
    "utcnow": datetime.utcnow().replace(tzinfo=timezone.utc).timestamp(),
    "a subclass": Moment.now().timestamp(),
    "uuid1": (uuid.uuid1().time - GREGORIAN) / 1e7,
    "sqlite now": float(asked("SELECT strftime('%s', 'now')").fetchone()[0]),
    "sqlite column": float(asked("SELECT strftime('%s', CURRENT_TIMESTAMP)").fetchone()[0]),
}
found = {name: round((each - began) / 86400) for name, each in told.items()}
found["today"] = (date.today() - today).days
kept = [isinstance(datetime.now(), datetime), type(Moment.now()) is Moment]
clock.seconds = 0
print(json.dumps([found, kept, time.time() - began < 60, 0 <= time.monotonic() - span < 60]))
"""


def test_a_moved_clock_is_every_clock_of_the_process() -> None:
    """Python's ways to tell the time and SQLite's are moved together, and can be moved back."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found, kept, is_back, is_steady = json.loads(done.stdout)
    assert found == dict.fromkeys(found, -400)
    assert len(found) == 13
    assert (kept, is_back, is_steady) == ([True, True], True, True)
