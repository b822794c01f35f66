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
        'found.get("session_dir", str(directory)) != str(directory)',
        "False",
    ),
    by_hand(
        "spill.py",
        "a turn is folded in twice",
        "            if not is_stored(session, message):\n",
        "            if True:\n",
    ),
    by_hand(
        "spill.py",
        "a turn of another directory is folded in",
        '        if found.get("session_dir", str(directory)) != str(directory):\n',
        "        if False:\n",
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
        "        for each in itertools.chain(session.messages, session.archived_messages)\n",
        "        for each in session.messages\n",
    ),
    by_hand(
        "spill.py",
        "a turn that says what an earlier one said is not folded in",
        "        (each.timestamp, each.role, each.content)\n        == (message.timestamp, message.role, message.content)\n",
        "        (each.role, each.content) == (message.role, message.content)\n",
    ),
    by_hand(
        "spill.py",
        "a write does not sweep what killed writers left",
        "    folded = []\n    _sweep(session.session_id)\n",
        "    folded = []\n",
    ),
    by_hand(
        "spill.py",
        "a delete does not sweep what killed writers left",
        "    _sweep(session_id)\n    for path in _waiting(session_id):\n",
        "    for path in _waiting(session_id):\n",
    ),
    by_hand(
        "spill.py",
        "an append passes over what killed writers left",
        "    return any(_names(session_id))\n",
        "    return bool(_names(session_id)[0])\n",
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
        '    finished = sorted(each for each in there if each.startswith(prefix) and each.endswith(".json"))\n',
        '    finished = sorted((each for each in there if each.startswith(prefix) and each.endswith(".json")), key=hash)\n',
    ),
    by_hand(
        "spill.py",
        "a turn that cannot be removed fails its write",
        "            files.remove(path)\n        except OSError:\n",
        "            files.remove(path)\n        except ZeroDivisionError:\n",
    ),
    by_hand(
        "spill.py",
        "a file that holds no turn is removed by a delete",
        "        if _read(path, session_id, directory) is not None:\n",
        "        if True:\n",
    ),
]
