"""What stands on pages that were not written for tests: `python -m tests.pages.survey DIRECTORY`.

Nothing that is found there is run, unless `--run` asks for it.
"""
