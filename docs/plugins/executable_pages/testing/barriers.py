"""What keeps somebody from reading a page, as axe-core finds it in a real browser."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from playwright.sync_api import Page

# A page of code has thousands of words in ten colors, and a long table hundreds of rows of one
# form: one word of each color and one row of each form are looked at.
THIN = """() => {
    const seen = new Set();
    for (const word of document.querySelectorAll("pre code span, pre code a")) {
        if (seen.has(word.className)) word.replaceWith(...word.childNodes);
        seen.add(word.className);
    }
    document.querySelectorAll("pre code").forEach((code) => code.normalize());
    for (const table of document.querySelectorAll("tbody")) {
        const forms = new Set();
        for (const row of [...table.rows]) {
            const parts = [...row.querySelectorAll("*")];
            const form = parts.map((one) => [one.localName, one.className, one.title]).join();
            if (forms.has(form)) row.remove();
            forms.add(form);
        }
    }
}"""
# The rules about colors take two thirds of a whole look. Their answer depends on the styles of an
# element and of all that it stands in: they are asked about one text of each combination.
COLORS = ("color-contrast", "link-in-text-block")
# What depends on the width of the screen. The other rules are about what a page says in its HTML.
WIDTH = ("scrollable-region-focusable", "css-orientation-lock")
BARRIERS = """async ([colors, others, skipped]) => {
    const numbers = new Map(), known = new Map([[null, 0]]);
    const looks = (one) => {
        if (!known.has(one)) {
            const style = getComputedStyle(one);
            const form = [looks(one.parentElement), one.localName, style.color,
                style.backgroundColor, style.backgroundImage, style.opacity, style.filter,
                style.mixBlendMode, style.textShadow, style.fontSize, style.fontWeight,
                style.textDecorationLine, style.position, style.zIndex].join();
            if (!numbers.has(form)) numbers.set(form, numbers.size + 1);
            known.set(one, numbers.get(form));
        }
        return known.get(one);
    };
    const texts = new Map(), around = skipped.join();
    for (const one of document.body.querySelectorAll("*")) {
        const text = [...one.childNodes].some(
            (part) => part.nodeType === Node.TEXT_NODE && part.data.trim());
        if (!text || !one.checkVisibility() || (around && one.closest(around))) continue;
        if (!texts.has(looks(one))) texts.set(looks(one), one);
    }
    const runs = [[{ include: [...texts.values()] }, { runOnly: colors }]];
    const rules = Object.fromEntries(colors.map((rule) => [rule, { enabled: false }]));
    const which = others === null ? { rules } : { runOnly: others };
    if (others === null || others.length)
        runs.push([{ exclude: skipped.map((one) => [one]) }, which]);
    const found = [];
    for (const [where, asked] of runs) {
        const { violations } = await axe.run(where, { resultTypes: ["violations"], ...asked });
        for (const { id, impact, nodes } of violations)
            if (["serious", "critical"].includes(impact))
                for (const { target, failureSummary } of nodes)
                    found.push(`${id} at ${target}: ${failureSummary}`);
    }
    return found;
}"""


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def barriers(
    page: Page, *, rules: Sequence[str] | None = None, skipped: Sequence[str] = ()
) -> list[str]:
    """What axe-core calls serious or critical, and where.

    Of its rules those about colors are asked, and `rules`: all others when that is None. What
    `skipped` selects is not looked at. The page is not as it was afterwards.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
        page.evaluate(THIN)
        page.add_style_tag(content="* { transition: none !important; }")
    return list(
        page.evaluate(BARRIERS, [COLORS, None if rules is None else list(rules), list(skipped)])
    )
