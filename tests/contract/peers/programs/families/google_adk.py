import asyncio
from contextlib import suppress
from typing import Any

from google.adk.errors.already_exists_error import AlreadyExistsError
from google.adk.events import Event
from google.genai.types import Content, Part

service: Any = None
wait_for = asyncio.Runner().run


def load(session):
    return service.get_session(app_name="app", user_id="user", session_id=session)


async def add(session, content):
    if await load(session) is None:
        with suppress(AlreadyExistsError):
            await service.create_session(app_name="app", user_id="user", session_id=session)
    event = Event(author="user", content=Content(role="user", parts=[Part(text=content)]))
    await service.append_event(await load(session), event)


def append(session, content):
    wait_for(add(session, content))


def read(session):
    found = wait_for(load(session))
    return [each.content.parts[0].text or "" for each in found.events] if found else []


def remove(session):
    wait_for(service.delete_session(app_name="app", user_id="user", session_id=session))
