"""Tracks as mir may describe them, and wishes for their stems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from math import sin, tau

import numpy as np

from services.fusion.mixing.planning.material import Key, Section, Span, StemFacts, Track
from services.fusion.mixing.planning.wish import StemWish

RATE = 44_100
BAND = ("vocals", "drums", "bass", "other")


def beats_of(
    count: int, bpm: float, *, first: float = 0.5, drift: float = 0.0, jitter: float = 0.0
) -> tuple[float, ...]:
    """Beats whose distances swing slowly by a share `drift`, each `jitter` seconds off at most."""
    off = np.random.default_rng(count).uniform(-jitter, jitter, count)
    steps = (60 / bpm * (1 + drift * sin(tau * beat / 97)) for beat in range(count - 1))
    return tuple(float(at + away) for at, away in zip(accumulate(steps, initial=first), off, strict=True))


def track_of(
    track_id: str,
    bpm: float = 120.0,
    *,
    count: int = 128,
    first: float = 0.5,
    drift: float = 0.0,
    jitter: float = 0.0,
    bar: int = 4,
    downbeat: int = 0,
    key: Key | None = None,
    tuning: float = 0.0,
    labels: str = "",
    active: Mapping[str, Sequence[tuple[float, float]]] | None = None,
    roles: Sequence[str] = BAND,
) -> Track:
    """A track with beats; `downbeat`: index of its first downbeat; `labels`: of sections of equal numbers of beats."""
    beats = beats_of(count, bpm, first=first, drift=drift, jitter=jitter)
    seconds = beats[-1] + 60 / bpm
    played = active or {}
    stems = {role: StemFacts(-18.0, _spans(played[role]) if role in played else None) for role in roles}
    return Track(
        track_id,
        seconds,
        bpm,
        0.9,
        beats,
        tuple((index - downbeat) % bar + 1 for index in range(count)),
        bar,
        key=key,
        tuning_cents=tuning,
        sections=_sections(labels, beats, seconds),
        stems=stems,
    )


def stem_of(track: Track, role: str, **wanted: object) -> StemWish:
    """A stem of a track, with other settings than the usual ones."""
    return StemWish(f"{track.track_id}/{role}", track.track_id, role, track.seconds, RATE, **wanted)  # type: ignore[arg-type]  # any of its fields


def stems_of(*tracks: Track, roles: Sequence[str] = BAND) -> tuple[StemWish, ...]:
    """These stems of all tracks."""
    return tuple(stem_of(track, role) for track in tracks for role in roles)


def by_id(*tracks: Track) -> dict[str, Track]:
    """As planning takes them."""
    return {track.track_id: track for track in tracks}


def _spans(spans: Sequence[tuple[float, float]]) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in spans)


def _sections(labels: str, beats: Sequence[float], seconds: float) -> tuple[Section, ...]:
    if not labels:
        return ()
    size = len(beats) // len(labels)
    bounds = [0.0, *(beats[index * size] for index in range(1, len(labels))), seconds]
    return tuple(
        Section(Span(start, end), label, size // 4)
        for label, (start, end) in zip(labels, pairwise(bounds), strict=True)
    )
