import asyncio

from agent_framework import FileHistoryProvider, Message

provider = FileHistoryProvider("sessions")
wait_for = asyncio.Runner().run


def append(session, content):
    wait_for(provider.save_messages(session, [Message("user", [content])]))


def turn(session, question, answer):
    messages = [Message("user", [question]), Message("assistant", [answer])]
    wait_for(provider.save_messages(session, messages))


def read(session):
    return [each.text for each in wait_for(provider.get_messages(session))]
