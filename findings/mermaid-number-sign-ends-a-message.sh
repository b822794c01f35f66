#!/usr/bin/env bash
# Believed: a message of a Mermaid sequence diagram is drawn as it is written; `#` matters only in an entity such as `#35;`.
# Seen: Mermaid 11.16.0 (the script in mermaidx 0.10.0), 30 November 2026. A number sign that begins no entity begins a comment: the rest
#   of the message is not drawn and nothing is reported. "close issue #17 of the shop" is drawn as "close issue". In a note too,
#   and in the name of a participant. A flowchart draws the same words whole.
# Matters to: diagrams with issue numbers, colors, channels or fragments of addresses; a person who looks at the source sees them.
# Source: run here; the page on sequence diagrams names `%%` for comments.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check mermaidx==0.10.0
cd "$place"
env/bin/python - <<'PROGRAM'
import html
import re
from importlib.metadata import version
from importlib.resources import files

import mermaidx

script = files("mermaidx").joinpath("assets", "mermaid.js").read_text("utf-8")
print("mermaidx", version("mermaidx"), "with Mermaid", re.search(r'version:"(11\.\d+\.\d+)"', script)[1])


def drawn(text):
    svg = mermaidx.render(text).svg()
    found = re.findall(r"<(?:text|p|span)\b[^>]*>(.*?)</(?:text|p|span)>", svg, re.DOTALL)
    return {html.unescape(re.sub(r"<[^>]+>", "", each)).strip() for each in found} - {""}


for name, text, whole, cut in [
    ("message", "sequenceDiagram\n  A->>B: close issue #17 of the shop", "close issue #17 of the shop", "close issue"),
    ("note", "sequenceDiagram\n  A->>B: hi\n  Note over A: post in #general now", "post in #general now", "post in"),
    ("participant", "sequenceDiagram\n  participant A as Room #4 left\n  A->>B: hi", "Room #4 left", "Room"),
    ("entity", "sequenceDiagram\n  A->>B: close issue #35;17", "close issue 17", "close issue #17"),
]:
    words = drawn(text)
    print(f"input, a {name}: {text.splitlines()[-1 if name != 'participant' else 1].strip()!r}; drawn: {sorted(words)}")
    assert cut in words and whole not in words, f"changed: {name}"
flow = drawn('flowchart LR\n  a["close issue #17 of the shop"]')
print("input, a flowchart with the same words; drawn:", sorted(flow))
assert "close issue #17 of the shop" in flow, "changed: flowchart"
print("seen: a number sign cuts the words of a sequence diagram, without an error")
PROGRAM
