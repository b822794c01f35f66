"""The check of each thing that stands on a page of a project."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from executable_pages.recording import Recording, Run
from executable_pages.testing.diagrams import (
    MODES,
    Bound,
    DiagramError,
    Mismatch,
    Setting,
    parse,
    perform,
    recording_of,
)
from executable_pages.testing.links import check_link
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block, Guarantee, Page, PageError, name, scan
from executable_pages.testing.snippets import PageRun, compare, run_alone
from executable_pages.testing.subject import Subject
from executable_pages.testing.tables import check_table
from executable_pages.testing.target import Target
from executable_pages.testing.witnesses import exists
from executable_pages.testing.wrong import Wrong

COMPLAINTS = (Wrong, PageError, DiagramError, Mismatch)


def alone(subject: Subject, block: Block, target: Target, sandbox: Sandbox) -> None:
    """Run a block as after a paste.

    Raises:
        Wrong: It failed, or printed something else.
    """
    run_alone(subject.beside_it(block), block, target, sandbox)


def diagram(
    subject: Subject, block: Block, mode: str, target: Target, sandbox: Sandbox
) -> Recording:
    """Perform a sequence diagram, its participants as instances or as processes.

    Returns what each arrow came to.

    Raises:
        DiagramError: Something in it cannot be bound.
        Mismatch: An arrow does not hold.
        PageError: The project binds no diagrams.
    """
    if subject.bindings is None:
        raise PageError(f"{block.where}: this project binds no diagrams; give its subject bindings")
    bound = Bound(parse(block.text, name(block.page), block.line), subject.bindings)
    runs: list[Run] = []
    perform(bound, Setting(target, mode), sandbox, runs)
    return recording_of(bound, runs)


def uncaught(subject: Subject, directory: Path) -> list[str]:
    """The lies about blocks that nothing catches; a kind of blocks says which are told."""
    found = list[str]()
    for number, block in enumerate(subject.blocks()):
        kind = subject.kinds.get(subject.known_kind(block))
        if kind is None or kind.check is None:
            continue
        target = subject.targets_of(subject.kind_of(block))[0]
        for lie, text in enumerate(kind.lies(block.text)):
            try:
                told = replace(block, text=text)
                kind.check(subject, told, target, Sandbox(directory / f"{number}-{lie}"))
            except COMPLAINTS:
                continue
            found.append(f"{block.where}: nothing catches {text!r}")
    return found


def promise(subject: Subject, made: Guarantee) -> None:
    """Find what proves a promise, each proof with its sentence.

    Raises:
        Wrong: Nothing does, or the promise stands in more than one place.
    """
    proofs = subject.proofs()
    found = proofs.get(made.id)
    if not found:
        known = ", ".join(sorted(proofs)) or "none"
        raise Wrong(f"{made.where}: nothing proves the promise {made.id!r}; proven are {known}")
    if silent := [test for test, sentence in found if not sentence.endswith(".")]:
        raise Wrong(f"{made.where}: {silent[0]} has no sentence that says what must hold")
    ids = Counter(each.id for page in subject.pages() for each in page.guarantees)
    if ids[made.id] > 1:
        raise Wrong(f"{made.where}: the promise {made.id!r} stands in two places; keep one")


def unpromised(subject: Subject) -> list[str]:
    """What is proven and promised by no page."""
    made = {each.id for page in subject.pages() for each in page.guarantees}
    return sorted(set(subject.proofs()) - made)


def held(subject: Subject, page: Page) -> None:
    """Find what holds each sentence of a page.

    Raises:
        Wrong: Nothing does, or a claim has no witness.
    """
    if subject.claims:
        ledger = subject.claims.rows()
        found = ledger.complaints(subject.name(page.path), subject.claims.of(page))
        if found:
            raise Wrong("\n".join(found))


def witnessed(subject: Subject, page: Page) -> None:
    """Find the witnesses of the claims of a page.

    Raises:
        Wrong: One is not there, or it is a test that is skipped.
    """
    if subject.claims is None:
        return
    rows = subject.claims.rows().pages.get(subject.name(page.path), {})
    found = list[str]()
    for digest, row in rows.items():
        where = f"{subject.name(page.path)}, row {digest}, {row.says!r}"
        if row.each and row.each not in subject.claims.domains:
            known = ", ".join(sorted(subject.claims.domains))
            found.append(f"{where}: there is no domain {row.each!r}; known are {known}")
        for witness in row.by:
            try:
                exists(witness, subject.root, subject.pages(), subject.claims)
            except Wrong as error:
                found.append(f"{where}: {error}")
    if found:
        raise Wrong("\n".join(found))


def complaints(subject: Subject, directory: Path, page: str = "") -> list[str]:
    """What is wrong with a project's pages, or with one of them; each begins with `page:line`."""
    found = list[str]()
    for file in subject.files():
        try:
            if not page or subject.name(file) == page:
                for block in scan(file).blocks:
                    subject.kind_of(block)
        except PageError as error:
            found.append(str(error))
    checks = list(_every(subject, page))
    for number, check in enumerate(checks):
        try:
            check(Sandbox(directory / str(number)))
        except COMPLAINTS as error:
            found.append(str(error))
    return found


Check = Callable[[Sandbox], object]


def _every(subject: Subject, only: str) -> Iterator[Check]:
    pages = [page for page in subject.pages() if not only or subject.name(page.path) == only]
    for page in pages:
        yield partial(_prose, subject, page)
        snippets = list[Block]()
        for block in page.blocks:
            kind = subject.known_kind(block)
            if kind == "snippet":
                snippets.append(block)
            for target in subject.targets:
                yield from _of_block(subject, block, kind, target)
        for target in subject.targets:
            yield partial(in_order, snippets, target)
            for table in page.tables:
                yield partial(check_table, table, subject.tables, target)


def _prose(subject: Subject, page: Page, sandbox: Sandbox) -> None:
    for link in page.links:
        check_link(link, subject.site)
    for made in page.guarantees:
        promise(subject, made)
    if page in subject.counted():
        held(subject, page)
        witnessed(subject, page)


def _of_block(subject: Subject, block: Block, kind: str, target: Target) -> Iterator[Check]:
    found = subject.kinds.get(kind)
    if found is not None and found.check is not None and target in subject.targets_of(kind):
        yield partial(found.check, subject, block, target)
    match kind:
        case "snippet":
            yield partial(alone, subject, block, target)
        case "diagram":
            for mode in MODES:
                yield partial(diagram, subject, block, mode, target)


def in_order(blocks: list[Block], target: Target, sandbox: Sandbox) -> None:
    """Run blocks one after the other.

    Raises:
        Wrong: One failed, or prints something else.
    """
    with PageRun(blocks, target, sandbox) as run_of_page:
        for block in blocks:
            compare(block, run_of_page.result(block), target)
