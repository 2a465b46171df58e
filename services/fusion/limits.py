"""The range of every number that a fusion may be asked for, and what 0 stands for where it is no number of its own."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from chassis.errors import InvalidInput


class Limit(NamedTuple):
    """From `low` to `high`; `unset` is what 0 stands for, None where 0 is a value like others."""

    low: float
    high: float
    unset: float | None = None


# By message and field; what no line names has no range of its own.
LIMITS: Mapping[str, Mapping[str, Limit]] = {
    "SelectedStem": {
        "start_offset_seconds": Limit(-3600, 3600),
        "loops": Limit(0, 1000),
        "fade_in_seconds": Limit(0, 60),
        "fade_out_seconds": Limit(0, 60),
        "speed": Limit(0.5, 2, unset=1),
        "semitones": Limit(-12, 12),
        "low_cut_hz": Limit(20, 20_000),
        "high_cut_hz": Limit(20, 20_000),
    },
    "Trim": {"start_seconds": Limit(0, 36_000), "end_seconds": Limit(0, 36_000)},
    "Band": {"frequency_hz": Limit(20, 20_000), "gain_db": Limit(-24, 24), "q": Limit(0.1, 18, unset=0.707)},
    "Compressor": {
        "threshold_db": Limit(-60, 0),
        "ratio": Limit(1, 20, unset=4),
        "attack_ms": Limit(0.1, 200, unset=10),
        "release_ms": Limit(5, 2000, unset=120),
        "makeup_db": Limit(0, 24),
    },
    "Delay": {"seconds": Limit(0.01, 2), "feedback": Limit(0, 0.95), "mix": Limit(0, 1)},
    "Reverb": {"seconds": Limit(0.1, 10), "mix": Limit(0, 1), "predelay_ms": Limit(0, 200)},
    "Key": {"tonic": Limit(0, 11)},
    "Output": {"loudness_lufs": Limit(-40, -6), "true_peak_dbtp": Limit(-9, 0)},
    "Preview": {"start_seconds": Limit(0, 36_000), "duration_seconds": Limit(0.1, 30, unset=15)},
    "CreateFusionRequest": {"choice": Limit(1, 10, unset=1)},
    "SuggestFusionRequest": {"count": Limit(1, 10, unset=5)},
}


def number(message: Message, field: str) -> float:
    """Return a field's value, or what 0 stands for in it."""
    value: float = getattr(message, field)
    limit = LIMITS[message.DESCRIPTOR.name][field]
    return limit.unset if not value and limit.unset is not None else value


def check(message: Message) -> None:
    """Raise `InvalidInput` naming the first number of a message, or of one within it, that is out of its range."""
    for name, limit in LIMITS.get(message.DESCRIPTOR.name, {}).items():
        field = message.DESCRIPTOR.fields_by_name[name]
        if not field.has_presence or message.HasField(name):
            _check_number(name, number(message, name), limit)
    for field, value in message.ListFields():
        for each in _messages(field, value):
            check(each)


def _messages(field: FieldDescriptor, value: object) -> Iterable[Message]:
    if field.message_type is None or field.message_type.GetOptions().map_entry:
        return ()
    return cast("Iterable[Message]", value) if field.is_repeated else (cast("Message", value),)


def _check_number(name: str, value: float, limit: Limit) -> None:
    if not limit.low <= value <= limit.high:  # NaN is in no range either
        raise InvalidInput(
            "SETTING_OUT_OF_RANGE",
            f"'{name}' is {value:g}; it lies between {limit.low:g} and {limit.high:g}.",
            setting=name,
            value=value,
            low=limit.low,
            high=limit.high,
        )
