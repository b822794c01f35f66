"""Broken stores on a server, whose connections are cut."""

import json
import os
import uuid

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError
from redis.retry import Retry

from tests.contract.zoo import caught_by, works

ANY, IDS = "a_connection_is_cut_at_any_packet", "a_repeat_after_a_cut_is_stored_once"
CROWD = "a_crowd_whose_connections_are_cut"
# A session is a list that begins with an empty row, so that a cleared one exists.
APPEND = """
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('RPUSH', KEYS[1], '') end
if ARGV[1] ~= '' and redis.call('SADD', KEYS[2], ARGV[1]) == 0 then return 0 end
return redis.call('RPUSH', KEYS[1], ARGV[2])
"""


@works
class OnServer:
    """Asks once, and says what it does not know."""

    keeps_message_ids = True

    def __init__(self, root, tries=0):
        url, self.root = os.environ["REDIS_URL"], root.name
        retry = Retry(NoBackoff(), tries)
        self.redis = Redis.from_url(url, retry=retry, decode_responses=True)

    def key(self, session_id):
        return f"{self.root}:{session_id}"

    def add_message(self, session_id, role, content, metadata=None):
        identity = (metadata or {}).get("message_id", "")
        return self.push(self.key(session_id), identity, {"role": role, "content": content})

    def push(self, key, identity, message):
        self.redis.eval(APPEND, 2, key, f"{key}:ids", identity, json.dumps(message))
        return True

    def get_chat_history(self, session_id, max_messages=None):
        rows = self.redis.lrange(self.key(session_id), 1, -1)
        return [json.loads(row) for row in rows][-(max_messages or 0) :]

    def clear_session(self, session_id):
        self.redis.ltrim(self.key(session_id), 0, 0)
        return True

    def delete_session(self, session_id):
        self.redis.delete(self.key(session_id))
        return True

    def session_exists(self, session_id):
        return self.redis.exists(self.key(session_id)) == 1


@caught_by(ANY, "read a message twice that was written once")
class RepeatsBlindly(OnServer):
    """Lets its client make each command again that was not answered."""

    def __init__(self, root):
        super().__init__(root, tries=3)


@caught_by(ANY, "did not read 'new', which C2 had saved before|no order of these")
class AnswersTrue(OnServer):
    """Answers True whatever happens."""

    def push(self, *words):
        try:
            return super().push(*words)
        except ConnectionError:
            return True


@caught_by(CROWD, "read fewer messages|did not read")
class ReadsNothing(OnServer):
    """Takes a server that cannot be reached for an empty session."""

    def get_chat_history(self, session_id, max_messages=None):
        try:
            return super().get_chat_history(session_id, max_messages)
        except ConnectionError:
            return []


@caught_by(ANY, "3 calls after a connection broke have failed")
class NeverConnectsAgain(OnServer):
    """Has one connection, and none after it."""

    broken = None

    def get_chat_history(self, session_id, max_messages=None):
        if self.broken is not None:
            raise self.broken
        return super().get_chat_history(session_id, max_messages)

    def push(self, *words):
        try:
            return super().push(*words)
        except ConnectionError as error:
            self.broken = error
            raise


@caught_by(IDS, r"the session holds \['old'\]")
class NotesTheIdFirst(OnServer):
    """Notes the id and then stores the message, in two commands."""

    def push(self, key, identity, message):
        if identity and not self.redis.sadd(f"{key}:ids", identity):
            return True
        return super().push(key, "", message)


@caught_by(IDS, r"the session holds \['old', 'new', 'new'\]")
class NotesTheIdLast(OnServer):
    """Stores the message and then notes the id, in two commands."""

    def push(self, key, identity, message):
        if identity and self.redis.sismember(f"{key}:ids", identity):
            return True
        super().push(key, "", message)
        return self.redis.sadd(f"{key}:ids", identity or uuid.uuid4().hex) == 1
