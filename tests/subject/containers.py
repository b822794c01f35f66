"""The Dockerfile, the Compose file and the manifests of a page, held together."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from executable_pages.testing.scanner import Block
from executable_pages.testing.wrong import Wrong

# Of a Dockerfile, what this page uses.
INSTRUCTIONS = ("FROM", "RUN", "COPY", "ENV", "USER", "WORKDIR", "CMD")
# A turn may wait for the store's lock for so long, and for its model.
LEAST_GRACE = 10


@dataclass(frozen=True)
class Image:
    """What a Dockerfile says of the containers of its image."""

    variables: dict[str, str]
    user: str
    directory: str
    command: list[str]
    made: list[str]
    owner: str


def image(block: Block) -> Image:
    """Read a Dockerfile.

    Raises:
        Wrong: A line is no instruction, or one that a container needs is missing.
    """
    found: dict[str, list[str]] = {}
    for number, line in enumerate(block.text.splitlines(), block.line):
        word, _, rest = line.partition(" ")
        if word not in INSTRUCTIONS or not rest:
            raise Wrong(
                f"{block.page.name}:{number}: {line!r} is none of {', '.join(INSTRUCTIONS)}"
            )
        found.setdefault(word, []).append(rest)
    if missing := [each for each in INSTRUCTIONS if each not in found]:
        raise Wrong(f"{block.where}: there is no {missing[0]}")
    made = next(iter(re.findall(r"install --directory (.+)", "\n".join(found["RUN"]))), "")
    owner = re.match(r"--owner (\d+) --group (\d+) (.+)", made)
    if owner is None:
        raise Wrong(f"{block.where}: no directory is made for the user")
    try:
        command = json.loads(found["CMD"][-1])
    except ValueError:
        raise Wrong(f"{block.where}: CMD is a list, or a shell gets the signals") from None
    return Image(
        variables=dict(each.split("=", 1) for line in found["ENV"] for each in line.split()),
        user=found["USER"][-1],
        directory=found["WORKDIR"][-1],
        command=command,
        made=owner[3].split(),
        owner=f"{owner[1]}:{owner[2]}",
    )


def check_image(block: Block) -> Image:
    """Hold a Dockerfile against what the page says of it.

    Raises:
        Wrong: It does something else.
    """
    seen = image(block)
    home = seen.variables.get("PRAISONAI_HOME", "")
    for holds, why in (
        (home in seen.made, "PRAISONAI_HOME is no directory that it makes"),
        (seen.directory in seen.made, "the working directory is none that it makes"),
        (not seen.directory.startswith(home), "the working directory is in the volume"),
        (seen.variables.get("SESSION_DIR") == f"{home}/sessions", "SESSION_DIR is elsewhere"),
        (seen.user == seen.owner, "the user does not own the directories"),
        (seen.user.split(":")[0] != "0", "the user is root"),
    ):
        if not holds:
            raise Wrong(f"{block.where}: {why}")
    return seen


def check_compose(block: Block, seen: Image) -> None:
    """Hold a Compose file against the image.

    Raises:
        Wrong: A service keeps its sessions elsewhere.
    """
    told = yaml.safe_load(block.text)
    for name, service in told["services"].items():
        mounts = dict(each.split(":")[:2] for each in service["volumes"])
        at = {path: volume for volume, path in mounts.items()}
        if at.get(seen.variables["PRAISONAI_HOME"]) not in told["volumes"]:
            raise Wrong(f"{block.where}: {name} has no volume at PRAISONAI_HOME")
        if not service.get("init"):
            raise Wrong(f"{block.where}: {name} has no init")
        if int(service["stop_grace_period"].removesuffix("s")) < LEAST_GRACE:
            raise Wrong(f"{block.where}: {name} is killed too soon")


def check_manifest(block: Block, seen: Image) -> None:
    """Hold the documents of Kubernetes against each other and against the image.

    Raises:
        Wrong: A name leads nowhere, a user differs, or the volume does not suit the rollout.
    """
    documents = list(yaml.safe_load_all(block.text))
    claims = {
        each["metadata"]["name"]: each["spec"] for each in _of(documents, "PersistentVolumeClaim")
    }
    for deployment in _of(documents, "Deployment"):
        spec = deployment["spec"]
        pod = spec["template"]["spec"]
        volumes = {each["name"]: each for each in pod["volumes"]}
        [container] = pod["containers"]
        at = {
            each["mountPath"]: volumes.get(each["name"], {}) for each in container["volumeMounts"]
        }
        claim = at.get(seen.variables["PRAISONAI_HOME"], {}).get("persistentVolumeClaim", {})
        modes = claims.get(claim.get("claimName"), {}).get("accessModes", [])
        user = pod["securityContext"]
        shares = spec["strategy"]["type"] == "RollingUpdate" or spec["replicas"] > 1
        for holds, why in (
            (
                spec["selector"]["matchLabels"].items()
                <= spec["template"]["metadata"]["labels"].items(),
                "the selector does not find the pods",
            ),
            (bool(modes), "PRAISONAI_HOME is on no volume that is claimed"),
            (not shares or modes == ["ReadWriteMany"], "pods of two hosts cannot share the volume"),
            (
                "emptyDir" in at.get(seen.directory, {}),
                "its working directory does not go with it",
            ),
            (seen.user == f"{user['runAsUser']}:{user['runAsGroup']}", "it runs as another user"),
            (user["fsGroup"] == user["runAsGroup"], "the volume is another group's"),
            (pod["terminationGracePeriodSeconds"] >= LEAST_GRACE, "a pod is killed too soon"),
        ):
            if not holds:
                raise Wrong(f"{block.where}: {deployment['metadata']['name']}: {why}")


def _of(documents: Sequence[Any], kind: str) -> list[Any]:
    return [each for each in documents if each["kind"] == kind]
