"""Effects by name, with the numbers that a studio would start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.fusion.mixing.arrangement import Band, Compressor, Delay, Effects, Reverb
from services.fusion.mixing.effects.checking import InvalidEffect

__all__ = ["PRESETS", "Preset", "preset"]


@dataclass(frozen=True)
class Preset:
    """Effects, what they are for in a sentence, and the roles that they suit."""

    effects: Effects
    purpose: str
    roles: tuple[str, ...]


_TUNED: Final = ("vocals", "other", "guitar", "piano")
_EVERYTHING: Final = ("vocals", "drums", "bass", *_TUNED[1:])

PRESETS: Final[Mapping[str, Preset]] = {
    "clean_vocal": Preset(
        Effects(
            low_cut_hz=90,
            bands=(Band("peak", 300, -2.0, 1.0), Band("peak", 3_500, 2.0, 0.9), Band("high_shelf", 10_000, 2.0)),
            compressor=Compressor(-22, 3.0, attack_ms=8, release_ms=120, makeup_db=3),
        ),
        "A voice without rumble and mud, even in level and close.",
        ("vocals",),
    ),
    "warm": Preset(
        Effects(
            bands=(Band("low_shelf", 180, 2.5), Band("peak", 3_000, -1.5, 0.8), Band("high_shelf", 9_000, -3.0)),
            compressor=Compressor(-20, 2.0, attack_ms=25, release_ms=200, makeup_db=1.5),
        ),
        "More body, less edge.",
        _TUNED,
    ),
    "bright": Preset(
        Effects(low_cut_hz=60, bands=(Band("peak", 5_000, 2.0, 0.8), Band("high_shelf", 10_000, 3.0))),
        "More air and presence.",
        _EVERYTHING,
    ),
    "telephone": Preset(
        Effects(
            low_cut_hz=350,
            high_cut_hz=3_400,
            bands=(Band("peak", 1_600, 6.0, 1.2),),
            compressor=Compressor(-28, 8.0, attack_ms=2, release_ms=80, makeup_db=6),
        ),
        "As through a telephone: the band from 350 to 3,400 Hz, squeezed.",
        ("vocals", "other"),
    ),
    "room": Preset(Effects(reverb=Reverb(0.6, 0.25, 8)), "A small room around the sound.", _EVERYTHING),
    "plate": Preset(
        Effects(low_cut_hz=100, reverb=Reverb(1.6, 0.3, 25)),
        "A dense, bright tail behind the sound.",
        ("vocals", "drums"),
    ),
    "hall": Preset(Effects(low_cut_hz=80, reverb=Reverb(2.6, 0.35, 35)), "A concert hall.", _TUNED),
    "cathedral": Preset(
        Effects(low_cut_hz=120, reverb=Reverb(6.0, 0.5, 60)), "Far away in a very large space.", _TUNED
    ),
    "slap_delay": Preset(
        Effects(delay=Delay(0.11, 0.0, 0.3)), "One quick echo, as on the first rock records.", ("vocals", "guitar")
    ),
    "echo": Preset(Effects(delay=Delay(0.375, 0.35, 0.3)), "Echoes that fade away within two seconds.", _TUNED),
    "punch": Preset(
        Effects(
            bands=(Band("low_shelf", 90, 2.0), Band("peak", 400, -2.5, 1.0), Band("peak", 4_500, 2.0, 0.9)),
            compressor=Compressor(-18, 4.0, attack_ms=25, release_ms=90, makeup_db=3),
        ),
        "Drums that strike: their attacks pass, what follows is held down.",
        ("drums",),
    ),
    "tight_bass": Preset(
        Effects(
            low_cut_hz=35,
            bands=(Band("peak", 250, -2.0, 1.0), Band("peak", 900, 1.5, 1.0)),
            compressor=Compressor(-20, 4.0, attack_ms=15, release_ms=150, makeup_db=3),
        ),
        "A bass of even level that leaves room for the kick drum.",
        ("bass",),
    ),
    "lo_fi": Preset(
        Effects(
            low_cut_hz=150, high_cut_hz=5_000, compressor=Compressor(-26, 5.0, attack_ms=5, release_ms=150, makeup_db=4)
        ),
        "As from an old cassette.",
        _EVERYTHING,
    ),
}


def preset(name: str) -> Effects:
    """The effects of this name.

    Raises:
        InvalidEffect: `PRESET_UNKNOWN`, with the names that there are.
    """
    if name not in PRESETS:
        raise InvalidEffect(
            "PRESET_UNKNOWN", f"There is no preset '{name}'. Choose one of: {', '.join(sorted(PRESETS))}."
        )
    return PRESETS[name].effects
