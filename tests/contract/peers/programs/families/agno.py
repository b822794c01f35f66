from typing import Any
from uuid import uuid4

from agno.db.base import SessionType
from agno.models.message import Message
from agno.run.agent import RunOutput
from agno.session.agent import AgentSession

db: Any = None


def append(session, content):
    db.upsert_session(load(session) or AgentSession(session, agent_id="agent"))
    message = Message(role="user", content=content)
    run = RunOutput(uuid4().hex, agent_id="agent", session_id=session, messages=[message])
    db.upsert_run(run, session)


def load(session):
    return db.get_session(session, SessionType.AGENT)


def read(session):
    found = load(session)
    runs = (found.runs if found else None) or []
    return [message.content for run in runs for message in run.messages]


def remove(session):
    db.delete_session(session)
