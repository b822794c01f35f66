"""The wall clock of a process, moved: what its store takes for the time, and nobody else does.

All that Python offers for the time of day is moved, and the clock of SQLite. Clocks for spans, such
as `time.monotonic`, stay. So does what another machine, a file system or another library in C says.
"""

import contextlib
import ctypes
import datetime
import gc
import sys
import time
import uuid
from collections.abc import Callable
from types import ModuleType
from typing import Any

# Of the Julian day with which SQLite counts, in milliseconds, on 1 January 1970.
_EPOCH = 210_866_760_000_000
_ANSWERS_INT64 = 2


class Clock:
    """Moves the clock of this process; `seconds` is how far, and may change at any time.

    It is made before the store is imported: a default value that is the function `time.time` itself
    cannot be found afterwards.
    """

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self._time, self._time_ns = time.time, time.time_ns
        self._kept: list[Any] = []
        for name, moved in self._functions().items():
            if (original := getattr(time, name, None)) is not None:
                _put_everywhere(original, moved)
        self._move_datetime()
        # The system's own library for identifiers asks the system's clock.
        vars(uuid).update({"_generate_time_safe": None, "_UuidCreate": None})
        with contextlib.suppress(OSError, AttributeError, ImportError, TypeError):
            self._move_sqlite()

    def time(self) -> float:
        """Seconds since 1970, as `time.time` has them."""
        return self._time() + self.seconds

    def time_ns(self) -> int:
        """Nanoseconds since 1970."""
        return self._time_ns() + int(self.seconds * 1e9)

    def _functions(self) -> dict[str, Callable[..., Any]]:
        gmtime, localtime, ctime = time.gmtime, time.localtime, time.ctime
        asctime, strftime, seconds_of = time.asctime, time.strftime, time.clock_gettime
        nanoseconds_of = time.clock_gettime_ns

        def at(function: Callable[[float], Any]) -> Callable[..., Any]:
            return lambda moment=None: function(self.time() if moment is None else moment)

        def is_real(clock: int) -> bool:
            return clock == time.CLOCK_REALTIME

        return {
            "time": self.time,
            "time_ns": self.time_ns,
            "gmtime": at(gmtime),
            "localtime": at(localtime),
            "ctime": at(ctime),
            "asctime": lambda moment=None: asctime(
                localtime(self.time()) if moment is None else moment
            ),
            "strftime": lambda form, moment=None: strftime(
                form, localtime(self.time()) if moment is None else moment
            ),
            "clock_gettime": lambda clock: self.time() if is_real(clock) else seconds_of(clock),
            "clock_gettime_ns": lambda clock: (
                self.time_ns() if is_real(clock) else nanoseconds_of(clock)
            ),
        }

    def _move_datetime(self) -> None:
        """Replace two methods of a type of C, since libraries ask whether a value is of that type.

        `today` asks `time.time`.
        """

        def now(cls: Any, tz: datetime.tzinfo | None = None) -> Any:
            return cls.fromtimestamp(self.time(), tz)

        def utcnow(cls: Any) -> Any:
            return cls.fromtimestamp(self.time(), datetime.UTC).replace(tzinfo=None)

        [namespace] = gc.get_referents(vars(datetime.datetime))
        namespace |= {"now": classmethod(now), "utcnow": classmethod(utcnow)}
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime.datetime))

    def _move_sqlite(self) -> None:
        """Let the SQLite of this process ask here for its `CURRENT_TIMESTAMP` and `'now'`."""
        import _sqlite3

        library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
        library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        system = library.sqlite3_vfs_find(None).contents

        def days(_: int, answer: Any) -> int:
            answer[0] = (_EPOCH / 1000 + self.time()) / 86_400
            return 0

        def milliseconds(_: int, answer: Any) -> int:
            answer[0] = _EPOCH + int(self.time() * 1000)
            return 0

        self._kept += [_Days(days), _Milliseconds(milliseconds)]
        system.current_time = self._kept[-2]
        if system.version >= _ANSWERS_INT64:
            system.current_time_int64 = self._kept[-1]


_Days = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_double))
_Milliseconds = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_int64))


class _Vfs(ctypes.Structure):
    """What SQLite's documentation calls `sqlite3_vfs`, up to the clock."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("size_of_file", ctypes.c_int),
        ("longest_path", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("others", ctypes.c_void_p * 10),
        ("current_time", _Days),
        ("last_error", ctypes.c_void_p),
        ("current_time_int64", _Milliseconds),
    )


def _put_everywhere(original: Any, moved: Any) -> None:
    """Put a function in the place of another one wherever it was imported by its name."""
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType):
            names = [name for name, value in list(vars(module).items()) if value is original]
            vars(module).update(dict.fromkeys(names, moved))
