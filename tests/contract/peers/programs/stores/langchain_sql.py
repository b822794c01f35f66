from langchain_community.chat_message_histories import SQLChatMessageHistory
from langchain_core.messages import HumanMessage
from sqlalchemy import create_engine

engine = create_engine("sqlite:///sessions.db")


def append(session, content):
    SQLChatMessageHistory(session, connection=engine).add_message(HumanMessage(content))


def read(session):
    return [each.content for each in SQLChatMessageHistory(session, connection=engine).messages]


def remove(session):
    SQLChatMessageHistory(session, connection=engine).clear()
