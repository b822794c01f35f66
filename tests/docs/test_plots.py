"""Plots: what they show, to those who see them and to those who hear them."""

import sys
from xml.etree import ElementTree

import pytest

from docs.reports import plots

SERIES = {"One": [(0.0, 1.0), (10.0, 1.0), (100.0, 10.0), (1000.0, 100.0)], "Two": [(10.0, 5.0)]}


@pytest.fixture(scope="module")
def drawn() -> ElementTree.Element:
    """A plot of two lines."""
    svg = plots.lines("name", "Title", "In words.", SERIES, x="messages", y="milliseconds")
    return ElementTree.fromstring(svg)


def test_plot_has_a_line_for_each_series(drawn: ElementTree.Element) -> None:
    """Each series has its points, but for those that have no logarithm."""
    space = "{http://www.w3.org/2000/svg}"
    found = [group for group in drawn.iter(f"{space}g") if "serie-0" in group.get("class", "")]
    assert len([dot for group in found for dot in group.iter(f"{space}circle")]) == 3
    said = " ".join(text.text or "" for text in drawn.iter(f"{space}text"))
    assert all(word in said for word in ("One", "Two", "messages", "milliseconds", "1,000"))


def test_plot_is_spoken_and_brings_nothing_along(drawn: ElementTree.Element) -> None:
    """A plot has a title and a description, no script, no style and no colour of its own."""
    assert drawn.get("role") == "img"
    named = {each.get("id"): each.text for each in drawn.iter() if each.get("id")}
    labels = (drawn.get("aria-labelledby") or "").split()
    assert [named[label] for label in labels] == ["Title", "In words."]
    tags = {each.tag.rpartition("}")[2] for each in drawn.iter()}
    assert tags <= {"svg", "g", "path", "rect", "circle", "text", "tspan", "title", "desc"}
    assert not any(each.get("style") or each.get("fill") for each in drawn.iter())


def test_exponent_is_the_slope_of_the_logarithms() -> None:
    """What costs a hundred times as much for a hundred times the messages grows like n^1."""
    assert plots.exponent([(10, 3), (1000, 300)]) == pytest.approx(1)
    assert plots.exponent([(10, 3), (100, 3), (1000, 3)]) == pytest.approx(0)
    assert plots.exponent([(1, 2), (10, 200)]) == pytest.approx(2)


def test_drawing_leaves_imports_alone() -> None:
    """The library that draws leaves no finder behind that Python warns of at every import."""
    assert [each for each in sys.meta_path if not hasattr(each, "find_spec")] == []
