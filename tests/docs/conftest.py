"""Lets tests import the site's hooks, which import each other as MkDocs loads them."""

import sys

from tests.pages.scanner import ROOT

sys.path.append(str(ROOT / "docs" / "plugins"))
