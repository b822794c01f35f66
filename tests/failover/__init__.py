"""Failovers on real replicas, under a crowd of clients: what became of each message.

`python -m tests.failover` loses machines again and again and writes the report that *When a machine
is lost* shows.
"""
