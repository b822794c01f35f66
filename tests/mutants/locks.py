"""Lies about who has a lock: between processes, and between the tasks of an event loop."""

from tests.mutants.code import by_hand

# ruff: noqa: E501 - the lines are those of the code, as they stand there.

LIES = [
    by_hand(
        "lock.py",
        "newcomers pass the queue",
        "os.access(mark, os.F_OK)\n        held",
        "False\n        held",
    ),
    by_hand(
        "lock.py",
        "the lock's timeout is ignored",
        "end - time.monotonic()",
        "self._timeout",
    ),
    by_hand(
        "lock.py",
        "who waits is not woken",
        '            os.write(pipe, b"\\n")\n',
        "            pass\n",
    ),
    by_hand(
        "lock.py",
        "who has just come looks too late",
        "if looks_first and (held := system_lock.take(path)):",
        "if looks_first and self._timeout < 0 and (held := system_lock.take(path)):",
    ),
    by_hand(
        "lock.py",
        "a queue without anybody stays",
        "        if error.errno == errno.ENXIO:\n",
        "        if error.errno == 0:\n",
    ),
    by_hand(
        "lock.py",
        "the lock is never let go",
        "            system_lock.let_go(held)\n",
        "            globals().setdefault('kept', []).append(held)\n",
    ),
    by_hand(
        "lock.py",
        "a link in the place of the queue is followed",
        'getattr(os, "O_NOFOLLOW", 0)',
        "0",
    ),
    by_hand(
        "system_lock.py",
        "locks are shared with a forked child",
        "            file.close()\n\n\nif hasattr",
        "            pass\n\n\nif hasattr",
    ),
    by_hand(
        "system_lock.py",
        "locks are files that everyone may read",
        "_FLAGS, 0o600",
        "_FLAGS, 0o644",
    ),
    by_hand(
        "system_lock.py",
        "a lock that was removed excludes others",
        "if os.fstat(file.fileno()).st_nlink:",
        "if True:",
    ),
    by_hand(
        "system_lock.py",
        "a pipe is a lock",
        "if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):",
        "if False:",
    ),
    by_hand(
        "loop_lock.py",
        "whoever leaves the queue tells nobody",
        "            while not (head := self._queue[0]).call():\n",
        "            while (head := self._queue[0]) is None:\n",
    ),
    by_hand(
        "loop_lock.py",
        "everybody has the lock",
        "        if self._queue[0] is not place:\n",
        "        if False:\n",
    ),
    by_hand(
        "system_lock.py",
        "a link to a file is a lock",
        '    | getattr(os, "O_NOFOLLOW", 0)\n',
        "",
    ),
    by_hand(
        "system_lock.py",
        "an unlock that is refused fails its call",
        "    except OSError:\n        log.exception",
        "    except ZeroDivisionError:\n        log.exception",
    ),
    by_hand(
        "lock.py",
        "who waits leaves no mark",
        "        self._leave_mark()\n        with contextlib",
        "        with contextlib",
    ),
    by_hand(
        "lock.py",
        "who waits in vain leaves the queue's mark",
        "            with contextlib.suppress(OSError):\n                os.unlink(self._mark)\n\n    def _leave",
        "            pass\n\n    def _leave",
    ),
    by_hand(
        "lock.py",
        "who is woken by nobody waits for ever",
        "min(_WOKEN, seconds)",
        "seconds",
    ),
]
