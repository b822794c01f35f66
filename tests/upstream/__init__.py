"""What the pages of upstream's documentation about sessions come to, run on the released packages.

`make upstream DOCS=path/to/a/clone` writes `docs/verification/upstream.json`, which holds facts of
those pages, a line and an error at most, and none of their text.
"""
