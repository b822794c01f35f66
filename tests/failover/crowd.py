"""A crowd of writers and readers on one store, in a process of its own.

Its standard input begins with a line of JSON that says what the crowd does, and ends when the crowd
shall end. Its standard output is the record of each call.
"""

import importlib
import json
import sys
import threading
import time
from typing import Any

from reference_impl.contract.calls import perform

# Seconds. A patient caller waits longer than any failover takes; a hasty one knows the error.
PATIENT = {"timeout": 120.0}
HASTY = {"timeout": 3.0, "answer": 1.0}
REST = 0.005
# After an error a caller rests for so long, so that its calls are not thousands.
PAUSE = 0.2
SESSIONS = 4
# Who calls is how: a repeater makes the call again that raised, and the giver-up does not.
ROLES: dict[str, dict[str, float]] = {
    "patient": PATIENT,
    "repeater": HASTY,
    "giver-up": HASTY,
    "reader": HASTY,
}
# How long a call may go on once the crowd shall end; then nobody knows what became of it.
LAST = 1.0


class Client:
    """One caller, and the record of its calls.

    Args:
        name: Of the caller in the records.
        role: A key of `ROLES`.
        store: Its own.
        over: Set when it shall end.
    """

    def __init__(self, name: str, role: str, store: Any, over: threading.Event) -> None:
        self.name, self.role, self._store, self._over = name, role, store, over
        self.records: list[dict[str, Any]] = []
        self.open: dict[str, Any] | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        number = 0
        while not self._over.is_set():
            session = f"s{number % SESSIONS}"
            number += 1
            if self.role == "reader":
                self._record(self._call("get_chat_history", session))
                self._over.wait(10 * REST)
                continue
            self._append(session, f"{self.name}-{number}")
            self._over.wait(REST)

    def _append(self, session: str, text: str) -> None:
        self.open = {"session": session, "messages": [text], "start": time.monotonic_ns()}
        record = self._call("add_message", session, "user", text)
        while record["error"] is not None:
            self.records.append({"raised": self._raised})
            self._over.wait(PAUSE)
            if self.role != "repeater" or self._over.is_set():
                break
            record = self._call("add_message", session, "user", text)
        self._record(record | {"start": self.open["start"]})

    def _call(self, method: str, session: str, *arguments: str) -> dict[str, Any]:
        return perform(self, self.name, method, session, [*arguments], {})

    def get_chat_history(self, session: str) -> Any:
        """A read of the store."""
        return self._store.get_chat_history(session)

    def add_message(self, *arguments: str) -> Any:
        """An append of the store; what it raises is known by a name that callers can catch."""
        try:
            return self._store.add_message(*arguments)
        except Exception as error:
            names = (each.__name__ for each in type(error).__mro__)
            self._raised = next(each for each in names if not each.startswith("_"))
            raise

    def _record(self, record: dict[str, Any]) -> None:
        self.records.append(record)
        self.open = None

    def close(self) -> list[dict[str, Any]]:
        """The records, with the append that is still going on."""
        if self.open is not None:
            none = dict.fromkeys(("end", "limit", "answer", "error", "raised_at"))
            self.records.append({"client": self.name, "method": "add_message"} | none | self.open)
        return self.records


def main() -> None:
    """Call until standard input ends, and print what came of it."""
    spec = json.loads(sys.stdin.readline())
    module = importlib.import_module(spec["module"])
    over = threading.Event()
    clients = []
    for number, role in enumerate(spec["roles"]):
        store = getattr(module, spec["class"])(**spec["arguments"] | ROLES[role])
        clients.append(Client(f"{spec['name']}{number}", role, store, over))
    for client in clients:
        client.thread.start()
    print("ready", flush=True)
    sys.stdin.read()
    over.set()
    deadline = time.monotonic() + LAST
    for client in clients:
        client.thread.join(max(0.0, deadline - time.monotonic()))
    for record in [each for client in clients for each in client.close()]:
        print(json.dumps(record))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
