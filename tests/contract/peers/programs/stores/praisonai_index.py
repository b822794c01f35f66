from praisonaiagents.session import SqliteSessionStore

store = SqliteSessionStore("sessions", retention="keep_all")
