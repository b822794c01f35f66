from langchain_community.chat_message_histories import FileChatMessageHistory
from langchain_core.messages import HumanMessage


def append(session, content):
    FileChatMessageHistory(f"{session}.json").add_message(HumanMessage(content))


def read(session):
    return [each.content for each in FileChatMessageHistory(f"{session}.json").messages]


def remove(session):
    FileChatMessageHistory(f"{session}.json").clear()
