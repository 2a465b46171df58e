"""A piece of an arrangement becomes sound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.arrangement import Piece
from services.fusion.mixing.progress import IsCancelled, never
from services.fusion.mixing.sources import Pcm, Source
from services.fusion.mixing.stretching.cutting import after, exactly
from services.fusion.mixing.stretching.formants import LEAD_FRAMES, with_formants
from services.fusion.mixing.stretching.resampling import resampled
from services.fusion.mixing.stretching.tape import onwards
from services.fusion.mixing.stretching.timeline import Timeline
from services.fusion.mixing.stretching.vocoding import vocoded

__all__ = ["perform_piece"]

_SETTLING_FRAMES: Final = 4096  # more than half of any of soxr's filters
_CENTS_AN_OCTAVE: Final = 1200


def perform_piece(
    source: Source,
    piece: Piece,
    rate: int,
    *,
    cents: float = 0.0,
    keep_formants: bool = False,
    start: int | None = None,
    cancelled: IsCancelled = never,
) -> Iterator[Pcm]:
    """The piece as it sounds in a song at `rate` Hz, from its first frame or from `start` up to its end.

    What lies at an anchor's second in the source lies at its frame in the song; transients keep to it within 1 ms at speeds of
    0.8 to 1.25. Transposed by `cents` (-2,400 to 2,400) by stretching that much more and resampling (libsoxr), which holds the
    pitch within a cent. With `keep_formants` vowels stay what they are. Where the source passes at its own speed it is copied bit
    by bit, or only resampled if its rate is another.

    Yields blocks of at most BLOCK_FRAMES, float32 (frames, source.channels), `piece.end - start` frames in all. A source's
    silence stays silence. Deterministic; memory does not grow with length. From a later `start` every sound lies where it
    lies in the whole; phases may differ.

    Raises:
        ValueError: if the anchors don't ascend, or `start` lies outside the piece.
        MissingLibrary: while performing, if the compiled library is needed and isn't there.
        InvalidSource: while performing, if the source is not what it declared.
        Cancelled: while performing, as soon as `cancelled` answers True.
    """
    timeline = Timeline(piece, rate)
    first = piece.start if start is None else start
    if not piece.start <= first <= piece.end:
        raise ValueError(f"frame {first} lies outside a piece from {piece.start} to {piece.end}")
    factor = 2.0 ** (cents / _CENTS_AN_OCTAVE)
    if keep_formants and cents:
        early = _sounding(source, timeline, rate, factor, first - LEAD_FRAMES)
        blocks = after(LEAD_FRAMES, with_formants(early, factor, rate))
    else:
        blocks = _sounding(source, timeline, rate, factor, first)
    return exactly(piece.end - first, blocks, cancelled)


def _sounding(source: Source, timeline: Timeline, rate: int, factor: float, first: int) -> Iterator[Pcm]:
    """From frame `first` on without end, `factor` times as high."""
    clock = source.sample_rate * factor  # at this rate the source's own samples sound so high
    if timeline.passes_at(factor, within=0.5 / source.sample_rate):
        return _played(source, timeline, rate, clock, first)
    if clock == rate:
        return _stretched(source, timeline, rate, clock, first)
    early = _stretched(source, timeline, rate, clock, first - _SETTLING_FRAMES)
    return after(_SETTLING_FRAMES, resampled(early, source.channels, clock, rate))


def _stretched(source: Source, timeline: Timeline, rate: int, clock: float, first: int) -> Iterator[Pcm]:
    """At `clock` Hz, its frame 0 at the song's frame `first`."""

    def places(frames: NDArray[np.float64]) -> NDArray[np.float64]:
        return timeline.seconds(first + frames * (rate / clock)) * source.sample_rate

    return vocoded(source, places)


def _played(source: Source, timeline: Timeline, rate: int, clock: float, first: int) -> Iterator[Pcm]:
    """The source's own samples; they pass as fast as `clock` does."""
    passed = first - timeline.start
    place = timeline.second(timeline.start) * source.sample_rate
    if clock == rate:
        return onwards(source, round(place) + passed)
    settling, start = _nearly_whole(place + passed * clock / rate, clock / rate)
    return after(settling, resampled(onwards(source, start), source.channels, clock, rate))


def _nearly_whole(place: float, step: float) -> tuple[int, int]:
    """How many frames of the song before `place`, each `step` frames of the source, a frame of it lies; and which."""
    settling = np.arange(_SETTLING_FRAMES, 2 * _SETTLING_FRAMES)
    places = place - settling * step
    best = int(np.argmin(np.abs(places - np.rint(places))))
    return int(settling[best]), round(float(places[best]))
