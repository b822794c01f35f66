"""What several tests of the pages share."""

from pathlib import Path

import pytest

from tests.pages.browser import build


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly and without a warning."""
    directory = tmp_path_factory.mktemp("site")
    printed = build(directory)
    assert "WARNING" not in printed, printed
    return directory
