import asyncio

from agents import SQLiteSession

wait_for = asyncio.Runner().run
sessions = {}


def open_session(session):
    if session not in sessions:
        sessions[session] = SQLiteSession(session, "sessions.db")
    return sessions[session]


def append(session, content):
    wait_for(open_session(session).add_items([{"role": "user", "content": content}]))


def read(session):
    return [each["content"] for each in wait_for(open_session(session).get_items())]


def remove(session):
    wait_for(open_session(session).clear_session())
