"""Values of JSON as the fields of dataclasses, each of exactly its kind."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Final, get_args, get_origin

from cattrs import Converter

from services.fusion.mixing.rendering import Format

__all__ = ["strict_converter"]

_LARGEST: Final = 2**53  # beyond it, other JSON readers lose digits


def _whole(value: object, _: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
        raise ValueError(f"expected a whole number, not {_shown(value)}")
    return value


def _number(value: object, _: object) -> float:
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
    if not whole and not (isinstance(value, float) and math.isfinite(value)):
        raise ValueError(f"expected a number, not {_shown(value)}")
    return float(value)  # type: ignore[arg-type]  # a whole number or a float, as was just made sure


def _text(value: object, _: object) -> str:
    if not isinstance(value, str) or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError(f"expected text, not {_shown(value)}")
    return value


def _truth(value: object, _: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, not {_shown(value)}")  # noqa: TRY004  # as the others
    return value


def _format(value: object, _: object) -> Format:
    if value not in list(Format):
        raise ValueError(f"expected {', '.join(Format)}, not {_shown(value)}")
    return Format(str(value))


def _shown(value: object) -> str:
    return json.dumps(value)[:40]


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _listed(kind: Any, converter: Converter) -> Callable[[object, object], tuple[object, ...]]:
    """Reads a list as a tuple. cattrs alone would take a text, or the names in an object, for a list."""
    first, *rest = get_args(kind)
    if rest == [Ellipsis]:
        list_kind: Any = list.__class_getitem__(first)
        read = converter.get_structure_hook(list_kind)
        return lambda value, _: tuple(read(_list(value), list_kind))
    kinds = (first, *rest)

    def read_all(value: object, _: object) -> tuple[object, ...]:
        values = _list(value)
        if len(values) != len(kinds):
            raise ValueError(f"expected {len(kinds)} values, not {len(values)}")
        return tuple(converter.structure(each, kind) for each, kind in zip(values, kinds, strict=True))

    return read_all


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"expected a list, not {_shown(value)}")  # noqa: TRY004  # as the others
    return value


def strict_converter() -> Converter:
    """A converter to dataclasses that takes no value for one of another kind, and no unknown field; errors are ValueErrors."""
    converter = Converter(forbid_extra_keys=True)
    hooks: Mapping[type, Any] = {int: _whole, float: _number, str: _text, bool: _truth}
    for kind, hook in hooks.items():
        converter.register_structure_hook(kind, hook)
    converter.register_structure_hook(Format, _format)  # or it would be read as any other text
    converter.register_structure_hook_factory(_is_tuple, _listed)
    return converter
