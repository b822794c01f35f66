from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.storage.chat_store import SimpleChatStore


def append(session, content):
    store = SimpleChatStore.from_persist_path("chats.json")
    store.add_message(session, ChatMessage(role="user", content=content))
    store.persist("chats.json")


def read(session):
    store = SimpleChatStore.from_persist_path("chats.json")
    return [each.content for each in store.get_messages(session)]


def remove(session):
    store = SimpleChatStore.from_persist_path("chats.json")
    store.delete_messages(session)
    store.persist("chats.json")
