"""What stands on pages that were not written for tests.

`python -m executable_pages.testing.survey DIRECTORY` prints it.

Nothing that is found there is run, unless `--run` asks for it.
"""
