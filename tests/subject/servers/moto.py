"""S3 as moto imitates it, behind one lock.

moto checks a precondition and then writes, with nothing between to keep another request out.
The lock makes the two one step, as S3 does.
"""

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from tests.subject.servers.process import answers, free_ports, running
from tests.subject.servers.service import Service

BUCKET = "sessions"


def client_environment(port: int) -> dict[str, str]:
    """The environment of a client of an S3-compatible server on a port."""
    return {
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "SESSION_BUCKET": BUCKET,
    }


@contextmanager
def moto() -> Iterator[Service]:
    """Run a server with an empty bucket, which forgets everything when it ends."""
    [port] = free_ports(1)
    command = [sys.executable, "-m", "tests.subject.servers.moto", str(port)]
    start = partial(running, command, partial(answers, port))
    with Service(client_environment(port), start) as service:
        make_bucket(service)
        yield service


def make_bucket(environment: Mapping[str, str]) -> None:
    """Make the bucket that the clients use."""
    import boto3

    boto3.client(
        "s3",
        endpoint_url=environment["AWS_ENDPOINT_URL_S3"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_DEFAULT_REGION"],
    ).create_bucket(Bucket=BUCKET)


def serve(port: int) -> None:
    """Serve until the process is ended."""
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    application = DomainDispatcherApplication(create_backend_app)
    lock = threading.Lock()

    def one_at_a_time(environ: Any, start_response: Any) -> Any:
        with lock:
            return application(environ, start_response)

    make_server("127.0.0.1", port, one_at_a_time, threaded=True).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
