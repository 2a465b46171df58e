"""How far apart beats of two songs are after fusion: each has a stroke on every true beat, found again by its onset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.fusion.measure import Measure
from bench.fusion.pairs import Pcm, Piece
from bench.fusion.playing import decided, frames_of, voices_of
from services.fusion.mixing.planning.material import Track
from services.fusion.mixing.planning.wish import Match, MatchMode, StemWish, Wish
from services.fusion.mixing.sources import ArraySource

__all__ = ["alignment", "stroke_errors"]

_STROKE_SECONDS: Final = 0.06
_DECAY: Final = 80.0  # a second
_REACH_SECONDS: Final = 0.05  # around where it is expected; the stretcher is at fault if it is not there
_ONSET: Final = 0.3  # of the stroke's peak
_EDGE_SECONDS: Final = 0.3

Times = NDArray[np.float64]


def alignment(chosen: Sequence[tuple[Piece, Piece]]) -> Iterator[Measure]:
    """Along true beats, which measures fusion alone, and along those that mir hears."""
    for name in ("true", "heard"):
        by_pair = [1000 * np.abs(_errors(pair, {p.name: getattr(p, name) for p in pair})) for pair in chosen]
        errors = np.concatenate(by_pair)
        median, most = np.percentile(errors, (50, 95))
        together = sum(np.percentile(pair, 95) <= 30 for pair in by_pair)
        said = f"{median:.1f} / {most:.1f} ms ({len(errors)} beats; {together} of {len(chosen)} pairs)"
        wanted = median <= 10 and most <= 30
        what = f"beats between sources, along {'true beats' if name == 'true' else 'what mir hears'}"
        yield Measure(what, "10 / 30 ms", said, bool(wanted))


def _errors(pair: tuple[Piece, Piece], tracks: dict[str, Track]) -> Times:
    """Seconds from each stroke of the sparser song to the nearest of the other, where every true beat has one."""
    return stroke_errors([(piece.stem("strokes", "drums"), piece.song.truth.beats) for piece in pair], tracks)


def stroke_errors(stems: Sequence[tuple[StemWish, Sequence[float]]], tracks: Mapping[str, Track]) -> Times:
    """Of two stems that are nothing but strokes at such seconds: seconds from each of the sparser one to the other's nearest."""
    wish = Wish(tuple(stem for stem, _ in stems), Match(MatchMode.TEMPO))
    _, song = decided(wish, tracks)
    sources = {
        stem.stem_id: ArraySource(_strokes(beats, stem.seconds, stem.sample_rate), stem.sample_rate)
        for stem, beats in stems
    }
    voices = voices_of(song, sources)
    onsets = [
        _onsets(voices[stem.stem_id], frames_of(song, stem.stem_id, np.array(beats)), song.sample_rate)
        for stem, beats in stems
    ]
    fewer, more = sorted(onsets, key=len)
    both = fewer[(fewer > more[0]) & (fewer < more[-1])]
    nearest = more[np.abs(more[:, None] - both).argmin(axis=0)]
    return np.asarray(both - nearest)


def _strokes(beats: Sequence[float], seconds: float, rate: int) -> Pcm:
    """A burst of noise on every beat, float32 (frames, 1)."""
    frames = round(seconds * rate)
    pcm = np.zeros(frames + rate, np.float32)
    time = np.arange(round(_STROKE_SECONDS * rate)) / rate
    stroke = np.random.default_rng(0).standard_normal(len(time)) * np.exp(-_DECAY * time)
    for beat in beats:
        start = round(beat * rate)
        pcm[start : start + len(stroke)] += (0.2 * stroke).astype(np.float32)
    return pcm[:frames, None]


def _onsets(voice: Pcm, expected: Times, rate: int) -> Times:
    """Seconds at which the strokes around the expected frames begin."""
    level, reach = np.abs(voice[:, 0]), round(_REACH_SECONDS * rate)
    inside = expected[(expected > _EDGE_SECONDS * rate) & (expected < len(level) - _EDGE_SECONDS * rate)]
    onsets = []
    for frame in np.rint(inside).astype(int):
        around = level[frame - reach : frame + reach]
        onsets.append(frame - reach + int(np.argmax(around > _ONSET * around.max())))
    return np.array(onsets) / rate
