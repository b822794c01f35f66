"""Lies about what a session holds: its messages, its window, its values, its labels."""

from tests.mutants.code import by_hand

# ruff: noqa: E501 - the lines are those of the code, as they stand there.

LIES = [
    by_hand(
        "turns.py",
        "a tail is cut from the wrong end",
        'return messages[start_of_tail([message["role"] for message in messages], count) :]',
        'return messages[: start_of_tail([message["role"] for message in messages], count)]',
    ),
    by_hand(
        "turns.py",
        "a tail begins with a tool result",
        '    while start and start < len(roles) and roles[start] == "tool":\n        start += 1\n',
        "",
    ),
    by_hand(
        "session.py",
        "unknown keys of a session are dropped",
        '        known.setdefault("session_id", "")\n        return cls(**known, extra=extra)',
        '        known.setdefault("session_id", "")\n        return cls(**known)',
    ),
    by_hand(
        "session.py",
        "unknown keys are dropped everywhere",
        "extra[key] = value",
        "pass",
    ),
    by_hand(
        "session.py",
        "unknown keys of a checkpoint are dropped",
        '            "metadata": self.metadata,\n        } | self.extra',
        '            "metadata": self.metadata,\n        }',
    ),
    by_hand(
        "session.py",
        "metadata is not copied to the top level",
        "        data |= {key: self.metadata[key] for key in MIRRORED if key in self.metadata}\n",
        "",
    ),
    by_hand(
        "session.py",
        "the model of an older file is lost",
        "metadata.setdefault(key, value)",
        "pass",
    ),
    by_hand(
        "session.py",
        "null for messages is an empty session",
        'if data.get("messages", ()) is None:',
        "if False:",
    ),
    by_hand(
        "session.py",
        "the working history forgets its summary",
        "return [checkpoint.as_message(), *(resumed",
        "return [*(resumed",
    ),
    by_hand(
        "session.py",
        "the summary comes on top of max_messages",
        "resumed(after, limit - 1)",
        "resumed(after, limit)",
    ),
    by_hand(
        "session.py",
        "a session of another shape is set aside",
        "            if not isinstance(value, shapes.get(key, object)):\n                raise UnexpectedShape(",
        "            if not isinstance(value, shapes.get(key, object)):\n                raise NotASession(",
    ),
    by_hand(
        "retention.py",
        "the window is one too long",
        "window <= 0 or before <= window:",
        "window <= 0 or before <= window + 1:",
    ),
    by_hand(
        "retention.py",
        "one message too many stays",
        "for message in session.messages], window)",
        "for message in session.messages], window + 1)",
    ),
    by_hand(
        "retention.py",
        "older messages are not archived",
        "        session.archived_messages.extend(older)\n",
        "",
    ),
    by_hand(
        "retention.py",
        "a summary is archived as a message",
        "older = older[_stand_ins(session) :]",
        "older = list(older)",
    ),
    by_hand(
        "retention.py",
        "the checkpoint's anchor is not shifted",
        "        checkpoint.message_index = max(0, checkpoint.message_index - dropped)\n",
        "        pass\n",
    ),
    by_hand(
        "retention.py",
        "an earlier summary's count is lost",
        "        count += counted if isinstance(counted, int) else 0\n",
        "        pass\n",
    ),
    by_hand(
        "retention.py",
        "an unknown retention is taken",
        "    if retention not in POLICIES:\n        raise",
        "    if False:\n        raise",
    ),
    by_hand(
        "retention.py",
        "max_messages does not mean truncate",
        "return COMPACT if max_messages == DEFAULT_MAX_MESSAGES else TRUNCATE",
        "return COMPACT",
    ),
    by_hand(
        "rows.py",
        "an append forgets the time of the write",
        '    written["updated_at"] = (_encode(now()),)\n',
        "",
    ),
    by_hand(
        "rows.py",
        "an append to a spaced list takes the spaces for its last message",
        "    while messages[kept - 1] in _SPACE:\n        kept -= 1\n",
        "",
    ),
    by_hand(
        "turns.py",
        "a result without its call is sent",
        '        if message["role"] != "tool":\n            kept +=',
        "        if True:\n            kept +=",
    ),
    by_hand(
        "turns.py",
        "a call without its result is sent",
        "    if len(found) == len(calls) or is_last:\n",
        "    if True:\n",
    ),
    by_hand(
        "values.py",
        "what comes back as something else is stored",
        "    if found != value:\n",
        "    if False:\n",
    ),
    by_hand(
        "values.py",
        "None without calls is content",
        "    if value is None and tool_calls:\n",
        "    if value is None:\n",
    ),
    by_hand(
        "values.py",
        "a number that is True is taken",
        'or isinstance(value, bool):\n        raise TypeError(f"{name} is a whole',
        'or False:\n        raise TypeError(f"{name} is a whole',
    ),
    by_hand(
        "labels.py",
        "metadata is replaced instead of merged",
        "session.metadata |= merged",
        "session.metadata = merged",
    ),
    by_hand(
        "listing.py",
        "the first listed was changed last",
        'key=lambda each: str(each.updated_at or ""), reverse=True',
        'key=lambda each: str(each.updated_at or "")',
    ),
    by_hand(
        "values.py",
        "fields of a message are dropped",
        "            _others(where, each),\n",
        "            None,\n",
    ),
    by_hand(
        "session.py",
        "fields of a message are not sent",
        "        return message | self.extra if self.extra else message\n",
        "        return message\n",
    ),
    by_hand(
        "rows.py",
        "fields of a message are passed over",
        ", gc=False, forbid_unknown_fields=True",
        ", gc=False",
    ),
    by_hand(
        "encoding.py",
        "a string of a subclass is no string",
        "        return str.__str__(value)\n",
        "        raise TypeError(value)\n",
    ),
    by_hand(
        "values.py",
        "a string of a subclass stays one",
        "    said = str.__str__(value)\n",
        "    said = value\n",
    ),
    by_hand(
        "rows.py",
        "a history of what is no session is read",
        "    metadata: _Object | None = None\n",
        "    metadata: Any = None\n",
    ),
    by_hand(
        "rows.py",
        "a checkpoint of what is no session is passed over",
        "        found.check()\n",
        "        pass\n",
    ),
]
