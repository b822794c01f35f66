BEGIN TRANSACTION;
CREATE TABLE message_store (
	id INTEGER NOT NULL, 
	session_id TEXT, 
	message TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "message_store" VALUES(1,'alice','{"type": "system", "data": {"content": "Be brief.", "additional_kwargs": {}, "response_metadata": {}, "type": "system", "name": null, "id": null}}');
INSERT INTO "message_store" VALUES(2,'alice','{"type": "human", "data": {"content": "Will it rain?", "additional_kwargs": {}, "response_metadata": {}, "type": "human", "name": null, "id": null}}');
INSERT INTO "message_store" VALUES(3,'alice','{"type": "ai", "data": {"content": "", "additional_kwargs": {}, "response_metadata": {}, "type": "ai", "name": null, "id": null, "tool_calls": [{"name": "weather", "args": {"city": "Oslo"}, "id": "call-1", "type": "tool_call"}, {"name": "weather", "args": {"city": "Bergen"}, "id": "call-2", "type": "tool_call"}], "invalid_tool_calls": [], "usage_metadata": null}}');
INSERT INTO "message_store" VALUES(4,'alice','{"type": "tool", "data": {"content": "rain", "additional_kwargs": {}, "response_metadata": {}, "type": "tool", "name": null, "id": null, "tool_call_id": "call-1", "artifact": null, "status": "success"}}');
INSERT INTO "message_store" VALUES(5,'alice','{"type": "tool", "data": {"content": "sun", "additional_kwargs": {}, "response_metadata": {}, "type": "tool", "name": null, "id": null, "tool_call_id": "call-2", "artifact": null, "status": "success"}}');
INSERT INTO "message_store" VALUES(6,'alice','{"type": "ai", "data": {"content": [{"type": "text", "text": "Take a coat."}], "additional_kwargs": {}, "response_metadata": {}, "type": "ai", "name": null, "id": null, "tool_calls": [], "invalid_tool_calls": [], "usage_metadata": null}}');
INSERT INTO "message_store" VALUES(7,'alice','{"type": "human", "data": {"content": "Thanks", "additional_kwargs": {}, "response_metadata": {}, "type": "human", "name": null, "id": null}}');
INSERT INTO "message_store" VALUES(8,'bob','{"type": "human", "data": {"content": "of another session", "additional_kwargs": {}, "response_metadata": {}, "type": "human", "name": null, "id": null}}');
COMMIT;
