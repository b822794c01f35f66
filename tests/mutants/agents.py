"""Lies about who remembers: an agent, and the users of a bot."""

from tests.mutants.code import by_hand

# ruff: noqa: E501 - the lines are those of the code, as they stand there.

LIES = [
    by_hand(
        "agent.py",
        "an agent's session_id is ignored",
        "        if unknown:\n            raise TypeError(_unexpected(unknown))\n",
        "",
    ),
    by_hand(
        "agent.py",
        "an agent never restores",
        "            self._restore()\n",
        "",
    ),
    by_hand(
        "agent.py",
        "an agent restores once",
        "            self.chat_history = list(store.get_working_history(self._session_id))\n",
        "            if not self._announced:\n                self.chat_history = list(store.get_working_history(self._session_id))\n",
    ),
    by_hand(
        "agent.py",
        "the prompt is stored after the model is asked",
        '                self._keep(question)\n            messages = whole([*history, question])\n            answer: Message = {"role": "assistant", "content": self._complete(messages)}\n',
        '                pass\n            messages = whole([*history, question])\n            answer: Message = {"role": "assistant", "content": self._complete(messages)}\n            self._keep(question)\n',
    ),
    by_hand(
        "agent.py",
        "a write that was not stored goes unnoticed",
        "    if not saved:\n        raise",
        "    if False:\n        raise",
    ),
    by_hand(
        "agent.py",
        "an adapter without hooks is taken",
        "            if lacking:\n",
        "            if False:\n",
    ),
    by_hand(
        "agent.py",
        "an agent sends half a tool turn",
        "            messages = whole([*history, question])\n",
        "            messages = [*history, question]\n",
    ),
    by_hand(
        "bots.py",
        "a bot manager believes its cache",
        "        return list(self._store.get_chat_history(key))\n",
        "        return list(self._histories.setdefault(key, self._store.get_chat_history(key)))\n",
    ),
    by_hand(
        "bots.py",
        "an empty history is taken for a missing one",
        "        return list(self._store.get_chat_history(key))\n",
        "        found = self._store.get_chat_history(key) or self._histories.get(key, [])\n        self._histories[key] = found\n        return list(found)\n",
    ),
    by_hand(
        "bots.py",
        "a question that is asked again is stored again",
        "        if is_retry(past, prompt):\n",
        "        if False:\n",
    ),
    by_hand(
        "bots.py",
        "half a tool turn is sent",
        "        given = whole([*_newest(past, self._max_history), question])[:-1]\n",
        "        given = _newest(past, self._max_history)\n",
    ),
    by_hand(
        "bots.py",
        "a cancelled turn gives the agent free",
        "    except BaseException:\n        left.set()\n        if mine.acquire(blocking=False):\n            held.close()\n",
        "    except BaseException:\n        held.close()\n",
    ),
    by_hand(
        "bots.py",
        "a platform may have an underscore",
        '        if "_" in platform:\n',
        "        if False:\n",
    ),
    by_hand(
        "bots.py",
        "a user may look like one of a platform",
        '        if "_" in user:\n',
        "        if False:\n",
    ),
    by_hand(
        "bots.py",
        "users of one agent mix",
        "    agent.chat_history = list(history)\n",
        "",
    ),
    by_hand(
        "bots.py",
        "an agent's own history is not given back",
        "        agent.chat_history = own\n",
        "        pass\n",
    ),
    by_hand(
        "bots.py",
        "an agent with a session of its own is taken",
        "is not None for name in",
        "is NotImplemented for name in",
    ),
    by_hand(
        "bots.py",
        "the platform is no part of the id",
        '            return f"bot_{self._platform}_{user}"\n',
        '            return f"bot_{user}"\n',
    ),
]
