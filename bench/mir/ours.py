"""Our analysis: whole, or its parts by themselves with what the networks say of a song kept, quick enough to tune by.

python -m bench.mir --half tuning --only rhythm --analysis bench.mir.ours:rhythm
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bench.mir.collection import HOME
from services.mir.analysis import networks
from services.mir.analysis.activations import BeatActivations, ChordActivations
from services.mir.analysis.analysing import analyse
from services.mir.analysis.findings import Analysis
from services.mir.analysis.harmony import (
    estimate_tuning,
    harmonic_change,
    hear_first_harmony,
    hear_harmony,
    quick_key,
)
from services.mir.analysis.network_files import BEATS, CHORDS
from services.mir.analysis.networks import Networks, load_networks
from services.mir.analysis.preparation import Mono, Prepared, prepare
from services.mir.analysis.rhythm import hear_rhythm

__all__ = ["both", "first", "harmony", "rhythm", "whole"]

WEIGHTS: Final = Path(".puremusic/weights/mir")
_CODE: Final = Path(networks.__file__).parent
_SOURCES: Final = ("rhythm/spectra.py", "harmony/spectra.py", "harmony/tuning.py", "harmony/pitches.py")


def whole(pcm: NDArray[np.float32], rate: int) -> Analysis:
    """The whole analysis, as a worker makes it when a track has arrived."""
    return analyse(pcm, rate, _networks())


def first(pcm: NDArray[np.float32], rate: int) -> Analysis:
    """What is heard without the chord network: tempo, beats, metre, tuning and key; and loudness, which comes with reading."""
    track = prepare(pcm, rate)
    heard = hear_rhythm(_networks().beat_activations(track.mono), track.mono)
    harmony = hear_first_harmony(track.mono)
    return Analysis(
        track.seconds,
        tempo=heard.tempo,
        beats=heard.beats,
        metre=heard.metre,
        key=harmony.key,
        tuning_cents=harmony.tuning_cents,
    )


def rhythm(pcm: NDArray[np.float32], rate: int) -> Analysis:
    """Tempo, beats and metre, with the harmony's changes at hand."""
    track = prepare(pcm, rate)
    heard = hear_rhythm(_beats(track.mono), track.mono, harmonic_change(_chords(track.mono)))
    return Analysis(track.seconds, tempo=heard.tempo, beats=heard.beats, metre=heard.metre)


def harmony(pcm: NDArray[np.float32], rate: int) -> Analysis:
    """Tuning, chords and keys, without beats to snap to."""
    return _harmony(prepare(pcm, rate), Analysis(0.0))


def both(pcm: NDArray[np.float32], rate: int) -> Analysis:
    """Rhythm, and harmony on its beats."""
    return _harmony(prepare(pcm, rate), rhythm(pcm, rate))


def _harmony(track: Prepared, heard: Analysis) -> Analysis:
    cents = _tuning(track.mono)
    first_key = quick_key(track.mono, cents) if cents is not None else None
    found = hear_harmony(_chords(track.mono), heard.beats, track.seconds, cents, first_key)
    return Analysis(
        track.seconds,
        tempo=heard.tempo,
        beats=heard.beats,
        metre=heard.metre,
        key=found.key,
        key_sections=found.key_sections,
        tuning_cents=cents,
        chords=found.chords,
    )


def _beats(mono: Mono) -> BeatActivations:
    heard: BeatActivations = _kept("beats", mono, lambda: {"beats": _networks().beat_activations(mono)})["beats"]
    return heard


def _chords(mono: Mono) -> ChordActivations:
    cents = _tuning(mono)
    return ChordActivations(**_kept("chords", mono, lambda: vars(_networks().chord_activations(mono, cents or 0.0))))


def _tuning(mono: Mono) -> float | None:
    cents = float(_kept("tuning", mono, lambda: {"cents": np.array(estimate_tuning(mono), float)})["cents"])
    return None if np.isnan(cents) else cents


def _kept(what: str, mono: Mono, hear: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Arrays by name, from the last time that this was asked of these samples, or asked now."""
    file = HOME / "heard" / _version() / f"{what}-{hashlib.sha256(mono.tobytes()).hexdigest()[:20]}.npz"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{os.getpid()}.npz")
        np.savez(part, **hear())
        part.replace(file)
    with np.load(file) as found:
        return dict(found)


@cache
def _version() -> str:
    """Changes with the networks and with what they are given to hear."""
    digest = hashlib.sha256((BEATS.sha256 + CHORDS.sha256).encode())
    for source in _SOURCES:
        digest.update((_CODE / source).read_bytes())
    return digest.hexdigest()[:12]


@cache
def _networks() -> Networks:
    return load_networks(WEIGHTS)
