"""Draws plots as inline SVG, without a script and without a colour of their own.

The style sheet of the site gives lines and text their colours, so that a plot follows the colour
scheme and prints. Who cannot see a plot hears its title and description, and has the table.
"""

import math
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from xml.etree import ElementTree

Point = tuple[float, float]
Series = Mapping[str, Sequence[Point]]


def lines(name: str, title: str, description: str, series: Series, *, x: str, y: str) -> str:
    """A plot of lines on two logarithmic axes, as one `<svg>`.

    `name` is the id of its elements, unique on a page. `x` and `y` name the axes with their units.
    Points without a logarithm are left out.
    """
    chart = _pygal().XY(
        logarithmic=True,
        js=[],
        no_prefix=True,
        disable_xml_declaration=True,
        width=800,
        height=440,
        dots_size=3,
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        x_title=x,
        y_title=y,
        print_values=False,
        x_value_formatter=number,
        value_formatter=number,
        show_x_guides=True,
        y_labels=_decades([v for points in series.values() for _, v in points]),
        x_labels=sorted({v for points in series.values() for v, _ in points if v > 0}),
        truncate_legend=40,
    )
    for label, points in series.items():
        chart.add(label, [point for point in points if min(point) > 0])
    return _accessible(chart.render_tree(), name, title, description)


@cache
def _pygal() -> Any:
    """The library, which most runs that import this module have no use for."""
    import pygal

    # It installs a finder of maps in a form that importlib knows no longer; others cannot import.
    sys.meta_path[:] = [
        finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)
    ]
    return pygal


def exponent(points: Sequence[Point]) -> float:
    """The slope of the straight line through the logarithms: 1 means twice as much for twice."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    over = sum((x - mean_x) * (y - mean_y) for x, y in logs)
    return over / sum((x - mean_x) ** 2 for x, _ in logs)


def number(value: float) -> str:
    """A number as an axis says it: `10,000`, `2`, `0.05`."""
    return f"{value:,.0f}" if value >= 1 else f"{value:.3g}"


def _decades(values: Sequence[float]) -> list[float]:
    found = [value for value in values if value > 0]
    first, last = math.floor(math.log10(min(found))), math.ceil(math.log10(max(found)))
    return [10.0**power for power in range(first, last + 1)]


def _accessible(root: ElementTree.Element, name: str, title: str, description: str) -> str:
    # Its own style sheet would reach the whole page, and its script is for tooltips alone.
    for parent in list(root.iter()):
        for child in list(parent):
            is_shown = isinstance(child.tag, str) and child.tag not in ("defs", "desc", "title")
            if not is_shown or set(child.get("class", "").split()) & {"tooltip", "text-overlay"}:
                parent.remove(child)
    root.attrib.pop("id", None)
    root.set("class", "plot")
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-description")
    for place, (tag, part, text) in enumerate(
        (("title", "title", title), ("desc", "description", description))
    ):
        element = ElementTree.Element(tag, {"id": f"{name}-{part}"})
        element.text = text
        root.insert(place, element)
    return ElementTree.tostring(root, encoding="unicode")
