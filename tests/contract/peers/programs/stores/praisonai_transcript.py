from praisonaiagents.session import SqliteTranscriptStore

store = SqliteTranscriptStore("sessions", retention="keep_all")


def append(session, content):
    if store.add_message(session, "user", content) is not True:
        raise RuntimeError("not acknowledged")


def read(session):
    return [each["content"] for each in store.get_chat_history(session)]


def remove(session):
    store.delete_session(session)
