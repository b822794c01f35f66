"""Lies told to the pages and to the code, to see which of them the tests catch."""
