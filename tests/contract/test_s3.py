"""What is S3's own: clients of threads, versions, equal bodies, and a bucket that is not there."""

import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from botocore.exceptions import ClientError

from executable_pages.testing.sandbox import Sandbox
from tests.contract.test_recipes import on
from tests.faults.links import imported
from tests.subject.recipes import IMITATED, RECIPES, Recipe
from tests.subject.targets import Target

S3 = [each for each in RECIPES if each.page == "s3"]


@pytest.fixture
def module(recipe: Recipe, server: dict[str, str], tmp_path: Path) -> Any:
    """The recipe as a module, and its server."""
    with patch.dict(os.environ, server):
        yield imported(tmp_path, recipe.write(tmp_path))


THREADS = """
import threading
import {module} as module

gate, answers = None, []


def use(number, store=None):
    gate.wait()
    store = store or module.open_store()
    answers.append(store.get_chat_history(f"none-{{number}}") == [])
    answers.append(store.add_message(f"threads-{{number}}", "user", "Hello"))


def all_at_once(count, *store):
    global gate
    gate = threading.Barrier(count)
    threads = [threading.Thread(target=use, args=(number, *store)) for number in range(count)]
    for each in threads: each.start()
    for each in threads: each.join()


# The first use of a store, of a store in a forked child, and the first stores of a process.
store = module.open_store()
all_at_once(16, store)
all_at_once(4)
# As in a child, which has no client of its own yet.
store._clients.clear()
all_at_once(4, store)
print(answers.count(True), len(answers))
"""


@on(S3)
def test_the_first_use_may_be_in_threads(
    recipe: Recipe, server: dict[str, str], sandbox: Sandbox
) -> None:
    """Threads that use a store, or make stores, at the same moment all get their answer."""
    module = recipe.write(sandbox.work)
    path = sandbox.environment(Target.REFERENCE)["PYTHONPATH"]
    extra = {**server, "PYTHONPATH": f"{sandbox.work}{os.pathsep}{path}"}
    out = sandbox.python(THREADS.format(module=module), Target.REFERENCE, extra=extra)
    assert out.split() == ["48", "48"]


@on([*S3, IMITATED])
def test_versions_go_with_what_is_deleted(recipe: Recipe, module: Any) -> None:
    """In a bucket that keeps versions a clear and a delete remove those that hold messages."""
    admin = boto3.session.Session().client("s3")
    # SeaweedFS 4.48 refuses every IfMatch on an object from before its versions were suspended.
    for states in [["Enabled"], ["Enabled", "Suspended"]][: 2 if recipe is IMITATED else 1]:
        bucket = "-".join(states).lower()
        admin.create_bucket(Bucket=bucket)
        store = module.S3SessionStore(bucket)
        for state in states:
            admin.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": state})
            for session in ("kept", "cleared", "deleted"):
                store.add_message(session, "user", "my PIN is 1234")
                store.add_message(session, "user", "my PIN is 5678")
        assert store.clear_session("cleared") is True
        assert store.delete_session("deleted") is True
        versions = admin.list_object_versions(Bucket=bucket)["Versions"]
        others = [each for each in versions if each["Key"] != module._key("kept")]
        assert len(others) == 2
        assert not any(b"PIN" in _body(admin, bucket, each) for each in others)
        assert len(store.get_chat_history("kept")) == 2 * len(states)


def _body(admin: Any, bucket: str, version: dict[str, Any]) -> bytes:
    place = {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
    body: bytes = admin.get_object(**place)["Body"].read()
    return body


@on(S3)
def test_no_body_is_like_another(recipe: Recipe, module: Any) -> None:
    """The ETag of a session is new after each write, so a late writer meets no equal body."""
    store, session, tags = module.open_store(), "tags", set()
    writes = [("add_message", "user", "m"), ("clear_session",), ("delete_session",)] * 3
    for name, *words in writes:
        assert getattr(store, name)(session, *words) is True
        tags.add(store._find(session)[2]["ETag"])
    assert len(tags) == len(writes)


@on(S3)
def test_what_is_remembered_has_a_limit(recipe: Recipe, module: Any) -> None:
    """The identities of the newest writes are in the object, and older ones are forgotten."""
    module.REMEMBERED = 3
    store, session = module.open_store(), "remembered"
    for number in range(5):
        store.add_message(session, "user", str(number), {"message_id": number})
    store.add_message(session, "user", "again", {"message_id": 2})
    assert len(store._find(session)[1]) == 3
    store.add_message(session, "user", "forgotten", {"message_id": 0})
    texts = [message["content"] for message in store.get_chat_history(session)]
    assert texts == ["0", "1", "2", "3", "4", "forgotten"]


@on(S3)
def test_a_bucket_that_is_not_there_is_said_at_once(recipe: Recipe, module: Any) -> None:
    """A wrong name of the bucket is the service's own error, and not a wait for the time limit."""
    store = module.S3SessionStore("no-such-bucket", timeout=3600.0)
    for call in (lambda: store.add_message("s", "user", "m"), lambda: store.session_exists("s")):
        with pytest.raises(ClientError, match="NoSuchBucket"):
            call()
