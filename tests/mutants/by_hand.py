"""The lies that a person tells the reference implementation: each breaks one promise."""

from tests.mutants.code import Lie

# ruff: noqa: E501 - the lines are those of the code, as they stand there.


def _lie(module: str, said: str, old: str, new: str) -> Lie:
    return Lie("by hand", module, said, old, new)


LIES = [
    _lie(
        "lock.py",
        "the lock is dropped",
        "            with turnstile.acquire(timeout=self._timeout):\n"
        "                lock.acquire(timeout=max(0.0, deadline - time.monotonic()))\n",
        "            pass\n",
    ),
    _lie(
        "lock.py",
        "the turnstile is dropped",
        "with turnstile.acquire(timeout=self._timeout):",
        "if True:",
    ),
    _lie("lock.py", "the lock's timeout is ignored", "max(0.0, deadline - time.monotonic())", "-1"),
    _lie(
        "lock.py", "the turnstile's timeout is ignored", "timeout=self._timeout):", "timeout=-1):"
    ),
    _lie(
        "lock.py", "both waits have the whole time", "deadline - time.monotonic()", "self._timeout"
    ),
    _lie("lock.py", "the lock is never let go", "            lock.release()\n", ""),
    _lie(
        "lock.py",
        "locks are shared with a forked child",
        "key = os.getpid(), name",
        "key = 0, name",
    ),
    _lie("lock.py", "locks are files that everyone may read", "mode=0o600", "mode=0o644"),
    _lie(
        "files.py",
        "reads are cached",
        "def read(path: Path) -> SessionData | None:\n",
        "import functools\n\n@functools.cache\ndef read(path: Path) -> SessionData | None:\n",
    ),
    _lie("files.py", "fsync is dropped", "            os.fsync(file.fileno())\n", ""),
    _lie("files.py", "the flush is dropped", "            file.flush()\n", ""),
    _lie(
        "files.py",
        "the directory's fsync is dropped",
        "        os.fsync(handle)\n",
        "        pass\n",
    ),
    _lie(
        "files.py",
        "the directory is not flushed after a write",
        "        raise\n    flush_directory(path.parent)\n",
        "        raise\n",
    ),
    _lie(
        "files.py",
        "the directory is not flushed after a delete",
        "missing_ok=True))\n    flush_directory(path.parent)\n",
        "missing_ok=True))\n",
    ),
    _lie(
        "files.py",
        "the directory is not flushed after setting aside",
        "rename(aside))\n    flush_directory(path.parent)\n",
        "rename(aside))\n",
    ),
    _lie(
        "files.py",
        "the file is written in place",
        "        _once_closed(lambda: temporary.replace(path))\n",
        "        path.write_bytes(data)\n        temporary.unlink()\n",
    ),
    _lie(
        "files.py",
        "a failed write leaves its temporary file",
        "            temporary.unlink()\n",
        "            pass\n",
    ),
    _lie(
        "files.py",
        "a corrupt file is not set aside",
        "    _once_closed(lambda: path.rename(aside))\n",
        "    path.unlink()\n",
    ),
    _lie(
        "files.py",
        "a file set aside replaces an earlier one",
        ").exists():\n        moment += 1",
        ") is None:\n        moment += 1",
    ),
    _lie(
        "files.py",
        "infinite numbers become null",
        "    if _is_finite(session):\n",
        "    if True:\n",
    ),
    _lie(
        "files.py",
        "a file that only the release can write is corrupt",
        '        return json.loads(data.decode("utf-8"))\n',
        "        raise ValueError\n",
    ),
    _lie(
        "session.py",
        "a tail is cut from the wrong end",
        "    return messages[start:]",
        "    return messages[: len(messages) - start]",
    ),
    _lie(
        "session.py",
        "an orphaned tool result is kept",
        '    while start < len(messages) and messages[start].role == "tool":\n        start += 1\n',
        "",
    ),
    _lie(
        "session.py",
        "unknown keys of a session are dropped",
        '        known.setdefault("session_id", "")\n        return cls(**known, extra=extra)',
        '        known.setdefault("session_id", "")\n        return cls(**known)',
    ),
    _lie("session.py", "unknown keys are dropped everywhere", "extra[key] = value", "pass"),
    _lie(
        "session.py",
        "unknown keys of a checkpoint are dropped",
        '            "metadata": self.metadata,\n        } | self.extra',
        '            "metadata": self.metadata,\n        }',
    ),
    _lie(
        "session.py",
        "metadata is not copied to the top level",
        "        data |= {key: self.metadata[key] for key in MIRRORED if key in self.metadata}\n",
        "",
    ),
    _lie(
        "session.py",
        "the model of an older file is lost",
        "metadata.setdefault(key, value)",
        "pass",
    ),
    _lie(
        "session.py",
        "null for messages is an empty session",
        'if data.get("messages", ()) is None:',
        "if False:",
    ),
    _lie(
        "session.py",
        "the working history forgets its summary",
        "return [self.last_compaction.as_message(), *(m.to_llm_message() for m in after)]",
        "return [m.to_llm_message() for m in after]",
    ),
    _lie(
        "session.py",
        "the summary comes on top of max_messages",
        "tail(after, max_messages - 1)",
        "tail(after, max_messages)",
    ),
    _lie(
        "names.py",
        "ids are folded",
        '    digest = hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]\n',
        "    return str(folded(session_id))\n",
    ),
    _lie(
        "names.py",
        "an empty id is taken",
        '    if not session_id:\n        raise ValueError("a session id must not be empty")\n',
        "",
    ),
    _lie(
        "names.py", "an id need not be a string", "if not isinstance(session_id, str):", "if False:"
    ),
    _lie(
        "names.py",
        "a device of Windows is a safe name",
        " and not _DEVICES.fullmatch(session_id)",
        "",
    ),
    _lie(
        "names.py",
        "the lock has another name than the release's",
        "return folded(session_id) or hashed(session_id)",
        "return hashed(session_id)",
    ),
    _lie(
        "retention.py",
        "the window is one too long",
        "len(session.messages) <= window:",
        "len(session.messages) <= window + 1:",
    ),
    _lie(
        "retention.py",
        "one message too many stays",
        "recent = tail(session.messages, window)",
        "recent = tail(session.messages, window + 1)",
    ),
    _lie(
        "retention.py",
        "older messages are not archived",
        "        session.archived_messages.extend(older)\n",
        "",
    ),
    _lie(
        "retention.py",
        "a summary is archived as a message",
        'previous = older.pop(0) if older and older[0].metadata.get("compaction") else None',
        "previous = None",
    ),
    _lie(
        "retention.py",
        "the checkpoint's anchor is not shifted",
        "        checkpoint.message_index = max(0, checkpoint.message_index - dropped)\n",
        "        pass\n",
    ),
    _lie(
        "retention.py",
        "an earlier summary's count is lost",
        "        count += counted if isinstance(counted, int) else 0\n",
        "        pass\n",
    ),
    _lie(
        "retention.py",
        "an unknown retention is taken",
        "    if retention not in POLICIES:\n        raise",
        "    if False:\n        raise",
    ),
    _lie(
        "retention.py",
        "max_messages does not mean truncate",
        "return COMPACT if max_messages == DEFAULT_MAX_MESSAGES else TRUNCATE",
        "return COMPACT",
    ),
    _lie(
        "store.py",
        "a delete takes no lock",
        "        with self._locks.held(names.lock(session_id), session_id):\n            try:\n",
        "        if True:\n            try:\n",
    ),
    _lie(
        "store.py",
        "a read takes no lock",
        "        with self._locks.held(names.lock(session_id), session_id):\n            return self._find(session_id)[1] or",
        "        if True:\n            return self._find(session_id)[1] or",
    ),
    _lie(
        "store.py",
        "a failed write answers True",
        'its file is whole", session_id)\n                return False\n',
        'its file is whole", session_id)\n                return True\n',
    ),
    _lie(
        "store.py",
        "clear makes a session",
        "return self._change(session_id, clear, create=False)",
        "return self._change(session_id, clear)",
    ),
    _lie("store.py", "clear keeps the messages", "            session.messages = []\n", ""),
    _lie(
        "store.py",
        "clear keeps the checkpoint",
        "            session.messages = []\n            session.last_compaction = None\n",
        "            session.messages = []\n",
    ),
    _lie(
        "store.py",
        "a replacement keeps the checkpoint",
        "            session.messages = replacement\n            session.last_compaction = None\n",
        "            session.messages = replacement\n",
    ),
    _lie(
        "store.py",
        "metadata is replaced instead of merged",
        "session.metadata |= fields",
        "session.metadata = fields",
    ),
    _lie(
        "store.py",
        "the directory follows the working directory",
        "Path(self.session_dir).absolute()",
        "Path(self.session_dir)",
    ),
    _lie(
        "store.py",
        "the default store outlives PRAISONAI_HOME",
        " or _default.session_dir != directory",
        "",
    ),
    _lie(
        "store.py",
        "the first listed was changed last",
        "key=lambda session: session.updated_at, reverse=True",
        "key=lambda session: session.updated_at",
    ),
    _lie(
        "store.py",
        "a write leaves the time of the last one",
        "            session.updated_at = now()\n",
        "",
    ),
    _lie(
        "agent.py",
        "an agent's session_id is ignored",
        "        if unknown:\n            raise TypeError(_unexpected(unknown))\n",
        "",
    ),
    _lie("agent.py", "an agent never restores", "            self._restore()\n", ""),
    _lie(
        "agent.py",
        "an agent restores once",
        "            self.chat_history = list(store.get_working_history(self._session_id))\n",
        "            if not self._announced:\n                self.chat_history = list(store.get_working_history(self._session_id))\n",
    ),
    _lie(
        "agent.py",
        "the prompt is stored after the model is asked",
        '                self._keep(question)\n            messages = whole([*history, question])\n            answer: Message = {"role": "assistant", "content": self._complete(messages)}\n',
        '                pass\n            messages = whole([*history, question])\n            answer: Message = {"role": "assistant", "content": self._complete(messages)}\n            self._keep(question)\n',
    ),
    _lie(
        "agent.py",
        "a write that was not stored goes unnoticed",
        "    if not saved:\n        raise",
        "    if False:\n        raise",
    ),
    _lie(
        "agent.py",
        "an adapter without hooks is taken",
        "            if lacking:\n",
        "            if False:\n",
    ),
    _lie(
        "bots.py",
        "a bot manager believes its cache",
        "        return list(self._store.get_chat_history(key))\n",
        "        return list(self._histories.setdefault(key, self._store.get_chat_history(key)))\n",
    ),
    _lie(
        "bots.py",
        "an empty history is taken for a missing one",
        "        return list(self._store.get_chat_history(key))\n",
        "        found = self._store.get_chat_history(key) or self._histories.get(key, [])\n        self._histories[key] = found\n        return list(found)\n",
    ),
    _lie(
        "bots.py",
        "a question that is asked again is stored again",
        "        if is_retry(past, prompt):\n",
        "        if False:\n",
    ),
    _lie(
        "bots.py",
        "half a tool turn is sent",
        "        given = whole([*_newest(past, self._max_history), question])[:-1]\n",
        "        given = _newest(past, self._max_history)\n",
    ),
    _lie(
        "agent.py",
        "an agent sends half a tool turn",
        "            messages = whole([*history, question])\n",
        "            messages = [*history, question]\n",
    ),
    _lie(
        "bots.py",
        "a cancelled turn gives the agent free",
        "    except BaseException:\n        left.set()\n        if mine.acquire(blocking=False):\n            held.close()\n",
        "    except BaseException:\n        held.close()\n",
    ),
    _lie(
        "bots.py",
        "a platform may have an underscore",
        '        if "_" in platform:\n',
        "        if False:\n",
    ),
    _lie(
        "bots.py",
        "a user may look like one of a platform",
        '        if "_" in user:\n',
        "        if False:\n",
    ),
    _lie(
        "loop_lock.py",
        "whoever leaves the queue tells nobody",
        "            while not (head := self._queue[0]).call():\n",
        "            while (head := self._queue[0]) is None:\n",
    ),
    _lie(
        "loop_lock.py",
        "everybody has the lock",
        "        if self._queue[0] is not place:\n",
        "        if False:\n",
    ),
    _lie("bots.py", "users of one agent mix", "    agent.chat_history = list(history)\n", ""),
    _lie(
        "bots.py",
        "an agent's own history is not given back",
        "        agent.chat_history = own\n",
        "        pass\n",
    ),
    _lie(
        "bots.py",
        "an agent with a session of its own is taken",
        "is not None for name in",
        "is NotImplemented for name in",
    ),
    _lie(
        "bots.py",
        "the platform is no part of the id",
        '            return f"bot_{self._platform}_{user}"\n',
        '            return f"bot_{user}"\n',
    ),
]
