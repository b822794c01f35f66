from pathlib import Path

from semantic_kernel.contents import ChatHistory


def load(session):
    path = Path(f"{session}.json")
    return ChatHistory.load_chat_history_from_file(str(path)) if path.exists() else ChatHistory()


def append(session, content):
    history = load(session)
    history.add_message({"role": "user", "content": content})
    history.store_chat_history_to_file(f"{session}.json")


def read(session):
    return [each.content for each in load(session).messages]


def remove(session):
    history = load(session)
    history.clear()
    history.store_chat_history_to_file(f"{session}.json")
