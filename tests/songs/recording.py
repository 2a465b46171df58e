"""From a performance to sound: every stem in a room, balanced, and their sum the mix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Final

import numpy as np

from tests.songs import gm
from tests.songs.instruments import BASSES, COMPS, LEADS, Instrument, kit
from tests.songs.performing import Hit, Performance, Tone
from tests.songs.sounds import choose, hum, place, reverberate
from tests.songs.truth import Pcm, Signal, Song

__all__ = ["RATE", "record"]

RATE: Final = 44_100
_PEAK: Final = 0.8
_LEVELS_DB: Final = {"drums": 0.0, "bass": -1.0, "chords": -2.0, "lead": -1.0}  # of a stem's loud moments
_DRUM_LEVELS: Final = {
    "hat": 0.3,
    "open": 0.25,
    "ride": 0.35,
    "crash": 0.4,
    "shaker": 0.3,
    "tambourine": 0.3,
    "rim": 0.6,
}


def record(seed: int, performance: Performance) -> Song:
    """Record a performance at RATE, in one channel: the same seed gives the same samples on the same machine."""
    rng = np.random.default_rng([seed, 3])
    frames = round(performance.seconds * RATE)
    dry = _played(performance, frames, rng)
    wet = {name: reverberate(stem, RATE, rng, wet=_wetness(name, performance)) for name, stem in dry.items()}
    levels = {
        name: _LEVELS_DB[name] + (performance.recipe.drums_db if name == "drums" else rng.uniform(-4, 3))
        for name in wet
    }
    balanced = {name: stem * _gain(stem, levels[name]) for name, stem in wet.items()}
    peak = float(np.abs(reduce(np.add, balanced.values())).max())
    pcm: dict[str, Pcm] = {name: (stem * (_PEAK / peak)).astype(np.float32) for name, stem in balanced.items()}
    return Song(reduce(np.add, pcm.values()), pcm, RATE, performance.truth)


def _wetness(name: str, performance: Performance) -> float:
    return performance.recipe.wet * {"drums": 0.4, "bass": 0.2}.get(name, 1.0)


def _gain(stem: Signal, level_db: float) -> float:
    """What brings a stem's loud moments, its 95th percentile of 50 ms, to a level."""
    size = RATE // 20
    blocks = stem[: len(stem) // size * size].reshape(-1, size)
    loud = float(np.percentile(np.sqrt(np.mean(blocks**2, axis=1)), 95))
    return 10 ** (level_db / 20) / max(loud, 1e-6)


def _played(performance: Performance, frames: int, rng: np.random.Generator) -> dict[str, Signal]:
    """The stems, without a room: by General MIDI where that is asked for and installed, else synthesised."""
    font = gm.soundfont() if performance.recipe.sounds == "gm" else None
    if font is None:
        return _synthesised(performance, frames, rng)
    stems = gm.play(performance, frames, RATE, font, rng)
    if "lead" in performance.tones and performance.recipe.lead == "voice":
        stems["lead"] = _sing(performance, frames, rng)
    return stems


def _synthesised(performance: Performance, frames: int, rng: np.random.Generator) -> dict[str, Signal]:
    recipe, stems = performance.recipe, dict[str, Signal]()
    if performance.hits:
        stems["drums"] = _drums(performance.hits, frames, rng)
    sustained = recipe.comp == "pad"
    comps = ("organ", "pad", "brass") if sustained else ("electric piano", "guitar", "harp", "organ", "bells", "brass")
    chosen: Mapping[str, Instrument] = {
        "bass": BASSES[choose(rng, tuple(BASSES))],
        "chords": COMPS[choose(rng, comps)],
        "lead": LEADS[choose(rng, tuple(LEADS))],
    }
    for name, tones in performance.tones.items():
        stems[name] = _tones(tones, chosen[name], frames, recipe.cents)
    if "lead" in stems and recipe.lead == "voice":
        stems["lead"] = _sing(performance, frames, rng)
    return stems


def _drums(hits: Sequence[Hit], frames: int, rng: np.random.Generator) -> Signal:
    sounds = kit(rng, RATE)
    out = np.zeros((frames, 1))
    for hit in hits:
        level = hit.velocity * _DRUM_LEVELS.get(hit.drum, 1.0)
        place(out, round(hit.start * RATE), sounds[hit.drum] * level, 0.0)
    return out


def _tones(tones: Sequence[Tone], instrument: Instrument, frames: int, cents: float) -> Signal:
    out = np.zeros((frames, 1))
    kept: dict[tuple[int, int], Signal] = {}
    for tone in tones:
        hundredths = max(5, round(tone.seconds * 100))
        if (tone.midi, hundredths) not in kept:
            kept[tone.midi, hundredths] = instrument(_hertz(tone.midi, cents), hundredths / 100, RATE)
        place(out, round(tone.start * RATE), tone.velocity * kept[tone.midi, hundredths], 0.0)
    return out


def _sing(performance: Performance, frames: int, rng: np.random.Generator) -> Signal:
    """The lead on a vowel; a singer is a few cents off, now above and now below."""
    out = np.zeros((frames, 1))
    for tone in performance.tones["lead"]:
        cents = performance.recipe.cents + float(np.clip(rng.normal(0, 8), -20, 20))
        place(
            out, round(tone.start * RATE), tone.velocity * hum(rng, _hertz(tone.midi, cents), tone.seconds, RATE), 0.0
        )
    return out


def _hertz(midi: int, cents: float) -> float:
    return float(440.0 * 2 ** ((midi - 69 + cents / 100) / 12))
