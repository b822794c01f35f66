"""Room for values that are nested deeply, wherever the caller stands."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Value = TypeVar("_Value")
_Result = TypeVar("_Result")


class TooDeep(ValueError):
    """A value is nested too deeply for any stack."""


def on_a_new_stack_if_deep(function: Callable[[_Value], _Result], value: _Value) -> _Result:
    """Call a function; where it is too deep for what is left of the stack, on a new one.

    Python's limit counts the caller's frames too, and a deep caller does not make a deep value.

    Raises:
        TooDeep: No stack is large enough.
        RecursionError: The caller has no stack left. That says nothing of the value.
    """
    try:
        return function(value)
    except RecursionError:
        with ThreadPoolExecutor(1) as fresh:
            return fresh.submit(_alone, function, value).result()


def _alone(function: Callable[[_Value], _Result], value: _Value) -> _Result:
    try:
        return function(value)
    except RecursionError:
        raise TooDeep("it is nested too deeply") from None
