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
        "        self._restore()\n",
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
        "            messages = self._begin(prompt)\n            return self._end(self._endpoint.complete(self.llm, messages))\n",
        '            self._restore()\n            messages = [*whole(self.chat_history), {"role": "user", "content": prompt}]\n            answer = self._endpoint.complete(self.llm, messages)\n            self._begin(prompt)\n            return self._end(answer)\n',
    ),
    by_hand(
        "agent.py",
        "a cancelled turn leaves its file work behind",
        "        while not working.done():\n",
        "        while False:\n",
    ),
    by_hand(
        "agent.py",
        "a turn stops the event loop",
        "            messages = await _in_thread(self._begin, prompt)\n",
        "            messages = self._begin(prompt)\n",
    ),
    by_hand(
        "agent.py",
        "coroutines have turns of one agent at the same time",
        "        release = await self._turns[id(self)].acquire()\n",
        "        release = (await self._turns[object()].acquire())\n",
    ),
    by_hand(
        "agent.py",
        "a stream that is closed early is stored",
        "            yield piece\n",
        '            try:\n                yield piece\n            except GeneratorExit:\n                self._end("".join(pieces))\n                raise\n',
    ),
    by_hand(
        "endpoint.py",
        "a model is asked in the event loop's thread",
        "            return self._text(await client.chat.completions.create(model=model, messages=messages))\n",
        "            return self._text(self._create(model, messages))\n",
    ),
    by_hand(
        "loop_lock.py",
        "a blocking turn waits for its own loop",
        "                if seat.loop is not None and any(\n",
        "                if False and any(\n",
    ),
    by_hand(
        "agent.py",
        "a write that was not stored goes unnoticed",
        "    if not saved:\n        raise",
        "    if False:\n        raise",
    ),
    by_hand(
        "memory.py",
        "an adapter without hooks is taken",
        "            if lacking:\n",
        "            if False:\n",
    ),
    by_hand(
        "agent.py",
        "an agent sends half a tool turn",
        "        return [system, *whole(self.chat_history)]\n",
        "        return [system, *self.chat_history]\n",
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
        "        if stored.is_stored or is_retry(past, delivery.prompt):\n",
        "        if stored.is_stored:\n",
    ),
    by_hand(
        "bots.py",
        "half a tool turn is sent",
        "    newest = resumed([*rest, question], limit + 1 if limit > 0 else None)\n",
        "    newest = [*rest, question]\n",
    ),
    by_hand(
        "bots.py",
        "a message with an id is answered anew when it comes again",
        "        if delivery.message_id:\n",
        "        if False:\n",
    ),
    by_hand(
        "bots.py",
        "an unanswered message is stored again behind other turns",
        "        if stored.is_stored or is_retry(past, delivery.prompt):\n",
        "        if is_retry(past, delivery.prompt):\n",
    ),
    by_hand(
        "bots.py",
        "an answer that nobody heard is forgotten",
        "        self._deliveries.answered(key, delivery, reply)\n",
        "",
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
    by_hand(
        "bots.py",
        "fields of an answer are dropped",
        '                more["extra"] = extra\n',
        "                pass\n",
    ),
]
