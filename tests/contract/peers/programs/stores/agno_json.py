from agno.db.json import JsonDb

db = JsonDb("sessions")
