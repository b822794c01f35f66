from contextlib import suppress

from google.adk.sessions import DatabaseSessionService

from tests.contract.peers.programs.families.google_adk import add, wait_for

service = DatabaseSessionService("sqlite+aiosqlite:///sessions.db")


def append(session, content):
    while True:
        with suppress(ValueError):  # StaleSessionError is one.
            return wait_for(add(session, content))
