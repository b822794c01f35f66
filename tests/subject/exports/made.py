"""The files of openai-agents 0.24.0 and langchain-community 0.4.2, made by them, as SQL text.

Run it with the packages of `tests/contract/peers/constraints.txt`: `python made.py DIRECTORY`.
"""

import asyncio
import sqlite3
import sys
from pathlib import Path

CALL = {
    "type": "function_call",
    "call_id": "call-1",
    "name": "weather",
    "arguments": '{"city": "Oslo"}',
}
OTHER = CALL | {"call_id": "call-2", "arguments": '{"city": "Bergen"}'}


async def openai_agents(path: str) -> None:
    from agents import SQLiteSession

    session = SQLiteSession("alice", path)
    await session.add_items(
        [
            {"role": "user", "content": "Will it rain?"},
            {"type": "reasoning", "id": "rs-1", "summary": []},
            CALL,
            OTHER,
            {"type": "function_call_output", "call_id": "call-1", "output": "rain"},
            {"type": "function_call_output", "call_id": "call-2", "output": "sun"},
            {
                "id": "msg-1",
                "type": "message",
                "role": "assistant",
                "status": "completed",
                "content": [{"type": "output_text", "text": "Take a coat.", "annotations": []}],
            },
            {"role": "user", "content": "Thanks"},
        ]
    )
    await SQLiteSession("bob", path).add_items([{"role": "user", "content": "of another session"}])
    session.close()


def langchain(path: str) -> None:
    from langchain_community.chat_message_histories import SQLChatMessageHistory
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

    calls = [
        {"name": "weather", "args": {"city": city}, "id": each}
        for each, city in (("call-1", "Oslo"), ("call-2", "Bergen"))
    ]
    history = SQLChatMessageHistory("alice", connection=f"sqlite:///{path}")
    history.add_messages(
        [
            SystemMessage("Be brief."),
            HumanMessage("Will it rain?"),
            AIMessage("", tool_calls=calls),
            ToolMessage("rain", tool_call_id="call-1"),
            ToolMessage("sun", tool_call_id="call-2"),
            AIMessage([{"type": "text", "text": "Take a coat."}]),
            HumanMessage("Thanks"),
        ]
    )
    SQLChatMessageHistory("bob", connection=f"sqlite:///{path}").add_user_message(
        "of another session"
    )


def main(directory: Path) -> None:
    asyncio.run(openai_agents(str(directory / "agents.db")))
    langchain(str(directory / "langchain.db"))
    for name in ("agents", "langchain"):
        with sqlite3.connect(directory / f"{name}.db") as db:
            (directory / f"{name}.sql").write_text("\n".join(db.iterdump()) + "\n", "utf-8")
        db.close()
        (directory / f"{name}.db").unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
