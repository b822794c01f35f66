"""Stores that no one here wrote, behind the five methods of the protocol.

Each module is the smallest honest use of one project's public API, and imports nothing else, so
that it can be read beside that project's own pages. `registry.py` says which stores there are.
"""
