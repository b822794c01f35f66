from reference_impl import DefaultSessionStore

store = DefaultSessionStore("sessions", retention="keep_all")
