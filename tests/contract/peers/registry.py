"""Which stores of other projects are put under the contract, and a fair word on each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """A store that no one here wrote.

    `factory` opens a client of it, `distribution` is what people install, `made_for` says what its
    project made it for, and `better` what it does better than files of JSON.
    """

    name: str
    factory: str
    distribution: str
    made_for: str
    better: str
    report: str = ""

    @property
    def program(self) -> str:
        """The name of the file in `programs/stores` that uses the store without the adapter."""
        module, _, opener = self.factory.rpartition(".")[2].partition(":open")
        return module + opener

    @property
    def is_release(self) -> bool:
        """Whether it is PraisonAI's own, which the environment of the tests has."""
        return self.distribution == "praisonaiagents"


def _peer(name: str, factory: str, distribution: str, *words: str) -> Peer:
    return Peer(name, f"tests.contract.peers.{factory}", distribution, *words)


PEERS = [
    _peer(
        "PraisonAI, DefaultSessionStore",
        "praisonai:open_json",
        "praisonaiagents",
        "agents of one machine, with files that people can read",
        "A person can read and mend a session with an editor.",
    ),
    _peer(
        "PraisonAI, SqliteSessionStore",
        "praisonai:open_index",
        "praisonaiagents",
        "the same files, found by an index",
        "A session is found by its agent without reading every file.",
    ),
    _peer(
        "PraisonAI, SqliteTranscriptStore",
        "praisonai:open_transcript",
        "praisonaiagents",
        "long transcripts, searched and kept in SQLite",
        "An append costs the same at any length.",
    ),
    _peer(
        "PraisonAI, EncryptedSessionStore",
        "praisonai:open_encrypted",
        "praisonaiagents",
        "any of the others, with content and metadata that only a key opens; here around "
        "`SqliteTranscriptStore`",
        "Who reads the disk learns ids, roles and times, and no word of a conversation.",
    ),
    _peer(
        "openai-agents, SQLiteSession",
        "openai_agents:open_sqlite",
        "openai-agents",
        "the conversation of one agent in one application",
        "An append costs the same at any length.",
    ),
    _peer(
        "openai-agents, SQLAlchemySession",
        "openai_agents:open_sqlalchemy",
        "openai-agents",
        "the same in any database that SQLAlchemy reaches",
        "Many machines share it through a database server.",
    ),
    _peer(
        "LangChain, file",
        "langchain:open_file",
        "langchain-community",
        "examples and single programs; its project is being sunset",
        "Nothing is simpler to read.",
    ),
    _peer(
        "LangChain, SQL",
        "langchain:open_sql",
        "langchain-community",
        "chat histories in a database; its project is being sunset",
        "Many machines share it through a database server.",
    ),
    _peer(
        "LangGraph, SqliteSaver",
        "langgraph:open_sqlite",
        "langgraph-checkpoint-sqlite",
        "checkpoints of a graph's whole state, for one writer at a time",
        "Every earlier state can be gone back to.",
        "langchain-ai/langgraph issue 8796",
    ),
    _peer(
        "Google ADK, DatabaseSessionService",
        "google_adk:open_database",
        "google-adk",
        "sessions of many users and applications, with events and state",
        "A writer whose copy is old is told so, and loses nothing.",
        "google/adk-python issues 917 and 3717",
    ),
    _peer(
        "Google ADK, with retries",
        "google_adk:open_retrying",
        "google-adk",
        "the same, by a caller that reads again when it is told to",
        "A writer whose copy is old is told so, and loses nothing.",
    ),
    _peer(
        "Agno, JsonDb",
        "agno:open_json",
        "agno",
        "development, with files that people can read",
        "Runs, memories and metrics stand beside each other.",
        "agno-agi/agno issue 7479",
    ),
    _peer(
        "Agno, SqliteDb",
        "agno:open_sqlite",
        "agno",
        "the runs of agents, teams and workflows",
        "Runs, memories and metrics are asked for in SQL.",
    ),
    _peer(
        "Strands, FileSessionManager",
        "strands:open_file",
        "strands-agents",
        "one agent in one process, one file for each message",
        "A message is written without touching the others.",
    ),
    _peer(
        "Agent Framework, FileHistoryProvider",
        "agent_framework:open_file",
        "agent-framework-core",
        "one process, one append-only file for each session",
        "An append adds one line, and what was written before stays as it is.",
    ),
    _peer(
        "LlamaIndex, SimpleChatStore",
        "llama_index:open_file",
        "llama-index-core",
        "chats in memory, saved when the program says so",
        "Nothing is faster while it is in memory.",
    ),
    _peer(
        "Semantic Kernel, ChatHistory",
        "semantic_kernel:open_file",
        "semantic-kernel",
        "a history in memory, stored to a file when the program says so",
        "Nothing is faster while it is in memory.",
    ),
]
