from base64 import urlsafe_b64encode

from praisonaiagents.session import EncryptedSessionStore, SqliteTranscriptStore

key = urlsafe_b64encode(bytes(32)).decode()
store = EncryptedSessionStore(SqliteTranscriptStore("sessions", retention="keep_all"), key)
