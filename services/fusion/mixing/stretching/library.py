"""The compiled part: Signalsmith Stretch behind the few functions of `feed.cpp`."""

from __future__ import annotations

import ctypes
from functools import cache
from importlib.util import find_spec
from typing import Final

__all__ = ["MissingLibrary", "load"]

_MODULE: Final = "services.fusion.mixing.stretching._feed"


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
    pointer, number = ctypes.c_void_p, ctypes.c_int
    library.feed_create.restype = pointer
    library.feed_create.argtypes = (number, number, number)
    library.feed_destroy.restype = None
    library.feed_destroy.argtypes = (pointer,)
    library.feed_hops.restype = None
    library.feed_hops.argtypes = (pointer, pointer, pointer, pointer, number, pointer)
    return library
