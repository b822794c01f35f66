from strands.session.file_session_manager import FileSessionManager
from strands.types.session import SessionAgent, SessionMessage

managers, numbers = {}, {}


def manager_of(session):
    if session not in managers:
        manager = managers[session] = FileSessionManager(session, storage_dir="sessions")
        if manager.read_agent(session, "agent") is None:
            manager.create_agent(session, SessionAgent("agent", {}, {}))
        stored = manager.list_messages(session, "agent")
        numbers[session] = stored[-1].message_id + 1 if stored else 0
    return managers[session]


def append(session, content):
    manager = manager_of(session)
    message = {"role": "user", "content": [{"text": content}]}
    manager.create_message(session, "agent", SessionMessage(message, numbers[session]))
    numbers[session] += 1


def read(session):
    stored = manager_of(session).list_messages(session, "agent")
    return [each.message["content"][0]["text"] for each in stored]


def remove(session):
    manager_of(session).delete_session(session)
    del managers[session]
