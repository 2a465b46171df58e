"""The compiled part: the functions of `phases.cpp`."""

from __future__ import annotations

import ctypes
from functools import cache
from importlib.util import find_spec
from typing import Final

__all__ = ["MissingLibrary", "load"]

_MODULE: Final = "services.fusion.mixing.stretching._phases"


class MissingLibrary(RuntimeError):
    """The library was not compiled, or for another machine."""


@cache
def load(module: str = _MODULE) -> ctypes.CDLL:
    """The library, with the types of its functions declared; calls into it release Python's lock.

    Raises:
        MissingLibrary: if there is none that this machine can load.
    """
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise MissingLibrary(_advice(f"{module} is not installed"))
    try:
        library = ctypes.CDLL(spec.origin)
    except OSError as error:
        raise MissingLibrary(_advice(str(error))) from error
    return _declared(library)


def _advice(what: str) -> str:
    return (
        f"{what}: stretching needs its compiled library. `make install` builds it in a checkout (without a compiler, too); "
        "elsewhere install PureMusic's wheel for this platform, or from source with a C++17 compiler."
    )


def _declared(library: ctypes.CDLL) -> ctypes.CDLL:
    array, number = ctypes.c_void_p, ctypes.c_int
    library.phases_analyse.restype = None
    library.phases_analyse.argtypes = (array, ctypes.c_int64, number, array, *[number] * 4, *[array] * 3)
    library.phases_settle.restype = number
    library.phases_settle.argtypes = (array, *[number] * 4, *[array] * 4)
    library.phases_add.restype = None
    library.phases_add.argtypes = (array, *[number] * 5, *[array] * 4)
    return library
