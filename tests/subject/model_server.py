"""A loopback model that knows nothing but the messages of the request.

It speaks the OpenAI chat API, streamed or not, and looks at the user and assistant turns
alone, never at the system message. So an agent that remembers a name can only have sent it.

The last user turn decides the answer. The first line that fits counts:

=========================================  ============================================
What is my name?                           Your name is Alice.
(also: Do you know / remember my name?)
What is my favourite colour?               I do not know your favourite colour.
Who am I?                                  Your name is Alice.
What did I say first?                      You first said: "My name is Alice."
What did I say last?                       You last said: "My favourite colour is blue."
How many messages are there?               There are 4 messages before this one.
My name is Alice.                          Nice to meet you, Alice.
My favourite colour is blue.               I will remember that your favourite colour is blue.
(anything else)                            You said: (the same text)
=========================================  ============================================

Where the request has a tool whose name stands in the last user turn, the answer is a call of
that tool without arguments; behind its result, "The tool said: " and the result.

What a real endpoint answers with error 400, it refuses too: `tests/subject/chat_api.py`.

A fact is any "My <thing> is <value>" in a user turn; a later one replaces an earlier one.
A value ends at a comma, at the end of a sentence, or at "and my" and "and I".

Run by hand: `python -m tests.subject.model_server 8099`, then set `OPENAI_BASE_URL` to
what it prints.
"""

import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self

from tests.subject.chat_api import fault

Turns = list[tuple[str, str]]

_FACT = re.compile(
    r"\bmy (?P<thing>[a-z][\w' -]{0,40}?) (?:is|are) "
    r"(?P<value>.+?)(?=[,;\n]|[.!?](?:\s|$)|\s+(?:and|but)\s+(?:my|i)\b|$)",
    re.IGNORECASE,
)


def text_of(content: Any) -> str:
    """The text of a message's content, which may be a list of parts."""
    if isinstance(content, list):
        return "\n".join(part["text"] for part in content if part["type"] == "text")
    return content or ""


def turns_of(request: dict[str, Any]) -> Turns:
    """The user and assistant turns of a request, as pairs of role and text."""
    return [
        (message["role"], text_of(message.get("content")))
        for message in request["messages"]
        if message["role"] in ("user", "assistant")
    ]


def facts_of(turns: Turns) -> dict[str, str]:
    """What the user turns say about the user, the latest statement last."""
    return {
        found["thing"].lower(): found["value"].strip()
        for role, text in turns
        if role == "user"
        for found in _FACT.finditer(text)
    }


def _tell(turns: Turns, thing: str) -> str:
    thing = thing.strip().lower()
    facts = facts_of(turns)
    return f"Your {thing} is {facts[thing]}." if thing in facts else f"I do not know your {thing}."


def _said(turns: Turns, which: int) -> str:
    earlier = [text for role, text in turns[:-1] if role == "user"]
    word = "first" if which == 0 else "last"
    return f'You {word} said: "{earlier[which]}"' if earlier else "You have said nothing yet."


def _count(turns: Turns) -> str:
    number = len(turns) - 1
    amount = "is 1 message" if number == 1 else f"are {number} messages"
    return f"There {amount} before this one."


def _greet(found: re.Match[str]) -> str:
    thing, value = found["thing"].lower(), found["value"].strip()
    if thing == "name":
        return f"Nice to meet you, {value}."
    return f"I will remember that your {thing} is {value}."


_RULES: list[tuple[re.Pattern[str], Callable[[Turns, re.Match[str]], str]]] = [
    (re.compile(pattern, re.IGNORECASE), answer)
    for pattern, answer in (
        (r"\bwhat(?:'s| is| are) my ([^?]+)\?", lambda turns, found: _tell(turns, found[1])),
        (r"\bdo you (?:know|remember) my ([^?]+)\?", lambda turns, found: _tell(turns, found[1])),
        (r"\bwho am i\?", lambda turns, found: _tell(turns, "name")),
        (r"\bwhat did i say first\?", lambda turns, found: _said(turns, 0)),
        (r"\bwhat did i say last\?", lambda turns, found: _said(turns, -1)),
        (r"\bhow many messages\b", lambda turns, found: _count(turns)),
        (_FACT.pattern, lambda turns, found: _greet(found)),
    )
]


def answer(turns: Turns) -> str:
    """The reply to the last user turn, from these turns alone."""
    prompt = next((text for role, text in reversed(turns) if role == "user"), "")
    for pattern, reply in _RULES:
        if found := pattern.search(prompt):
            return reply(turns, found)
    return f"You said: {prompt}"


def call_of(request: dict[str, Any], number: int) -> dict[str, Any] | None:
    """The tool call that answers a request; None where words do."""
    last = request["messages"][-1]
    words = set(re.findall(r"\w+", text_of(last["content"]))) if last["role"] == "user" else set()
    for tool in request.get("tools") or ():
        if (name := tool["function"]["name"]) in words:
            function = {"name": name, "arguments": "{}"}
            return {"id": f"call_{number}", "type": "function", "function": function}
    return None


def words_of(request: dict[str, Any]) -> str:
    """The words that answer a request."""
    last = request["messages"][-1]
    if last["role"] == "tool":
        return f"The tool said: {text_of(last['content'])}"
    return answer(turns_of(request))


def problem(request: Any) -> tuple[str, str | None] | None:
    """What is wrong with a request, and in which parameter; None for a good one."""
    if not isinstance(request, dict):
        return "We could not parse the JSON body of your request.", None
    if not isinstance(request.get("model"), str):
        return "you must provide a model parameter", "model"
    return fault(request.get("messages"))


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        if self.path.rstrip("/") == "/v1/models":
            return self._json(200, {"object": "list", "data": [{"id": "any", "object": "model"}]})
        if self.path.rstrip("/") == "/v1/asked":
            return self._json(200, len(self.server.owner.requests))
        return self._error(404, f"Invalid URL (GET {self.path})")

    def do_PUT(self) -> None:
        """Set the `failure` and the `delay` of the server, from another process."""
        told = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        for name in told.keys() & {"failure", "delay"}:
            setattr(self.server.owner, name, told[name])
        self._json(200, {})

    def do_POST(self) -> None:
        owner = self.server.owner
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.rstrip("/") != "/v1/chat/completions":
            return self._error(404, f"Invalid URL (POST {self.path})")
        try:
            request = json.loads(body)
        except ValueError:
            request = None
        owner.requests.append(request)
        if owner.delay:
            time.sleep(owner.delay)
        if owner.failure:
            return self._error(owner.failure, "The model server was told to fail.")
        if wrong := problem(request):
            return self._error(400, *wrong)
        number = len(owner.requests)
        called = call_of(request, number)
        message: dict[str, Any] = {"role": "assistant"}
        message |= (
            {"content": None, "tool_calls": [called]} if called else {"content": words_of(request)}
        )
        reason = "tool_calls" if called else "stop"
        if request.get("stream"):
            return self._stream(request["model"], message, reason, number)
        choice = {"index": 0, "message": message, "finish_reason": reason}
        usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        head = _head("chat.completion", request["model"], number)
        return self._json(200, head | {"choices": [choice], "usage": usage})

    def _stream(self, model: str, message: dict[str, Any], reason: str, number: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for delta in _deltas(message):
            chunk = _head("chat.completion.chunk", model, number)
            end = None if delta else reason
            chunk["choices"] = [{"index": 0, "delta": delta, "finish_reason": end}]
            self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        self.wfile.write(b"data: [DONE]\n\n")

    def _error(self, status: int, message: str, param: str | None = None) -> None:
        kind = "invalid_request_error" if status < 500 else "server_error"
        error = {"message": message, "type": kind, "param": param, "code": None}
        self._json(status, {"error": error})

    def _json(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Keep test output clean; `requests` holds what came in."""


def _head(kind: str, model: str, number: int) -> dict[str, Any]:
    return {"id": f"chatcmpl-{number}", "object": kind, "created": 0, "model": model}


def _deltas(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for number, call in enumerate(message.get("tool_calls", ())):
        yield {"tool_calls": [{"index": number, **call}]}
    for word in re.findall(r"\s*\S+|\s+$", message["content"] or ""):
        yield {"content": word}
    yield {}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    owner: "ModelServer"

    def server_bind(self) -> None:
        # HTTPServer looks up the machine's name here, which takes seconds on some systems.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in the middle of an answer is no fault of the server."""


class ModelServer:
    """The model server on a free port of 127.0.0.1, for the length of a `with` block.

    `requests` holds the body of every chat request, in order of arrival. `failure`, an HTTP
    status, makes every request fail with it; `delay` holds answers back by so many seconds. Another
    process can PUT either to `url`, and GET at `url/asked` how many requests there were.
    """

    def __init__(self, port: int = 0) -> None:
        self.requests: list[Any] = []
        self.failure: int | None = None
        self.delay: float = 0
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def url(self) -> str:
        """What `OPENAI_BASE_URL` must be."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a program that talks to it."""
        return {"OPENAI_BASE_URL": self.url}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


if __name__ == "__main__":
    with ModelServer(int(sys.argv[1]) if len(sys.argv) > 1 else 0) as running:
        print(running.url, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("stopped")
