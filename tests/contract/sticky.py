"""A store whose refused message leaves a transaction open, in one file that all clauses share."""

import json
import os
import sqlite3
from typing import Any


class Sticky:
    """One connection for each client; others wait 30 s for its transaction."""

    def __init__(self) -> None:
        place = os.environ["STICKY_FILE"]
        self.db = sqlite3.connect(place, isolation_level=None, timeout=30, check_same_thread=False)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY)")
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS messages "
            "(number INTEGER PRIMARY KEY, id TEXT, role TEXT, content TEXT, metadata TEXT)"
        )

    def add_message(
        self, session_id: str, role: str, content: str, metadata: dict[str, Any] | None = None
    ) -> bool:
        """Begin, fail on what SQLite cannot hold, and forget to roll back."""
        self.db.execute("BEGIN IMMEDIATE")
        self.db.execute("INSERT OR IGNORE INTO sessions VALUES (?)", (session_id,))
        row = (session_id, role, content, json.dumps(metadata))
        self.db.execute("INSERT INTO messages VALUES (NULL, ?, ?, ?, ?)", row)
        self.db.execute("COMMIT")
        return True

    def get_chat_history(
        self, session_id: str, max_messages: int | None = None
    ) -> list[dict[str, Any]]:
        """The messages, in order."""
        query = "SELECT role, content FROM messages WHERE id = ? ORDER BY number"
        rows = self.db.execute(query, (session_id,)).fetchall()
        return [{"role": role, "content": text} for role, text in rows][-(max_messages or 0) :]

    def clear_session(self, session_id: str) -> bool:
        """Delete the messages."""
        self.db.execute("DELETE FROM messages WHERE id = ?", (session_id,))
        return True

    def delete_session(self, session_id: str) -> bool:
        """Delete the session."""
        self.clear_session(session_id)
        self.db.execute("DELETE FROM sessions WHERE id = ?", (session_id,))
        return True

    def session_exists(self, session_id: str) -> bool:
        """Whether there is a session."""
        query = "SELECT 1 FROM sessions WHERE id = ?"
        return self.db.execute(query, (session_id,)).fetchone() is not None
