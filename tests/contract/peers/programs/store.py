"""What a program needs of a store; the file of the store says how it does it.

A write that is not acknowledged raises.
"""


def append(session, content):
    """Add a message of a user."""


def turn(session, question, answer):
    """Add what a user asked and a model answered, as a run of an agent does."""


def read(session):
    """The contents of the session's messages."""


def remove(session):
    """Delete the session, or clear it where there is no delete."""


def listed(session):
    """The contents of the session's messages, as a listing of its agent's sessions has them."""


def call(session):
    """Add a model's call of a tool, whose result never comes."""


def newest(session, count):
    """The newest messages, as they go to a model."""
