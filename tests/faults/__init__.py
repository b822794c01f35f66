"""Faults at every step of the reference store: what they may take away, and what never.

`python -m tests.faults` kills writers, cuts the power, lets system calls fail, fuzzes ids and files
and loads a directory with processes, and prints what was lost. It knows the store by its public
methods and by the files that it leaves, so that it judges any code of the store, also that of a
liar: it takes `reference_impl` from the working directory.
"""
