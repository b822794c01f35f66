from google.adk.sessions import DatabaseSessionService

service = DatabaseSessionService("sqlite+aiosqlite:///sessions.db")
