"""Which stores of other projects are put under the contract, and a fair word on each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """A store that no one here wrote.

    `factory` opens a client of it, `distribution` is what people install, `made_for` says what its
    project made it for, and `better` what it does better than files of JSON. `append` says what
    the bench times: all that happens in an append through the adapter. `largest` is the longest
    session that the bench makes of it, in messages.
    """

    name: str
    factory: str
    distribution: str
    made_for: str
    better: str
    append: str
    report: str = ""
    largest: int = 1_000

    @property
    def program(self) -> str:
        """The name of the file in `programs/stores` that uses the store without the adapter."""
        module, _, opener = self.factory.rpartition(".")[2].partition(":open")
        return module + opener

    @property
    def is_release(self) -> bool:
        """Whether it is PraisonAI's own, which the environment of the tests has."""
        return self.distribution == "praisonaiagents"


def _peer(name: str, factory: str, distribution: str, *words: str, largest: int = 1_000) -> Peer:
    return Peer(name, f"tests.contract.peers.{factory}", distribution, *words, largest=largest)


PEERS = [
    _peer(
        "PraisonAI, DefaultSessionStore",
        "praisonai:open_json",
        "praisonaiagents",
        "agents of one machine, with files that people can read",
        "A person can read and mend a session with an editor.",
        "Takes a lock, reads the file and writes it whole; nothing is flushed.",
        largest=10_000,
    ),
    _peer(
        "PraisonAI, SqliteSessionStore",
        "praisonai:open_index",
        "praisonaiagents",
        "the same files, found by an index",
        "A session is found by its agent without reading every file.",
        "The same; then reads the file again and renews the index of its words.",
        largest=10_000,
    ),
    _peer(
        "PraisonAI, SqliteTranscriptStore",
        "praisonai:open_transcript",
        "praisonaiagents",
        "long transcripts, searched and kept in SQLite",
        "A session is found by its agent without reading every file.",
        "One transaction that reads the session's row and writes it whole.",
        largest=10_000,
    ),
    _peer(
        "PraisonAI, EncryptedSessionStore",
        "praisonai:open_encrypted",
        "praisonaiagents",
        "any of the others, with content and metadata that only a key opens; here around "
        "`SqliteTranscriptStore`",
        "Who reads the disk learns ids, roles and times, and no word of a conversation.",
        "Encrypts the message, and then the transaction of `SqliteTranscriptStore`.",
    ),
    _peer(
        "openai-agents, SQLiteSession",
        "openai_agents:open_sqlite",
        "openai-agents",
        "the conversation of one agent in one application",
        "An append costs the same at any length.",
        "One transaction that adds a row.",
        largest=10_000,
    ),
    _peer(
        "openai-agents, SQLAlchemySession",
        "openai_agents:open_sqlalchemy",
        "openai-agents",
        "the same in any database that SQLAlchemy reaches",
        "Many machines share it through a database server.",
        "One transaction that adds a row, by an asynchronous driver in a thread of its own.",
    ),
    _peer(
        "LangChain, file",
        "langchain:open_file",
        "langchain-community",
        "examples and single programs; its project is being sunset",
        "Nothing is simpler to read.",
        "Reads the file and writes it whole, in place and without a lock.",
        largest=10_000,
    ),
    _peer(
        "LangChain, SQL",
        "langchain:open_sql",
        "langchain-community",
        "chat histories in a database; its project is being sunset",
        "Many machines share it through a database server.",
        "One transaction that adds a row.",
    ),
    _peer(
        "LangGraph, SqliteSaver",
        "langgraph:open_sqlite",
        "langgraph-checkpoint-sqlite",
        "checkpoints of a graph's whole state, for one writer at a time",
        "Every earlier state can be gone back to.",
        "Reads the last checkpoint, and adds a snapshot of the whole state; earlier ones are kept.",
        "langchain-ai/langgraph issue 8796",
    ),
    _peer(
        "Google ADK, DatabaseSessionService",
        "google_adk:open_database",
        "google-adk",
        "sessions of many users and applications, with events and state",
        "A writer whose copy is old is told so, and loses nothing.",
        "Reads the whole session, as a process that shares it must; then a transaction that "
        "compares versions, adds a row and updates the state.",
        "google/adk-python issues 917 and 3717",
        largest=100,
    ),
    _peer(
        "Google ADK, with retries",
        "google_adk:open_retrying",
        "google-adk",
        "the same, by a caller that reads again when it is told to",
        "A writer whose copy is old is told so, and loses nothing.",
        "The same, again whenever the session has changed in between.",
        largest=100,
    ),
    _peer(
        "Agno, JsonDb",
        "agno:open_json",
        "agno",
        "development, with files that people can read",
        "Runs, memories and metrics stand beside each other.",
        "A message is a run: reads and writes the file of all sessions for the session, and that "
        "of all runs for the run.",
        "agno-agi/agno issue 7479",
        largest=100,
    ),
    _peer(
        "Agno, SqliteDb",
        "agno:open_sqlite",
        "agno",
        "the runs of agents, teams and workflows",
        "Runs, memories and metrics are asked for in SQL.",
        "A message is a run: reads the session, then a transaction for it and one for the run.",
    ),
    _peer(
        "Strands, FileSessionManager",
        "strands:open_file",
        "strands-agents",
        "one agent in one process, one file for each message",
        "A message is written without touching the others.",
        "Writes a small file of its own and moves it into place.",
    ),
    _peer(
        "Agent Framework, FileHistoryProvider",
        "agent_framework:open_file",
        "agent-framework-core",
        "one process, one append-only file for each session",
        "An append adds one line, and what was written before stays as it is.",
        "Reads the file, to leave out what it has already, and adds a line.",
    ),
    _peer(
        "LlamaIndex, SimpleChatStore",
        "llama_index:open_file",
        "llama-index-core",
        "chats in memory, saved when the program says so",
        "Nothing is faster while it is in memory.",
        "The adapter reads the file of all sessions and writes it whole, since the store itself "
        "works in memory.",
    ),
    _peer(
        "Semantic Kernel, ChatHistory",
        "semantic_kernel:open_file",
        "semantic-kernel",
        "a history in memory, stored to a file when the program says so",
        "Nothing is faster while it is in memory.",
        "The adapter reads the file and writes it whole, since the store itself works in memory.",
    ),
]
