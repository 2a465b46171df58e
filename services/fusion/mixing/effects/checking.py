"""Which settings effects may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.fusion.mixing.arrangement import Effects

__all__ = ["MOST_BANDS", "RANGES", "InvalidEffect", "check_effects"]

MOST_BANDS: Final = 8

RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "low_cut_hz": (20, 20_000),
    "high_cut_hz": (20, 20_000),
    "band.frequency_hz": (20, 20_000),
    "band.gain_db": (-24, 24),
    "band.q": (0.1, 18),
    "compressor.threshold_db": (-60, 0),
    "compressor.ratio": (1, 20),
    "compressor.attack_ms": (0.1, 200),
    "compressor.release_ms": (5, 2000),
    "compressor.makeup_db": (0, 24),
    "delay.seconds": (0.01, 2),
    "delay.feedback": (0, 0.95),
    "delay.mix": (0, 1),
    "reverb.seconds": (0.1, 10),
    "reverb.mix": (0, 1),
    "reverb.predelay_ms": (0, 200),
}
"""The least and the greatest value of every setting."""

_SHAPES: Final = ("peak", "low_shelf", "high_shelf")


class InvalidEffect(ValueError):
    """An effect has a setting that it can't have.

    Attributes:
        code: for programs: `EFFECT_OUT_OF_RANGE`, `TOO_MANY_BANDS`, `BAND_SHAPE_UNKNOWN`, `CUTS_CROSS`, `PRESET_UNKNOWN`.
        message: for people: what is wrong and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def check_effects(effects: Effects) -> None:
    """Refuse settings out of their ranges.

    Raises:
        InvalidEffect: which one, and what it may be.
    """
    if len(effects.bands) > MOST_BANDS:
        raise InvalidEffect("TOO_MANY_BANDS", f"An equaliser has at most {MOST_BANDS} bands, not {len(effects.bands)}.")
    for band in effects.bands:
        if band.shape not in _SHAPES:
            raise InvalidEffect(
                "BAND_SHAPE_UNKNOWN", f"A band's shape is one of {', '.join(_SHAPES)}, not '{band.shape}'."
            )
        _check_settings("band", band)
    _check_settings("compressor", effects.compressor)
    _check_settings("delay", effects.delay)
    _check_settings("reverb", effects.reverb)
    _check_cuts(effects.low_cut_hz, effects.high_cut_hz)


def _check_cuts(low_hz: float | None, high_hz: float | None) -> None:
    for name, frequency in (("low_cut_hz", low_hz), ("high_cut_hz", high_hz)):
        if frequency is not None:
            _check(name, frequency)
    if low_hz is not None and high_hz is not None and low_hz >= high_hz:
        raise InvalidEffect(
            "CUTS_CROSS",
            f"A low cut at {low_hz:g} Hz and a high cut at {high_hz:g} Hz leave nothing: put the low cut lower.",
        )


def _check_settings(effect: str, settings: object) -> None:
    if settings is not None:
        for name in RANGES:
            if name.startswith(f"{effect}."):
                _check(name, getattr(settings, name.partition(".")[2]))


def _check(name: str, value: float) -> None:
    low, high = RANGES[name]
    if not low <= value <= high:  # NaN is in no range either
        raise InvalidEffect("EFFECT_OUT_OF_RANGE", f"'{name}' is {value:g}; it lies between {low:g} and {high:g}.")
