#!/usr/bin/env bash
# Believed: `except client.exceptions.NoSuchKey` catches a missing key, whichever client of the same service raised it.
# Seen: boto3 1.44.8, 30 November 2026. The class is made anew for each session, so a client of one session (each call of
#   `boto3.Session()`, and so each thread that follows the advice to make a session of its own) raises a class of the same
#   name that a client of another session does not catch. Clients of one session share it.
# Matters to: stores that keep one client for reading `exceptions` and make others in threads. `ClientError` and
#   `error.response["Error"]["Code"]` work for all.
# Source: run here against moto 5.2.5 on loopback.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check boto3==1.44.8 'moto[s3,server]==5.2.5'
cd "$place"
env/bin/python - <<'PROGRAM'
import boto3
from moto.server import DomainDispatcherApplication, create_backend_app
from threading import Thread
from werkzeug.serving import make_server
import logging

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
Thread(target=server.serve_forever, daemon=True).start()


def client(session):
    return session.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{server.port}",
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )


one, other = boto3.Session(), boto3.Session()
mine, sibling, foreign = client(one), client(one), client(other)
mine.create_bucket(Bucket="bucket")


def who_catches(raised_by):
    try:
        raised_by.get_object(Bucket="bucket", Key="gone")
    except mine.exceptions.NoSuchKey:
        return "caught"
    except mine.exceptions.ClientError as error:
        return f"escapes as {type(error).__name__}, code {error.response['Error']['Code']}"


print("boto3", boto3.__version__)
print("input: get_object of a missing key, under `except mine.exceptions.NoSuchKey`")
answers = {name: who_catches(each) for name, each in
           [("same client", mine), ("same session", sibling), ("another session", foreign)]}
for name, answer in answers.items():
    print(f"raised by a client of the {name}: {answer}" if name != "another session" else
          f"raised by a client of another session: {answer}")
server.shutdown()
assert list(answers.values()) == ["caught", "caught", "escapes as NoSuchKey, code NoSuchKey"]
print("seen: NoSuchKey of one session is not NoSuchKey of another")
PROGRAM
