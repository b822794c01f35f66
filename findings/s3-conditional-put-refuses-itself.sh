#!/usr/bin/env bash
# Believed: 412 Precondition Failed from a conditional PUT means that another writer was first.
# Seen: boto3 1.44.8 with moto 5.2.5, 30 November 2026. botocore repeats a PUT whose answer was lost, with the same condition, and the
#   repeat is refused because of the first one: the caller gets 412 (PreconditionFailed), and the object is the caller's own.
#   With IfNoneMatch="*" and with IfMatch alike. Nobody else wrote.
# Matters to: locks, leases and compare-and-swap loops on S3. A loop that reads and appends again stores the row twice; a lock is held by
#   one who was told that it is somebody else's. An id in the body tells one's own object.
# Source: run here. A proxy on loopback passes the PUT on and drops the connection in place of the first answer.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check boto3==1.44.8 'moto[s3,server]==5.2.5'
cd "$place"
env/bin/python - <<'PROGRAM'
import logging
import socket
from threading import Thread

import boto3
from botocore.exceptions import ClientError
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
Thread(target=server.serve_forever, daemon=True).start()


class Proxy:
    """Passes everything on; while `cuts` are left, closes in place of the answer to a PUT that was executed."""

    def __init__(self):
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client, socket.create_connection(("127.0.0.1", server.port)) as upstream:
            Thread(target=self.pass_on, args=(client, upstream), daemon=True).start()
            while answer := upstream.recv(65536):
                # 100 Continue only asks for the body.
                if self.cuts and b" 200 " in answer.split(b"\r\n")[0]:
                    self.cuts -= 1
                    return
                client.sendall(answer)

    @staticmethod
    def pass_on(client, upstream):
        try:
            while asked := client.recv(65536):
                upstream.sendall(asked)
        except OSError:
            return


proxy = Proxy()
client = boto3.client(
    "s3",
    endpoint_url=f"http://127.0.0.1:{proxy.port}",
    region_name="us-east-1",
    aws_access_key_id="a",
    aws_secret_access_key="b",
)
client.create_bucket(Bucket="bucket")
print("boto3", boto3.__version__)
print("input: a PUT of a new object with IfNoneMatch='*', then one of the next version with IfMatch; nobody else writes")
codes = []
for body, condition in [(b"version 1", lambda: {"IfNoneMatch": "*"}),
                        (b"version 2", lambda: {"IfMatch": client.head_object(Bucket="bucket", Key="key")["ETag"]})]:
    given = condition()
    proxy.cuts = 1
    try:
        client.put_object(Bucket="bucket", Key="key", Body=body, **given)
        codes.append("stored")
    except ClientError as error:
        codes.append(error.response["Error"]["Code"])
    proxy.cuts = 0
    found = client.get_object(Bucket="bucket", Key="key")["Body"].read()
    print(f"{next(iter(given))}, its first answer is lost: {codes[-1]}, the object is {found}")
    assert found == body, "changed: not executed"
server.shutdown()
assert codes == ["PreconditionFailed"] * 2, codes
print("seen: a conditional PUT is refused because of itself")
PROGRAM
