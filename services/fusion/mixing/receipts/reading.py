"""Receipts as JSON (RFC 8259) and back, strictly: what is not understood is refused, never passed over."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

from cattrs import transform_error
from cattrs.errors import ForbiddenExtraKeysError

from services.fusion.mixing.checking import InvalidArrangement, check_arrangement
from services.fusion.mixing.receipts.receipt import Receipt
from services.fusion.mixing.receipts.strictness import strict_converter

__all__ = ["InvalidReceipt", "from_json", "to_json"]

_CONVERTER: Final = strict_converter()
_VERSION: Final = 1
_SCALE_BITS: Final = range(-32, 33)
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_FASTEST_BPM: Final = 1000.0
_LONGEST_BAR: Final = 64
_MOST_PROBLEMS: Final = 5


class InvalidReceipt(ValueError):
    """A text is no receipt that can be rendered.

    Attributes:
        reason: for programs: RECEIPT_NOT_JSON, RECEIPT_VERSION_UNKNOWN, RECEIPT_FIELDS_WRONG, RECEIPT_SOURCE_WRONG,
            RECEIPT_GRID_WRONG, RECEIPT_WINDOW_WRONG, or what an arrangement may be refused for.
        problems: for people: each names the field, as `voices[2].pan`, and what is wrong with it.
    """

    def __init__(self, reason: str, *problems: str) -> None:
        """Explain with a reason and at least one sentence."""
        super().__init__(" ".join(problems))
        self.reason = reason
        self.problems = problems


def to_json(receipt: Receipt) -> str:
    """The receipt as text: sorted keys, every float as short as it is exact, a line a value; the same receipt, the same text.

    Raises:
        ValueError: for a number that is none.
    """
    document = {"receipt": _VERSION, **_CONVERTER.unstructure(receipt)}
    return json.dumps(document, allow_nan=False, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def from_json(text: str) -> Receipt:
    """Read a receipt.

    Raises:
        InvalidReceipt: if it is not JSON, of another version, has a field that is unknown, missing or of another kind, or a value
            out of its range.
    """
    document = _parsed(text)
    if not isinstance(document, dict) or "receipt" not in document:
        raise InvalidReceipt("RECEIPT_FIELDS_WRONG", "A receipt is an object with a field 'receipt'.")
    if json.dumps(document.pop("receipt")) != str(_VERSION):
        raise InvalidReceipt("RECEIPT_VERSION_UNKNOWN", f"Only receipts of version {_VERSION} are understood here.")
    receipt = _structured(document)
    _check(receipt)
    return receipt


def _parsed(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_without_twins, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InvalidReceipt("RECEIPT_NOT_JSON", f"The receipt is not JSON: {error}.") from None


def _structured(document: Mapping[str, object]) -> Receipt:
    try:
        return _CONVERTER.structure(document, Receipt)
    except Exception as error:  # noqa: BLE001  # cattrs raises a group of whatever went wrong, field by field
        problems = transform_error(error, path="", format_exception=_said)
        raise InvalidReceipt("RECEIPT_FIELDS_WRONG", *map(_placed, problems[:_MOST_PROBLEMS])) from None


def _check(receipt: Receipt) -> None:
    try:
        check_arrangement(receipt.arrangement, receipt.sources)
    except InvalidArrangement as error:
        raise InvalidReceipt(error.code, error.message) from None
    for key, source in receipt.sources.items():
        if source.sha256 and not _SHA256.fullmatch(source.sha256):
            raise InvalidReceipt("RECEIPT_SOURCE_WRONG", f"sources.{key}.sha256: expected 64 hexadecimal digits.")
        if source.scale_bits not in _SCALE_BITS:
            raise InvalidReceipt("RECEIPT_SOURCE_WRONG", f"sources.{key}.scale_bits: expected -32 to 32.")
    grid = receipt.arrangement.grid
    if grid is not None and not (0 < grid.bpm <= _FASTEST_BPM and 0 < grid.beats_per_bar <= _LONGEST_BAR):
        raise InvalidReceipt(
            "RECEIPT_GRID_WRONG", "arrangement.grid: expected a tempo up to 1000 and bars up to 64 beats."
        )
    if receipt.window is not None and not 0 <= receipt.window[0] < receipt.window[1] <= receipt.arrangement.frames:
        raise InvalidReceipt("RECEIPT_WINDOW_WRONG", "window: expected two frames of the song, the earlier one first.")


def _without_twins(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"'{next(name for name in names if names.count(name) > 1)}' is there twice")
    return fields


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _said(error: BaseException, _: object) -> str:
    """A sentence, without its end."""
    match error:
        case KeyError():
            return f"'{error.args[0]}' is missing"
        case ForbiddenExtraKeysError():
            return f"there is no field {', '.join(repr(name) for name in sorted(error.extra_fields))}"
        case AttributeError() | TypeError():
            return "expected an object"  # fields were looked for in something else
        case _:
            return str(error).rstrip(".")


def _placed(problem: str) -> str:
    """`what @ .where` turned into `where: what.`"""
    what, _, where = problem.rpartition(" @ ")
    return f"{where.lstrip('.') or 'receipt'}: {what}."
