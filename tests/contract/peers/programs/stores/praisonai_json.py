from praisonaiagents.session import DefaultSessionStore

store = DefaultSessionStore("sessions", retention="keep_all")
