"""Lies about turns whose write failed, and how they come back."""

from tests.mutants.code import by_hand

# ruff: noqa: E501 - the lines are those of the code, as they stand there.

LIES = [
    by_hand(
        "spill.py",
        "a clock that goes back swaps what waits",
        "_latest = max(_latest, time.time_ns() // 1_000_000)",
        "_latest = time.time_ns() // 1_000_000",
    ),
    by_hand(
        "spill.py",
        "what waits is folded into a look-alike",
        '        if found.get("session_id") != session_id:\n            return None\n',
        "",
    ),
    by_hand(
        "spill.py",
        "what waits is folded into another directory's session",
        "not in (str(directory), _called(directory)):\n            return None\n",
        "not in (str(directory), _called(directory)):\n            pass\n",
    ),
    by_hand(
        "spill.py",
        "a turn is folded in twice",
        "            if message not in stored:\n",
        "            if True:\n",
    ),
    by_hand(
        "spill.py",
        "a turn of another session is folded in",
        '        if found.get("session_id") != session_id:\n',
        "        if False:\n",
    ),
    by_hand(
        "spill.py",
        "a turn that waits is not flushed",
        "            files.write(path, data)()\n",
        "            files.write(path, data, durable=False)()\n",
    ),
    by_hand(
        "spill.py",
        "the directory of turns that wait is not flushed",
        "            files.write(path, data)()\n",
        "            files.write(path, data)\n",
    ),
    by_hand(
        "spill.py",
        "a turn that was archived is folded in again",
        "        for each in itertools.chain(session.messages, session.archived_messages):\n",
        "        for each in session.messages:\n",
    ),
    by_hand(
        "spill.py",
        "a turn that says what an earlier one said is not folded in",
        "        return message.content in self._contents.get((message.timestamp, message.role), ())\n",
        "        return any(message.content in each for each in self._contents.values())\n",
    ),
    by_hand(
        "spill.py",
        "a write does not sweep what killed writers left",
        "    _sweep(unfinished)\n    stored",
        "    stored",
    ),
    by_hand(
        "spill.py",
        "a delete does not sweep what killed writers left",
        "    _sweep(unfinished)\n    for path in waiting:\n        if _read",
        "    for path in waiting:\n        if _read",
    ),
    by_hand(
        "spill.py",
        "an append passes over what killed writers left",
        "    return any(_waiting(session_id, directory))\n",
        "    return bool(_waiting(session_id, directory)[0])\n",
    ),
    by_hand(
        "spill.py",
        "a turn whose unfinished file was swept is given up",
        "_ATTEMPTS = 5",
        "_ATTEMPTS = 1",
    ),
    by_hand(
        "spill.py",
        "turns of one moment have no order",
        "{next(_order):08x}{os.urandom(4).hex()}",
        "{os.urandom(8).hex()}",
    ),
    by_hand(
        "spill.py",
        "turns that wait come in any order",
        "    finished = sorted(each for each in found if _is_finished(each[0]))\n",
        "    finished = [each for each in found if _is_finished(each[0])]\n",
    ),
    by_hand(
        "spill.py",
        "a turn that cannot be removed fails its write",
        '    except OSError:\n        log.exception("%s was folded',
        '    except ZeroDivisionError:\n        log.exception("%s was folded',
    ),
    by_hand(
        "spill.py",
        "a file that holds no turn is removed by a delete",
        "        if _read(path, session_id, directory) is not None:\n",
        "        if True:\n",
    ),
    by_hand(
        "spill.py",
        "what waits does not move with its session",
        "    try:\n        return _put(Path(_beside(session_id, directory), name), payload)\n",
        "    try:\n        raise OSError\n",
    ),
    by_hand(
        "spill.py",
        "a turn that cannot wait beside its session is given up",
        '        log.warning("a turn of session',
        '        raise\n        log.warning("a turn of session',
    ),
    by_hand(
        "spill.py",
        "the place of what waits stays",
        "            place.rmdir()\n",
        "            pass\n",
    ),
    by_hand(
        "spill.py",
        "a listing of what waits is believed for ever",
        "    if _last[0] == looks:\n",
        "    if _last[0]:\n",
    ),
    by_hand(
        "spill.py",
        "what waits elsewhere is listed by each read",
        "        _last = looks, sorted_out\n",
        "        pass\n",
    ),
    by_hand(
        "spill.py",
        "what waits elsewhere is bound to the path of its directory",
        'payload["session_dir"] = _called(directory)',
        'payload["session_dir"] = str(directory)',
    ),
]
