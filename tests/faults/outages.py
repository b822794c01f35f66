"""`make soak`, the part about networks: each packet of each call of each recipe on a server.

`python -m tests.faults.outages` does this part alone, and prints what it writes.
"""

import json
import os
import platform
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docs.reports.outages import report_of
from tests.faults.links import Call, Harm, Link, Tally, linked
from tests.subject.recipes import RECIPES, Recipe
from tests.subject.targets import ROOT

SERVED = [recipe for recipe in RECIPES if "keeps_message_ids" in recipe.block.text]
# By how the page says it.
HARMS: dict[str, list[Harm]] = {
    "the connection was closed": [Harm("cut")],
    "and the one that asked again was closed too": [Harm("cut", (1,)), Harm("cut", (2,))],
    "the connection was reset": [Harm("reset")],
    "the connection stayed open and silent": [Harm("silence")],
    "the packet came after the time limit": [Harm("delay")],
    "the packet came in pieces": [Harm("slow")],
    "the connection was closed while it was made": [Harm("cut", is_new=True)],
    "no connection was accepted for 0.4 seconds": [Harm(None, is_new=True)],
}


def harm(link: Link, said: str, calls: list[Call]) -> Tally:
    """What becomes of calls when each of their packets is harmed in turn."""
    tally = Tally()
    for each in HARMS[said]:
        for call in calls:
            link.every(tally, call, each)
    return tally


def rows(recipe: Recipe, link: Link) -> list[dict[str, Any]]:
    """A row for each kind of harm to a recipe."""
    found = []
    for said in HARMS:
        tally = asdict(harm(link, said, link.calls()))
        wrong = tally.pop("wrong")
        print(recipe.name, said, tally, *wrong[:5], sep="\n  ", flush=True)
        tally["slowest"] = round(tally["slowest"], 1)
        found.append({"recipe": recipe.name, "said": said} | tally)
    return found


def soak() -> int:
    """Harm everything, write the report, and return 1 if anything was lost, doubled or raised."""
    found: list[dict[str, Any]] = []
    for recipe in SERVED:
        with (
            tempfile.TemporaryDirectory() as directory,
            recipe.server() as server,
            linked(recipe, server, Path(directory)) as link,
        ):
            found += rows(recipe, link)
    report = {
        "day": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.system()}",
        "recipes": {recipe.name: recipe.block.digest for recipe in SERVED},
        "rows": found,
    }
    report_of(ROOT).write_text(json.dumps(report, indent=1, sort_keys=True) + "\n", "utf-8")
    return int(any(row[each] for row in found for each in ("lost", "doubled", "raised")))


if __name__ == "__main__":
    raise SystemExit(soak())
