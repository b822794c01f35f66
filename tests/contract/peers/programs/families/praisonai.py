from typing import Any

store: Any = None


def append(session, content):
    if store.add_message(session, "user", content) is not True:
        raise RuntimeError("not acknowledged")


def turn(session, question, answer):
    append(session, question)
    store.add_message(session, "assistant", answer)


def read(session):
    return [each["content"] for each in store.get_chat_history(session)]


def remove(session):
    store.delete_session(session)


def listed(session):
    store.set_agent_info(session, agent_name="agent")
    [found] = store.get_sessions_by_agent("agent")
    return [each.content for each in found.messages]


def call(session):
    function = {"name": "weather", "arguments": "{}"}
    calls = [{"id": "c1", "type": "function", "function": function}]
    store.add_message(session, "assistant", "", tool_calls=calls)


def newest(session, count):
    return store.get_chat_history(session, max_messages=count)
