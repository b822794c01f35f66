"""More lies that a person tells the store: what a file, a directory and a waiting turn promise."""

from tests.mutants.code import Lie

# ruff: noqa: E501 - the lines are those of the code, as they stand there.

LIES = [
    Lie(
        "by hand",
        "files.py",
        "a pipe is read as a file",
        '        if not stat.S_ISREG(found.st_mode):\n            raise _refused(path, "is no regular file")\n        if os.name',
        "        if os.name",
    ),
    Lie(
        "by hand",
        "directory.py",
        "a file of its own may be another session's",
        '            if session.session_id in (None, "", session_id):\n',
        "            if True:\n",
    ),
    Lie(
        "by hand",
        "directory.py",
        "a shared file is anyone's",
        "            if session.session_id == session_id or (is_safe and not session.session_id):\n",
        "            if True:\n",
    ),
    Lie(
        "by hand",
        "directory.py",
        "a delete takes another session's file",
        "            if session is not None and session.session_id in owners:\n",
        "            if session is not None:\n",
    ),
    Lie(
        "by hand",
        "directory.py",
        "one broken file ends a list",
        "except (NotASession, UnexpectedShape, files.NotARegularFile) as error:",
        "except ZeroDivisionError as error:",
    ),
    Lie(
        "by hand",
        "access.py",
        "the directory is not flushed after a write",
        "        try:\n            flush()\n",
        "        try:\n            pass\n",
    ),
    Lie(
        "by hand",
        "access.py",
        "a write takes no lock",
        "        with self.held(session_id):\n            path, data, found",
        "        if True:\n            path, data, found",
    ),
    Lie(
        "by hand",
        "access.py",
        "a write that a power cut may undo answers True",
        'a power cut may undo it", session_id)\n            return False',
        'a power cut may undo it", session_id)\n            return True',
    ),
    Lie(
        "by hand",
        "access.py",
        "a durable store flushes nothing",
        "durable=self.durable)",
        "durable=False)",
    ),
    Lie(
        "by hand",
        "access.py",
        "a write folds nothing in",
        "                folded = spill.fold(session, self.path)\n",
        "",
    ),
    Lie(
        "by hand",
        "access.py",
        "a read folds nothing in",
        "        if spill.has_turns(session_id, self.path):\n",
        "        if False:\n",
    ),
    Lie(
        "by hand",
        "access.py",
        "an append goes before the turns that wait",
        " and not spill.is_waiting(session_id):",
        ":",
    ),
    Lie(
        "by hand",
        "access.py",
        "folded turns keep their files",
        "        spill.forget(folded)\n",
        "",
    ),
    Lie(
        "by hand",
        "access.py",
        "a turn that is sent again is stored again",
        "            if not (is_again and spill.is_stored(session, turn)):\n",
        "            if True:\n",
    ),
    Lie(
        "by hand",
        "access.py",
        "an append knows no window",
        "is_within = len(found.messages) < self.active_window or self.active_window <= 0",
        "is_within = True",
    ),
    Lie(
        "by hand",
        "spill.py",
        "a turn is folded in twice",
        "            if not is_stored(session, message):\n",
        "            if True:\n",
    ),
    Lie(
        "by hand",
        "spill.py",
        "a turn of another directory is folded in",
        '        if found.get("session_dir", str(directory)) != str(directory):\n',
        "        if False:\n",
    ),
    Lie(
        "by hand",
        "spill.py",
        "a turn of another session is folded in",
        '        if found.get("session_id") != session_id:\n',
        "        if False:\n",
    ),
]
