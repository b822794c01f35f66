from agno.db.sqlite import SqliteDb

db = SqliteDb(db_file="sessions.db")
