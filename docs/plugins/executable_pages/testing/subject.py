"""What a project says of its pages, so that the tests here can hold them true."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from executable_pages.testing.diagrams.bindings import Bindings
from executable_pages.testing.json_text import Json
from executable_pages.testing.kinds import KINDS, Kind, hold_whole, kind_in
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block, Page, PageError, files, pages, readable
from executable_pages.testing.shell import Command
from executable_pages.testing.snippets import Style
from executable_pages.testing.tables import TableCheck
from executable_pages.testing.target import Target
from executable_pages.testing.witnesses import Claims

# For each promise, the name and the sentence of each test that proves it.
Proofs = Mapping[str, Sequence[tuple[str, str]]]


def _no_json(json: Json, target: Target, sandbox: Sandbox) -> None:
    raise PageError(f"{json.block.where}: this project checks no JSON; give its subject a check")


def _nothing_to_prepare(commands: Sequence[Command], sandbox: Sandbox) -> Mapping[str, str]:
    return {}


def _nothing_beside() -> AbstractContextManager[Mapping[str, str]]:
    return nullcontext({})


def _nowhere_else(block: Block) -> bool:
    return False


@dataclass(frozen=True)
class Subject:
    """A documentation project: where it is, and what its pages speak of.

    `root` is its directory, `docs` the site's pages inside, and `texts` are pages beside them. Each
    of the `targets` is an implementation that the pages must be true of; the first one is asked
    what is asked once. `kinds` says what becomes of which blocks. Other tests of the project
    account for blocks that are `elsewhere`.

    How Python is written is said by `style`; None is any way.

    `tables` has the check for each word of `{/* table: WORD ... */}` or for a whole header, `json`
    is the check of a JSON block, `bindings` say what diagrams mean. Programs of shell blocks are
    replaced by those in `programs`; `prepare` may put files in the sandbox before a block runs, and
    returns variables for it. `proofs` finds what proves each promise. What runs `beside` the
    programs is running while its context is open, which gives their variables. `require` may skip
    a test on a target that this machine does not have. Evidence notes the versions of `packages`.
    `claims` say whose sentences are counted, and what holds them.
    """

    root: Path
    targets: Sequence[Target]
    docs: str = "docs"
    texts: Sequence[str] = ()
    kinds: Mapping[str, Kind] = field(default_factory=lambda: KINDS)
    elsewhere: Callable[[Block], bool] = _nowhere_else
    tables: Mapping[str | tuple[str, ...], TableCheck] = field(default_factory=dict)
    json: Callable[[Json, Target, Sandbox], None] = _no_json
    bindings: Bindings | None = None
    programs: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[Sequence[Command], Sandbox], Mapping[str, str]] = _nothing_to_prepare
    proofs: Callable[[], Proofs] = dict
    beside: Callable[[], AbstractContextManager[Mapping[str, str]]] = _nothing_beside
    require: Callable[[Target], object] = str
    packages: Sequence[str] = ()
    claims: Claims | None = None
    style: Style | None = field(default_factory=Style)

    @property
    def site(self) -> Path:
        """The directory of the site's pages."""
        return self.root / self.docs

    def files(self) -> list[Path]:
        """The file of every page of the site, and of the texts beside it."""
        return [*files(self.site), *(self.root / each for each in self.texts)]

    def __post_init__(self) -> None:
        """Hold that each kind of blocks has its test."""
        hold_whole(self.kinds)

    def targets_of(self, kind: str) -> Sequence[Target]:
        """The targets on which blocks of a kind are tested."""
        found = self.kinds.get(kind, Kind(()))
        if found.on_each:
            return self.targets
        return [each for each in self.targets if str(each) == found.target] or self.targets[:1]

    def pages(self) -> list[Page]:
        """Every page of the site that can be read, and the texts beside it."""
        return [*pages(self.site), *readable(self.root / each for each in self.texts)]

    def name(self, page: Path) -> str:
        """A page as its project names it."""
        return page.resolve().relative_to(self.root.resolve()).as_posix()

    def kind_of(self, block: Block) -> str:
        """The kind of a block.

        Raises:
            PageError: No test accounts for it.
        """
        return kind_in(self.kinds, block, self.name(block.page))

    def blocks(self, *kinds: str) -> list[Block]:
        """Every block, or those of some kinds, in the order of the pages."""
        found = [block for page in self.pages() for block in page.blocks]
        return [block for block in found if not kinds or self.known_kind(block) in kinds]

    def known_kind(self, block: Block) -> str:
        """The kind of a block; empty for one that no test accounts for, which a test says."""
        try:
            return self.kind_of(block)
        except PageError:
            return ""

    def counted(self) -> list[Page]:
        """The pages whose sentences are counted."""
        return self.claims.chosen(self.site, self.pages()) if self.claims else []

    def here(self, kind: str) -> list[Block]:
        """The blocks of a kind for which no other test of the project accounts."""
        return [block for block in self.blocks(kind) if not self.elsewhere(block)]

    def beside_it(self, block: Block) -> list[Block]:
        """The blocks of the same kind on the same page, itself among them."""
        kind, [page] = self.kind_of(block), [p for p in self.pages() if p.path == block.page]
        return [each for each in page.blocks if self.known_kind(each) == kind]
