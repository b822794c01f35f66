from praisonaiagents.session import SqliteTranscriptStore

store = SqliteTranscriptStore("sessions", retention="keep_all")
