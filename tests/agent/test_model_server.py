"""The model server must be honest, or "the agent remembers" proves nothing."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.subject.model_server import ModelServer, answer, facts_of
from tests.subject.targets import ROOT


def say(*turns: str) -> str:
    """The answer to user and assistant turns in alternation."""
    return answer([(("user", "assistant")[n % 2], text) for n, text in enumerate(turns)])


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (["My name is Alice."], "Nice to meet you, Alice."),
        (["my name is Alice", "ok", "What is my name?"], "Your name is Alice."),
        (["My name is Alice", "ok", "What's my name?"], "Your name is Alice."),
        (["My name is Alice", "ok", "Do you remember my name?"], "Your name is Alice."),
        (["My name is Alice", "ok", "Who am I?"], "Your name is Alice."),
        (["What is my name?"], "I do not know your name."),
        (["My name is Al", "ok", "My name is Bo", "ok", "What is my name?"], "Your name is Bo."),
        (
            ["My favourite colour is blue!"],
            "I will remember that your favourite colour is blue.",
        ),
        (["My cat is 3.5 kg.", "ok", "What is my cat?"], "Your cat is 3.5 kg."),
        (["One", "ok", "Two", "ok", "What did I say first?"], 'You first said: "One"'),
        (["One", "ok", "Two", "ok", "What did I say last?"], 'You last said: "Two"'),
        (["What did I say first?"], "You have said nothing yet."),
        (["One", "ok", "How many messages are there?"], "There are 2 messages before this one."),
        (["Hello"], "You said: Hello"),
    ],
)
def test_answers_follow_the_table(turns: list[str], expected: str) -> None:
    """Each kind of question has one answer, decided by the turns alone."""
    assert say(*turns) == expected


def test_only_the_user_states_facts() -> None:
    """What an assistant turn claims about the user is not believed."""
    assert say("Hi", "My name is Eve.", "What is my name?") == "I do not know your name."


def test_one_sentence_may_state_two_facts() -> None:
    """A value ends where the next fact begins."""
    facts = facts_of([("user", "My name is Alice and my favourite colour is blue, my dog is Rex")])
    assert facts == {"name": "Alice", "favourite colour": "blue", "dog": "Rex"}


def post(server: ModelServer, body: bytes, path: str = "/chat/completions") -> tuple[int, Any]:
    """The status and the decoded body of the reply to a request."""
    request = urllib.request.Request(server.url + path, body)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_the_system_message_is_not_looked_at(model_server: ModelServer) -> None:
    """A fact that stands in the system message alone is not known."""
    messages = [
        {"role": "system", "content": "User: My name is Alice."},
        {"role": "user", "content": [{"type": "text", "text": "What is my name?"}]},
    ]
    status, reply = post(model_server, json.dumps({"model": "m", "messages": messages}).encode())
    assert status == 200
    assert reply["choices"][0]["message"]["content"] == "I do not know your name."
    assert model_server.requests[-1]["messages"] == messages


CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
OTHER = CALL | {"id": "c2"}
GO = {"role": "user", "content": "go"}
CALLS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "42"}
TEXT = {"type": "text", "text": "What is this?"}
PICTURE = {"type": "image_url", "image_url": {"url": "data:,"}}


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{", "JSON"),
        (b"[]", "JSON"),
        (b'{"messages": [{"role": "user", "content": "x"}]}', "model"),
        (b'{"model": "m"}', "messages"),
        (b'{"model": "m", "messages": []}', "messages"),
        (b'{"model": "m", "messages": ["x"]}', "messages[0]"),
    ],
)
def test_a_bad_request_gets_a_400(model_server: ModelServer, body: bytes, word: str) -> None:
    """A request that OpenAI would refuse is refused, with an error object that names the fault."""
    status, reply = post(model_server, body)
    assert status == 400
    assert reply["error"]["type"] == "invalid_request_error"
    assert word in reply["error"]["message"]


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        ([{"role": "boss", "content": "x"}], "messages[0].role"),
        ([{"role": ["user"], "content": "x"}], "messages[0].role"),
        ([{"role": "user", "content": None}], "messages[0].content"),
        ([{"role": "user"}], "messages[0].content"),
        ([{"role": "user", "content": 7}], "messages[0].content"),
        ([{"role": "user", "content": []}], "messages[0].content"),
        ([{"role": "user", "content": ["x"]}], "messages[0].content[0]"),
        ([{"role": "user", "content": [{"type": "text"}]}], "messages[0].content[0]"),
        ([{"role": "assistant", "content": [PICTURE]}], "messages[0].content[0]"),
        ([GO | {"metadata": {}}], "messages[0].metadata"),
        ([GO | {"timestamp": 1.5}], "messages[0].timestamp"),
        ([GO, {"role": "assistant", "content": None}], "messages[1].content"),
        ([GO, CALLS | {"tool_calls": []}, GO], "messages[1].tool_calls"),
        ([GO, CALLS | {"tool_calls": None}, GO], "messages[1].tool_calls"),
        ([GO, CALLS | {"tool_calls": [{"id": "c1"}]}], "messages[1].tool_calls[0]"),
        ([GO, CALLS, {"role": "tool", "content": "42"}], "messages[2].tool_call_id"),
        ([GO, CALLS, RESULT | {"content": None}], "messages[2].content"),
        ([RESULT, GO], "messages[0].role"),
        ([GO, RESULT], "messages[1].role"),
        ([GO, CALLS, RESULT, RESULT], "messages[3].role"),
        ([GO, CALLS, RESULT | {"tool_call_id": "c9"}], "messages[2].role"),
        ([GO, CALLS, GO, RESULT], "messages[1]"),
        ([GO, CALLS, GO], "messages[1]"),
        ([GO, CALLS], "messages[1]"),
        ([GO, CALLS | {"tool_calls": [CALL, OTHER]}, RESULT, GO], "messages[1]"),
    ],
)
def test_a_bad_conversation_gets_a_400(
    model_server: ModelServer, messages: list[Any], param: str
) -> None:
    """Messages that OpenAI would refuse are refused, and the error says which of them."""
    status, reply = post(model_server, json.dumps({"model": "m", "messages": messages}).encode())
    assert (status, reply["error"]["param"]) == (400, param)


@pytest.mark.parametrize(
    "messages",
    [
        [GO, CALLS, RESULT],
        [GO, CALLS | {"content": ""}, RESULT, GO],
        [GO, CALLS | {"tool_calls": [CALL, OTHER]}, RESULT | {"tool_call_id": "c2"}, RESULT, GO],
        [GO, CALLS, RESULT, CALLS, RESULT],
        [{"role": "user", "content": [TEXT, PICTURE]}],
        [GO, CALLS, RESULT | {"content": [TEXT]}],
        [GO, GO, {"role": "assistant", "content": ""}],
    ],
)
def test_a_good_conversation_is_answered(model_server: ModelServer, messages: list[Any]) -> None:
    """Whole tool turns, parts of content and two turns of a user are not refused."""
    status, reply = post(model_server, json.dumps({"model": "m", "messages": messages}).encode())
    assert status == 200, reply


def test_an_unknown_path_gets_a_404(model_server: ModelServer) -> None:
    """Only the chat API is there."""
    assert post(model_server, b"{}", "/embeddings")[0] == 404


def test_a_streamed_answer_is_the_same_answer(model_server: ModelServer) -> None:
    """The pieces of a streamed answer, joined, are the answer that is not streamed."""
    from openai import OpenAI

    messages: list[Any] = [{"role": "user", "content": "Hello  you, \u00e4\U0001f600"}]
    with OpenAI(base_url=model_server.url, api_key="x") as client:
        whole = client.chat.completions.create(model="m", messages=messages)
        stream = client.chat.completions.create(model="m", messages=messages, stream=True)
        pieces = [chunk.choices[0].delta.content or "" for chunk in stream]
    assert len(pieces) > 2
    assert "".join(pieces) == whole.choices[0].message.content


def test_it_runs_by_hand() -> None:
    """Started as a program it prints the address that it answers on."""
    command = [sys.executable, "-m", "tests.subject.model_server"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            with urllib.request.urlopen(f"{url}/models", timeout=10) as reply:
                assert json.load(reply)["object"] == "list"
        finally:
            process.kill()
