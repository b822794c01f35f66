"""As much of Telegram's API as a bot needs, on loopback: what users say, and what they are sent."""

import json
import queue
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

ME = {"id": 9, "is_bot": True, "first_name": "Bot", "username": "a_bot"}
PRIVATE = {"id": 7, "type": "private", "first_name": "Alice"}
GROUP = {"id": -100, "type": "group", "title": "Friends"}


class Telegram:
    """A server for the length of a `with` block; `sent` has the texts that the bot sent."""

    def __init__(self) -> None:
        self._updates: queue.Queue[dict[str, Any]] = queue.Queue()
        self.sent: queue.Queue[str] = queue.Queue()
        self._count = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = parse_qs(self.rfile.read(size).decode())
                answer = server._answer(self.path.rpartition("/")[2], body)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps({"ok": True, "result": answer}).encode())

            def log_message(self, *args: Any) -> None:
                """Keep test output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]

    @property
    def address(self) -> str:
        """The bot's base URL."""
        return f"http://127.0.0.1:{self._server.server_port}/bot"

    def say(self, text: str, chat: dict[str, Any] = PRIVATE) -> None:
        """User 7 says something."""
        self._count += 1
        user = {"id": 7, "is_bot": False, "first_name": "Alice"}
        message = {"message_id": self._count, "date": int(time.time()), "text": text}
        message |= {"chat": chat, "from": user}
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
        self._updates.put({"update_id": self._count, "message": message})

    def ask(self, text: str, chat: dict[str, Any] = PRIVATE) -> str:
        """User 7 says something, and is sent an answer that is no mere sign of life."""
        self.say(text, chat)
        while (answer := self.sent.get(timeout=40)).endswith("Thinking..."):
            pass
        return answer

    def _answer(self, method: str, body: dict[str, list[str]]) -> Any:
        match method:
            case "getMe":
                return ME
            case "getUpdates":
                try:
                    return [self._updates.get(timeout=0.2)]
                except queue.Empty:
                    return []
            case "sendMessage" | "editMessageText":
                self.sent.put(body["text"][0])
                return {"message_id": 1, "date": 1, "chat": PRIVATE, "text": body["text"][0]}
        return True

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
