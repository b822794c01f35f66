import asyncio

from agent_framework import FileHistoryProvider, Message

provider = FileHistoryProvider("sessions")
wait_for = asyncio.Runner().run


def append(session, content):
    wait_for(provider.save_messages(session, [Message("user", [content])]))


def read(session):
    return [each.text for each in wait_for(provider.get_messages(session))]
