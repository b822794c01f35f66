"""What a session store promises, one sentence for each guarantee, as the pages say it.

A test holds each equal to the text of its promise on the page that makes it. `VERSION` grows when a
clause is added or becomes stricter: CHANGELOG.md beside this file says what each version asks.
"""

VERSION = 2

GUARANTEES: dict[str, str] = {
    "protocol": (
        "A store has the five methods, and each takes the parameters and returns the type that "
        "the protocol names."
    ),
    "append-order": "Messages come back in the order in which they were added.",
    "equal-messages": (
        "Messages come back as often as they were added, also when they are equal to others."
    ),
    "order-of-arrival": (
        "A message stands behind those that were acknowledged before it was added, whatever the "
        "clocks of their writers say."
    ),
    "message-shape": (
        "Each entry of the history is a dictionary with `role` and `content`, ready to be sent "
        "to a model."
    ),
    "newest-messages": (
        "With `max_messages`, the history is the newest messages, the oldest of them first; 0 or "
        "less is no limit, or is refused."
    ),
    "any-content": (
        "Every text comes back as it was stored: any language, emoji, control characters, a "
        "megabyte. What a store cannot keep, it refuses."
    ),
    "kept-as-given": (
        "What a write accepts, every later read returns, equal, until it is changed. Everything "
        "else is refused before anything is changed, and the store still works."
    ),
    "isolated-ids": (
        "Two different session ids never share a message, however alike they look. An id that a "
        "store cannot keep apart, it refuses."
    ),
    "clear-keeps-session": "A cleared session is empty, still exists, and can be continued.",
    "delete-removes-session": (
        "A deleted session is gone with its messages, and no other session is."
    ),
    "existence-agrees": (
        "A session exists from its first message until it is deleted, for every client. Reading "
        "does not create one."
    ),
    "fresh-reads": (
        "Two stores on the same storage always see each other's writes, in one process or in "
        "several."
    ),
    "no-lost-writes": (
        "Any number of processes, threads and tasks can append to one session at the same time, "
        "and no message is lost or stored twice."
    ),
    "writer-order": "Messages of one writer stay in the order in which it wrote them.",
    "prefix-reads": (
        "A reader beside writers sees the conversation up to some message, with none missing "
        "before it and none half written."
    ),
    "atomic-replace": (
        "A reader beside a replacement sees the old conversation or the new one, never a mix "
        "and never nothing."
    ),
    "metadata-merge": (
        "Fields that are set at the same time are all kept, and no other write drops them."
    ),
    "fair-reads": (
        "A reader beside a writer in a tight loop waits for a few writes, not for the end of "
        "the loop."
    ),
    "kept-until-deleted": (
        "A message can be read until it is cleared or deleted, however long that takes."
    ),
    "any-window": (
        "What a client with one window wrote, a client with another one reads, as far as the "
        "smaller of the two reaches."
    ),
    "late-append": (
        "When a delete and an append meet, one comes first: the session is gone, or it holds "
        "the new message alone."
    ),
    "stopped-writer": (
        "A writer that was stopped in the middle of an append, while others removed the session "
        "and began it anew, brings nothing back and hides nothing."
    ),
    "acknowledged-survive": (
        "When a write has returned `True`, its message survives the death of the process that "
        "wrote it."
    ),
    "bounded-wait": (
        "No call waits much longer than `lock_timeout`, also when the holder of the lock is "
        "stopped."
    ),
    "own-copy": (
        "What a store returns, and what it was given, belongs to the caller: changing it "
        "changes nothing in the store."
    ),
    "honest-writes": (
        "A write returns `True` only when it has stored the message. Otherwise it returns "
        "`False` or raises, and leaves what was there."
    ),
    "broken-connection": (
        "When a connection to the server breaks, a write that returned `True` was done once, one "
        "that raised was done once or not at all, no read is wrong, and later calls work."
    ),
    "message-ids": (
        "A message with an id is stored once in its session, however often and by whomever it is "
        "added, also after a clear."
    ),
    "tool-turns": (
        "Tool calls and tool results come back as stored. No shortened or working history has a "
        "result without its call or, before its end, a call without its result."
    ),
    "working-history": (
        "The working history is the summary of the last checkpoint and what was added since. "
        "Without a checkpoint it is the whole history."
    ),
}

ABILITIES: dict[str, str] = {
    "clear_session": "clear_session empties a session and keeps it",
    "delete_session": "delete_session removes a session",
    "session_exists": "session_exists says whether there is a session",
    "whole history": "the history is all that was added, and no window of the newest messages",
    "no time to live": "a message stays until it is cleared or deleted, and does not expire",
    "order of arrival": "messages stand in the order of their acknowledgment",
    "windows": "open_store takes `window`, how many messages its client keeps",
    "message ids": "keeps_message_ids: a message_id in the metadata is stored once in its session",
    "network": "--session-store-network names the variable that says where the server is",
    "clocks that can be moved": "CPython, where the clock of a process can be moved",
    "async methods": "the methods are coroutine functions",
    "one client in many threads": "the threads of a process may share one client",
    "get_session": "get_session returns the whole session, its messages included",
    "get_sessions_by_agent": "set_agent_info and get_sessions_by_agent find sessions by agent",
    "set_chat_history": "set_chat_history replaces the messages of a session",
    "update_session_metadata": (
        "update_session_metadata merges fields, and get_session(...).metadata shows them"
    ),
    "get_working_history": "get_working_history gives the history since the last checkpoint",
    "append_compaction_checkpoint": "append_compaction_checkpoint puts a summary for older turns",
    "tool turns": "add_message takes tool_calls and tool_call_id",
    "processes that can be stopped": "a POSIX system, where a process can be stopped and limited",
}
