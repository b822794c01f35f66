"""Where a project's pages are."""

from pathlib import Path

_SETTINGS = "mkdocs.yml"


def project(directory: Path) -> Path:
    """The project that a directory is in: the next one above with an `mkdocs.yml`, or itself."""
    return next(
        (p for p in (directory, *directory.parents) if (p / _SETTINGS).is_file()), directory
    )


def pages(docs: Path) -> list[Path]:
    """Every page below a directory, in the order of their names.

    What has a `pyproject.toml` of its own, such as a plugin beside the pages, is another project.
    """
    others = {path.parent for path in docs.rglob("pyproject.toml")} - {docs}
    return [path for path in sorted(docs.rglob("*.md")) if others.isdisjoint(path.parents)]


# A process that a test starts somewhere else belongs to the project of this checkout.
ROOT = project(Path.cwd())
if not (ROOT / _SETTINGS).is_file():
    ROOT = project(Path(__file__).resolve().parent)
