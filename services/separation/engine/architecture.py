"""What a network is built as: a class of demucs and its arguments, as data that can be checked before it is used.

In a weights file it stands in the metadata, in the words of demucs 4.1.0's own safetensors files: `klass` the class's
path, `args` and `kwargs` as JSON, a fraction as `{"_type": "fraction", "numerator": …}`. demucs' files have the three
as entries of their own; ours have them in one, since safetensors writes several in any order, and equal networks are to
be equal files.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from services.separation.engine.errors import WeightsCorrupt

CLASSES: Final = {
    "HTDemucs": "demucs.htdemucs.HTDemucs",
    "HDemucs": "demucs.hdemucs.HDemucs",
    "Demucs": "demucs.demucs.Demucs",
}
"""The classes a network may be of, by name, and where demucs has them."""

_ENTRY: Final = "network"

_NAMES: Final = {path: name for name, path in CLASSES.items()}


@dataclass(frozen=True, slots=True)
class Architecture:
    """A class and what it is constructed with.

    Attributes:
        name: one of CLASSES.
        arguments: by the names of the constructor's parameters; plain data.
        positional: those that were given without a name, in the constructor's order.
    """

    name: str
    arguments: Mapping[str, Any] = field(hash=False)
    positional: tuple[Any, ...] = field(default=(), hash=False)


def to_metadata(architecture: Architecture) -> dict[str, str]:
    """The architecture as a weights file carries it.

    Raises:
        WeightsCorrupt: an argument is no plain data.
    """
    described = {
        "klass": CLASSES[architecture.name],
        "args": json.dumps(_plain(list(architecture.positional))),
        "kwargs": json.dumps(_plain(dict(architecture.arguments)), sort_keys=True),
    }
    return {_ENTRY: json.dumps(described, sort_keys=True)}


def from_metadata(metadata: Mapping[str, str]) -> Architecture:
    """The architecture that a weights file carries; nothing is imported or called to read it.

    Raises:
        WeightsCorrupt: there is none, or it is none that this program builds.
    """
    try:
        described = json.loads(metadata[_ENTRY]) if _ENTRY in metadata else metadata
        name = _NAMES[described["klass"]]
        positional = _read(json.loads(described["args"]))
        arguments = _read(json.loads(described["kwargs"]))
    except (KeyError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise WeightsCorrupt(f"it does not say what network it holds ({error!r})") from None
    if not isinstance(positional, list) or not isinstance(arguments, dict):
        raise WeightsCorrupt("it does not say what network it holds (the arguments are no list and no table)")
    return Architecture(name, arguments, tuple(positional))


def _plain(value: object) -> object:
    """`value` as JSON can hold it."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Fraction):
        return {"_type": "fraction", "numerator": value.numerator, "denominator": value.denominator}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(item) for key, item in value.items()}
    raise WeightsCorrupt(f"a network's arguments are numbers, strings, lists and tables, not {type(value).__name__}")


def _read(value: object) -> object:
    """The inverse of `_plain`, but for tuples, which come back as lists."""
    if isinstance(value, list):
        return [_read(item) for item in value]
    if isinstance(value, dict):
        if value.get("_type") == "fraction":
            return Fraction(value["numerator"], value["denominator"])
        return {key: _read(item) for key, item in value.items()}
    return value
