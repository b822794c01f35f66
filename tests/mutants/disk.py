"""Lies about files: which one an id has, and how it is read, written and removed."""

from tests.mutants.code import by_hand

# ruff: noqa: E501 - the lines are those of the code, as they stand there.

LIES = [
    by_hand(
        "files.py",
        "a failed write leaves its temporary file",
        "            part.unlink()\n",
        "            pass\n",
    ),
    by_hand(
        "files.py",
        "a corrupt file is not set aside",
        "    _once_closed(lambda: path.rename(aside))\n",
        "    path.unlink()\n",
    ),
    by_hand(
        "files.py",
        "a file set aside replaces an earlier one",
        ").exists():\n        moment += 1",
        ") is None:\n        moment += 1",
    ),
    by_hand(
        "encoding.py",
        "infinite numbers become null",
        "    if _is_finite(session):\n",
        "    if True:\n",
    ),
    by_hand(
        "encoding.py",
        "a file that only the release can write is corrupt",
        '        return json.loads(data.decode("utf-8"))\n',
        "        raise ValueError\n",
    ),
    by_hand(
        "files.py",
        "an interrupt leaves a bare handle",
        '        return io.FileIO(path, "xb", opener=_for_the_owner)\n    except',
        '        return io.FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")\n    except',
    ),
    by_hand(
        "files.py",
        "links are followed",
        '    getattr(os, "O_NOFOLLOW", 0)\n',
        "    0\n",
    ),
    by_hand(
        "files.py",
        "another user's file is read",
        "found.st_uid != os.geteuid()",
        "False",
    ),
    by_hand(
        "files.py",
        "a directory is open to others",
        "os.mkdir(each, 0o700)",
        "os.mkdir(each, 0o755)",
    ),
    by_hand(
        "files.py",
        "a file set aside stays open to others",
        "        aside.chmod(0o600)\n",
        "        pass\n",
    ),
    by_hand(
        "files.py",
        "a pipe is read as a file",
        '        if not stat.S_ISREG(found.st_mode):\n            raise _refused(path, "is no regular file")\n        if os.name',
        "        if os.name",
    ),
    by_hand(
        "names.py",
        "ids are folded",
        '    digest = hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]\n',
        "    return str(folded(session_id))\n",
    ),
    by_hand(
        "names.py",
        "an empty id is taken",
        '    if not session_id:\n        raise ValueError("a session id must not be empty")\n',
        "",
    ),
    by_hand(
        "names.py",
        "an id need not be a string",
        "if not isinstance(session_id, str):",
        "if False:",
    ),
    by_hand(
        "names.py",
        "a device of Windows is a safe name",
        " and not _DEVICES.fullmatch(session_id)",
        "",
    ),
    by_hand(
        "names.py",
        "the lock has another name than the release's",
        "return folded(session_id) or hashed(session_id)",
        "return hashed(session_id)",
    ),
    by_hand(
        "directory.py",
        "a file of its own may be another session's",
        '            if session.session_id in (None, "", session_id):\n',
        "            if True:\n",
    ),
    by_hand(
        "directory.py",
        "a shared file is anyone's",
        "            if session.session_id == session_id or (is_safe and not session.session_id):\n",
        "            if True:\n",
    ),
    by_hand(
        "directory.py",
        "a delete takes another session's file",
        "            if session is not None and session.session_id in owners:\n",
        "            if session is not None:\n",
    ),
    by_hand(
        "directory.py",
        "one broken file ends a list",
        "except (NotASession, UnexpectedShape, files.NotARegularFile) as error:",
        "except ZeroDivisionError as error:",
    ),
    by_hand(
        "files.py",
        "a short write ends a write",
        "            unwritten = memoryview(data)\n            while unwritten:\n                unwritten = unwritten[file.write(unwritten) :]\n",
        "            file.write(data)\n",
    ),
    by_hand(
        "files.py",
        "a short read is the whole file",
        " or (data and len(data) < found.st_size):",
        ":",
    ),
    by_hand(
        "files.py",
        "a new directory is not flushed",
        "        flush_directory(each.parent)\n",
        "        pass\n",
    ),
    by_hand(
        "files.py",
        "only the last of new directories is flushed",
        "        flush_directory(each.parent)\n    found",
        "        flush_directory(path.parent)\n    found",
    ),
    by_hand(
        "files.py",
        "a file is flushed after it is seen",
        "            if durable:\n                os.fsync(file.fileno())\n        _once_closed(lambda: os.replace(part, path))\n",
        "            _once_closed(lambda: os.replace(part, path))\n            if durable:\n                os.fsync(file.fileno())\n",
    ),
    by_hand(
        "files.py",
        "a file is removed before what a killed writer left of it",
        "    for each in (temporary(path), path):\n",
        "    for each in (path, temporary(path)):\n",
    ),
    by_hand(
        "files.py",
        "a failed look at a file means that there is none",
        "        os.stat(path, follow_symlinks=False)\n    except FileNotFoundError:\n",
        "        os.stat(path, follow_symlinks=False)\n    except OSError:\n",
    ),
    by_hand(
        "files.py",
        "a pipe without a writer is waited for",
        '    | getattr(os, "O_NONBLOCK", 0)\n',
        "",
    ),
    by_hand(
        "files.py",
        "a directory of somebody else is used",
        "found.st_uid not in (os.geteuid(), 0)",
        "False",
    ),
    by_hand(
        "files.py",
        "two stores cannot make one directory at a time",
        "        with contextlib.suppress(FileExistsError):\n            os.mkdir",
        "        if True:\n            os.mkdir",
    ),
    by_hand(
        "directory.py",
        "the file that is read first is deleted first",
        "in reversed(mine):",
        "in mine:",
    ),
    by_hand(
        "directory.py",
        "what a killed first writer left stays after a delete",
        "            if not files.exists(path) and files.exists(files.temporary(path)):\n",
        "            if False:\n",
    ),
    by_hand(
        "directory.py",
        "a delete sets aside what is broken",
        "self._load(path, session_id, encoding.load, is_owner=False)",
        "self._load(path, session_id, encoding.load)",
    ),
    by_hand(
        "directory.py",
        "a file that is gone ends a list",
        "                if (data := files.read(path)) is None:\n                    continue\n",
        "                if (data := files.read(path)) is None:\n                    raise FileNotFoundError(path)\n",
    ),
    by_hand(
        "directory.py",
        "the release's file is read before the own one",
        '    return (own, directory / f"{shared}.json") if shared else (own,)',
        '    return (directory / f"{shared}.json", own) if shared else (own,)',
    ),
    by_hand(
        "directory.py",
        "a session of another id keeps a write from its own",
        '            if not is_owner and encoding.parse(data).get("session_id") != session_id:\n',
        "            if False:\n",
    ),
]
