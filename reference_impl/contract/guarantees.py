"""What a session store promises, one sentence for each guarantee."""

GUARANTEES: dict[str, str] = {
    "protocol": (
        "A store has the five methods of SessionStoreProtocol, callable by position and by name, "
        "and they answer with the protocol's types."
    ),
    "append-order": "Messages come back in the order in which they were added.",
    "message-shape": (
        "History is a list of role and content dictionaries that a chat model accepts as it is."
    ),
    "newest-messages": (
        "max_messages=n gives the newest n messages, oldest of them first, "
        "and everything when there are fewer."
    ),
    "any-content": (
        "Any text comes back unchanged: empty, multi-line, right-to-left, emoji, control "
        "characters, one mebibyte; what a store cannot keep it refuses."
    ),
    "isolated-ids": (
        "Two different session ids never share a message, however alike they look; "
        "an id that a store cannot keep apart it refuses with ValueError."
    ),
    "clear-keeps-session": "A cleared session is empty, still exists, and can be continued.",
    "delete-removes-session": "A deleted session is gone with its messages, and no other is.",
    "existence-agrees": (
        "session_exists is true from the first write to the deletion, for every client, "
        "and reading does not create a session."
    ),
    "fresh-reads": (
        "Every read sees every write that was answered before it began, "
        "whichever instance or process made it."
    ),
    "no-lost-writes": (
        "Processes that add to one session at the same time are all answered True, "
        "and each message is kept exactly once."
    ),
    "writer-order": (
        "The messages of one writer keep their order, however many others write at the same time."
    ),
    "prefix-reads": (
        "What a reader sees while others add is the beginning of the final history, "
        "never one with a gap and never less than it saw before."
    ),
    "atomic-replace": (
        "A replaced history is seen whole, old or new: never a mixture, never empty."
    ),
    "metadata-merge": (
        "Metadata fields written at the same time are all kept, and no other write drops them."
    ),
    "fair-reads": (
        "A reader beside a writer in a tight loop is served: it is not made to wait for both "
        "a quarter of a second and fifty writes."
    ),
    "late-append": (
        "When a delete and an append meet, the outcome is one of their two orders: "
        "a deleted message never comes back, and a later one is never lost."
    ),
    "acknowledged-survive": (
        "Every message that was answered with True is still there "
        "after its writer is killed at any moment."
    ),
    "bounded-wait": (
        "No operation waits longer than the store's own timeout for a process that stopped, "
        "and all work again when it goes on or is dead."
    ),
    "own-copy": (
        "What a store returns and what it was given belong to the caller: "
        "changing them changes nothing that is stored."
    ),
    "honest-writes": (
        "A write that is answered True is stored; one that is not raises or is answered False, "
        "and leaves what was there."
    ),
    "tool-turns": (
        "Tool calls and their results come back as they were added, "
        "and a shortened history never begins with a result whose call was cut off."
    ),
    "working-history": (
        "The working history is the summary of the last checkpoint and what was added since, "
        "or the whole history when there is none."
    ),
}

ABILITIES: dict[str, str] = {
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
