"""Finding the function that opens a store, here and in other processes."""

import importlib
import importlib.util
import inspect
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

# The variable that names the directory which a clause has to itself.
DIRECTORY = "SESSION_STORE_DIRECTORY"
_USAGE = (
    "Say --session-store package.module:function, "
    "where function() opens one more client of the store."
)


class FactoryError(Exception):
    """The store cannot be opened; the message says why and what to do about it."""


@dataclass(frozen=True, slots=True)
class Factory:
    """A function without arguments, by its name, that opens one more independent client."""

    module: str
    attribute: str
    file: str | None = None

    def __str__(self) -> str:
        return f"{self.module}:{self.attribute}"

    @classmethod
    def parse(cls, name: str) -> "Factory":
        """Read `package.module:function`."""
        module, colon, attribute = name.partition(":")
        parts = [*module.split("."), *attribute.split(".")]
        if not colon or not all(part.isidentifier() for part in parts):
            raise FactoryError(f"{name!r} does not name a function in a module. {_USAGE}")
        return cls(module, attribute)

    @classmethod
    def of(cls, function: Callable[[], Any]) -> "Factory":
        """The name of a function that exists already, to be found again in other processes."""
        function = inspect.unwrap(function)
        name = getattr(function, "__qualname__", "<lambda>")
        if "<" in name:
            raise FactoryError(
                f"{name!r} has no name that another process could import. "
                "Define open_store at the top of a module or as a staticmethod."
            )
        module = inspect.getmodule(function)
        file = getattr(module, "__file__", None)
        return cls(function.__module__, name, str(Path(file).resolve()) if file else None)

    def load(self) -> Callable[[], Any]:
        """Import the function.

        Raises `FactoryError` when the module or the function cannot be had.
        """
        found: Any = self._module()
        for part in self.attribute.split("."):
            try:
                found = getattr(found, part)
            except AttributeError:
                raise FactoryError(
                    f"--session-store {self}: the module {self.module} was imported from "
                    f"{getattr(self._module(), '__file__', 'memory')} and has no "
                    f"{self.attribute!r}. {_USAGE}"
                ) from None
        if not callable(found):
            raise FactoryError(
                f"--session-store {self}: {self.attribute} is of type {type(found).__name__}, "
                f"not a function. {_USAGE}"
            )
        function: Callable[[], Any] = found
        return function

    def _module(self) -> ModuleType:
        if self.module in sys.modules:
            return sys.modules[self.module]
        if os.getcwd() not in sys.path and "" not in sys.path:
            sys.path.append(os.getcwd())
        try:
            return importlib.import_module(self.module)
        except ModuleNotFoundError as error:
            missing = error.name or ""
            if not (self.module == missing or self.module.startswith(f"{missing}.")):
                raise FactoryError(
                    f"--session-store {self}: importing {self.module} failed, since it needs "
                    f"the module {missing!r}, which is not installed."
                ) from error
            if self.file is not None:
                return self._from_file(self.file)
            raise FactoryError(
                f"--session-store {self}: there is no module {missing!r}. Run from the "
                "directory that holds it, or put that directory on PYTHONPATH."
            ) from None
        except Exception as error:
            raise FactoryError(
                f"--session-store {self}: importing {self.module} raised {_words(error)}"
            ) from error

    def _from_file(self, file: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(self.module, file)
        if spec is None or spec.loader is None:
            raise FactoryError(f"{self}: {file} cannot be imported.")
        module = importlib.util.module_from_spec(spec)
        sys.modules[self.module] = module
        spec.loader.exec_module(module)
        return module

    def takes(self, name: str) -> bool:
        """Whether the function has a parameter of that name."""
        try:
            return name in inspect.signature(self.load()).parameters
        except (TypeError, ValueError):
            return False

    def open(self, settle: Callable[[Any], Any] = lambda answer: answer, **given: Any) -> Any:
        """Open one more client; `settle` waits for what an async function returns.

        Raises `FactoryError` when the function raises or returns no store.
        """
        function = self.load()
        try:
            store = settle(function(**given))
        except Exception as error:
            raise FactoryError(
                f"--session-store {self}: calling {self.attribute}() raised {_words(error)}\n"
                "It is called without arguments, here and in other processes, and takes the place "
                "where the sessions are from its module or from the environment."
            ) from error
        if store is None:
            raise FactoryError(
                f"--session-store {self}: {self.attribute}() returned None, not a store."
            )
        return store

    def tell_apart(self, one: Any, other: Any) -> None:
        """Raise `FactoryError` when two clients are the same object."""
        if one is other:
            raise FactoryError(
                f"--session-store {self}: {self.attribute}() returned the same object twice. "
                "It has to open one more independent client each time, as another process would."
            )


def _words(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" ({last[0].filename}:{last[0].lineno})" if last else ""
    return f"{type(error).__name__}: {error}{where}"


def factory_of(suite: type, name: str | None) -> Factory:
    """The factory of a suite: its own, or the one that `--session-store` names."""
    if (function := getattr(suite, "open_store", None)) is not None:
        return Factory.of(function)
    own: str | None = getattr(suite, "store", None) or name
    if own is None:
        raise FactoryError(f"{suite.__name__} has no store. {_USAGE}")
    return Factory.parse(own)
