import asyncio

from agents.extensions.memory import SQLAlchemySession

wait_for = asyncio.Runner().run
url = "sqlite+aiosqlite:///sessions.db"
sessions = {}


def open_session(session):
    if session not in sessions:
        made = SQLAlchemySession.from_url(session, url=url, create_tables=True)
        sessions[session] = made
    return sessions[session]


def append(session, content):
    wait_for(open_session(session).add_items([{"role": "user", "content": content}]))


def read(session):
    return [each["content"] for each in wait_for(open_session(session).get_items())]


def remove(session):
    wait_for(open_session(session).clear_session())
