"""The recipes, as they stand on their pages."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from executable_pages.testing.scanner import ROOT, Block, PageError, scan
from executable_pages.testing.shell import Command, commands, write_module
from tests.subject import servers

Server = Callable[[], AbstractContextManager[dict[str, str]]]


@contextmanager
def sqlite() -> Iterator[dict[str, str]]:
    """A directory for a database file."""
    with TemporaryDirectory(prefix="sqlite-") as directory:
        yield {"SESSION_DB": str(Path(directory) / "sessions.db")}


@contextmanager
def filesystem() -> Iterator[dict[str, str]]:
    """Two directories: one for the bytes, one for the locks."""
    with TemporaryDirectory(prefix="filesystem-") as directory:
        place = Path(directory)
        yield {"SESSION_URL": (place / "bytes").as_uri(), "SESSION_LOCKS": str(place / "locks")}


@dataclass(frozen=True)
class Recipe:
    """A store on a page, and a server to prove it on."""

    name: str
    page: str
    server: Server

    @property
    def path(self) -> Path:
        """The page's file."""
        return ROOT / "docs" / "recipes" / f"{self.page}.md"

    @property
    def block(self) -> Block:
        """The block to paste."""
        return program(self.path)

    @property
    def use(self) -> Block:
        """The block that uses what was pasted."""
        return _python(self.path)[1]

    @property
    def proof(self) -> Command:
        """The command of the page that runs the contract."""
        return command(self.path, "pytest")

    @property
    def store(self) -> str:
        """The `module:function` that the page's command names."""
        return self.proof.words[4]

    @property
    def options(self) -> list[str]:
        """What the page's command says besides."""
        return self.proof.words[5:]

    def write(self, directory: Path) -> str:
        """Save the block as the page says and return the name of its module."""
        module = self.store.partition(":")[0]
        write_module(directory, module, self.block.text)
        return module


RECIPES = [
    Recipe("Redis", "redis", servers.redis),
    Recipe("Postgres", "postgres", servers.postgres),
    Recipe("NATS", "nats", servers.nats_cluster),
    Recipe("S3", "s3", servers.seaweed),
    Recipe("SQLite", "sqlite", sqlite),
    Recipe("File system", "filesystem", filesystem),
]
# The same store on another server, for which `make soak` has the time.
ELSEWHERE = [Recipe("NATS, one node", "nats", servers.nats)]
# An imitation, for what the real server answers otherwise than S3 does.
IMITATED = Recipe("S3 (moto)", "s3", servers.moto)


def program(page: Path) -> Block:
    """The block to paste of a recipe page, which is its first in Python; another may use it.

    Raises:
        ValueError: There is none, or there are more than two.
    """
    blocks = _python(page)
    if len(blocks) not in (1, 2):
        raise ValueError(f"{page.name}: a recipe is a block to paste and one that uses it at most")
    return blocks[0]


def _python(page: Path) -> list[Block]:
    return [block for block in scan(page).blocks if block.language == "python"]


def command(page: Path, program: str) -> Command:
    """The one command of a page that calls a program.

    Raises:
        PageError: There are none or several.
    """
    blocks = [block for block in scan(page).blocks if block.language in ("bash", "console")]
    found = [each for block in blocks for each in commands(block) if each.words[0] == program]
    if len(found) != 1:
        raise PageError(f"{page.name}: one command calls {program}, not {len(found)}")
    return found[0]
