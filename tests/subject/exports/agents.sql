BEGIN TRANSACTION;
CREATE TABLE agent_messages (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                session_id TEXT NOT NULL,
                message_data TEXT NOT NULL,
                created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
                FOREIGN KEY (session_id) REFERENCES agent_sessions (session_id)
                    ON DELETE CASCADE
            );
INSERT INTO "agent_messages" VALUES(1,'alice','{"role": "user", "content": "Will it rain?"}','2026-12-01 00:57:19');
INSERT INTO "agent_messages" VALUES(2,'alice','{"type": "reasoning", "id": "rs-1", "summary": []}','2026-12-01 00:57:19');
INSERT INTO "agent_messages" VALUES(3,'alice','{"type": "function_call", "call_id": "call-1", "name": "weather", "arguments": "{\"city\": \"Oslo\"}"}','2026-12-01 00:57:19');
INSERT INTO "agent_messages" VALUES(4,'alice','{"type": "function_call", "call_id": "call-2", "name": "weather", "arguments": "{\"city\": \"Bergen\"}"}','2026-12-01 00:57:19');
INSERT INTO "agent_messages" VALUES(5,'alice','{"type": "function_call_output", "call_id": "call-1", "output": "rain"}','2026-12-01 00:57:19');
INSERT INTO "agent_messages" VALUES(6,'alice','{"type": "function_call_output", "call_id": "call-2", "output": "sun"}','2026-12-01 00:57:19');
INSERT INTO "agent_messages" VALUES(7,'alice','{"id": "msg-1", "type": "message", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": "Take a coat.", "annotations": []}]}','2026-12-01 00:57:19');
INSERT INTO "agent_messages" VALUES(8,'alice','{"role": "user", "content": "Thanks"}','2026-12-01 00:57:19');
INSERT INTO "agent_messages" VALUES(9,'bob','{"role": "user", "content": "of another session"}','2026-12-01 00:57:19');
CREATE TABLE agent_sessions (
                session_id TEXT PRIMARY KEY,
                created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
                updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
            );
INSERT INTO "agent_sessions" VALUES('alice','2026-12-01 00:57:19','2026-12-01 00:57:19');
INSERT INTO "agent_sessions" VALUES('bob','2026-12-01 00:57:19','2026-12-01 00:57:19');
CREATE INDEX idx_agent_messages_session_id
            ON agent_messages (session_id, id)
        ;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('agent_messages',9);
COMMIT;
