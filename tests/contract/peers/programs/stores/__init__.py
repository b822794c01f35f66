"""The functions of `store.py`, on each store's public API alone."""
