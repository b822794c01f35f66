"""Lies about what the store does under a session's lock."""

from tests.mutants.code import by_hand

# ruff: noqa: E501 - the lines are those of the code, as they stand there.

LIES = [
    by_hand(
        "access.py",
        "a read takes no lock",
        "        with self.held(session_id):\n            return self.directory.find(session_id, decode)[2]\n",
        "        return self.directory.find(session_id, decode)[2]\n",
    ),
    by_hand(
        "access.py",
        "a failed write answers True",
        'its file is whole", session_id)\n            return False\n',
        'its file is whole", session_id)\n            return True\n',
    ),
    by_hand(
        "access.py",
        "a write leaves the time of the last one",
        "        session.updated_at = now()\n",
        "",
    ),
    by_hand(
        "access.py",
        "a clear leaves what waits",
        "                self._drop(session_id)\n",
        "",
    ),
    by_hand(
        "access.py",
        "retention is not applied",
        "        retention.apply(session, self.retention, self.active_window, archived)\n",
        "",
    ),
    by_hand(
        "access.py",
        "the directory is not flushed after a write",
        "        try:\n            flush()\n",
        "        try:\n            pass\n",
    ),
    by_hand(
        "access.py",
        "a write takes no lock",
        "        with self.held(session_id):\n            path, data, found",
        "        if True:\n            path, data, found",
    ),
    by_hand(
        "access.py",
        "a write that a power cut may undo answers True",
        'a power cut may undo it", session_id)\n            return False',
        'a power cut may undo it", session_id)\n            return True',
    ),
    by_hand(
        "access.py",
        "a durable store flushes nothing",
        "durable=self.durable)",
        "durable=False)",
    ),
    by_hand(
        "access.py",
        "a write folds nothing in",
        "                folded, is_all = spill.fold(session, self.path, most)\n",
        "",
    ),
    by_hand(
        "access.py",
        "a read folds nothing in",
        "        if spill.has_turns(session_id, self.path) and not",
        "        if False and not",
    ),
    by_hand(
        "access.py",
        "an append goes before the turns that wait",
        "            whole = whole or spill.is_waiting(session_id, self.path)\n",
        "",
    ),
    by_hand(
        "access.py",
        "folded turns keep their files",
        "        spill.forget(folded)\n",
        "",
    ),
    by_hand(
        "access.py",
        "a turn that is sent again is stored again",
        "            if not (is_again and turn in spill.Stored(session)):\n",
        "            if True:\n",
    ),
    by_hand(
        "access.py",
        "an append knows no window",
        "found.count + 1, self.retention",
        "0, self.retention",
    ),
    by_hand(
        "store.py",
        "a delete takes no lock",
        "        with self._access.held(session_id):\n            try:\n",
        "        if True:\n            try:\n",
    ),
    by_hand(
        "store.py",
        "clear makes a session",
        "self._access.change(session_id, clear, create=False)",
        "self._access.change(session_id, clear)",
    ),
    by_hand(
        "store.py",
        "clear keeps the messages",
        "            session.messages = []\n",
        "",
    ),
    by_hand(
        "store.py",
        "clear keeps the checkpoint",
        "            session.messages = []\n            session.last_compaction = None\n",
        "            session.messages = []\n",
    ),
    by_hand(
        "store.py",
        "a replacement keeps the checkpoint",
        "            session.messages = replacement\n            session.last_compaction = None\n",
        "            session.messages = replacement\n",
    ),
    by_hand(
        "store.py",
        "the directory follows the working directory",
        "Path(self.session_dir).absolute()",
        "Path(self.session_dir)",
    ),
    by_hand(
        "store.py",
        "the default store outlives PRAISONAI_HOME",
        " or _default.session_dir != directory",
        "",
    ),
    by_hand(
        "store.py",
        "a repetition that times out is forgotten",
        "earlier = self._unsaved.get(session_id)",
        "earlier = self._unsaved.pop(session_id, None)",
    ),
    by_hand(
        "store.py",
        "a callback that fails changes the answer",
        "            except Exception:\n",
        "            except ZeroDivisionError:\n",
    ),
    by_hand(
        "access.py",
        "a write loads before it has the lock",
        "        with self.held(session_id):\n            path, data, found = self.directory.find(session_id, document.load)\n",
        "        path, data, found = self.directory.find(session_id, document.load)\n        with self.held(session_id):\n",
    ),
    by_hand(
        "access.py",
        "the lock is let go before the file is replaced",
        '            try:\n                flush = files.write(path, *written, durable=self.durable)\n            except OSError as error:\n                raise NotWritten(f"{type(error).__name__}: {error}") from error\n        try:\n            flush()',
        '        try:\n            flush = files.write(path, *written, durable=self.durable)\n        except OSError as error:\n            raise NotWritten(f"{type(error).__name__}: {error}") from error\n        try:\n            flush()',
    ),
    by_hand(
        "access.py",
        "what waited is forgotten before it is on the disk",
        "        try:\n            flush()\n",
        "        spill.forget(folded)\n        try:\n            flush()\n",
    ),
    by_hand(
        "access.py",
        "a directory that was removed is not made again",
        "        self.directory.make()\n",
        "",
    ),
    by_hand(
        "access.py",
        "what waits for a session without a file is not read",
        "        if spill.has_turns(session_id, self.path) and not self.change(session_id, _as_it_is):\n            return self._unwritten(session_id)\n        if not self.directory.holds(session_id):\n            return None\n",
        "        if not self.directory.holds(session_id):\n            return None\n        if spill.has_turns(session_id, self.path) and not self.change(session_id, _as_it_is):\n            return self._unwritten(session_id)\n",
    ),
    by_hand(
        "access.py",
        "a turn that cannot be folded in yet is not shown",
        "            return self._unwritten(session_id)\n",
        "            pass\n",
    ),
    by_hand(
        "access.py",
        "retention is not applied to what cannot be folded in yet",
        "            spill.fold(session, self.path)\n        retention.apply(session, self.retention, self.active_window)\n",
        "            spill.fold(session, self.path)\n",
    ),
    by_hand(
        "access.py",
        "a clear that could not drop what waits answers True",
        '            spill.drop(session_id, self.path)\n        except OSError as error:\n            raise NotWritten(f"{type(error).__name__}: {error}") from error\n',
        "            spill.drop(session_id, self.path)\n        except OSError:\n            pass\n",
    ),
    by_hand(
        "store.py",
        "a delete removes the session before what waits for it",
        "                spill.drop(session_id, self._access.path)\n                self._access.directory.remove(session_id)\n",
        "                self._access.directory.remove(session_id)\n                spill.drop(session_id, self._access.path)\n",
    ),
]
