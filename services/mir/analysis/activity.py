"""Who plays when: the stretches in which a stem is heard.

A stem plays from where its level rises over a threshold until it falls below a lower one (hysteresis, as in gates and
voice activity detectors). The threshold depends on how loud the stem is where it plays, and on the mix at that moment: a
separated stem is never silent, but what leaks into it lies far below what it leaks from.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from services.mir.analysis.findings import Span, StemFindings
from services.mir.analysis.preparation import RATE, Mono, Prepared

__all__ = ["active_spans", "hear_stem"]

Signal = NDArray[np.float64]

_HOP: Final = RATE // 25  # samples: 40 ms
_SURROUNDINGS: Final = 11  # frames, over which the mix's level is smoothed
_NOTHING_DBFS: Final = -60.0
_BELOW_OWN_DB: Final = -22.0  # relative to the stem's loud moments
_BELOW_MIX_DB: Final = -24.0  # relative to the mix around; separation's bleed lies below
_NEVER_DB: Final = -30.0  # of the stem's loud moments relative to the mix's: nothing but bleed
_RELEASE_DB: Final = -8.0  # from where a stem begins to play down to where it ends
_LOUD: Final = 95  # percentile of the level
_SHORTEST_GAP: Final = 1.0  # s
_SHORTEST_SPAN: Final = 0.4  # s


def hear_stem(name: str, stem: Prepared, mix: Prepared) -> StemFindings:
    """How loud a stem is, and when it plays in `mix`."""
    return StemFindings(name, stem.loudness, active_spans(stem.mono, mix.mono))


def active_spans(stem: Mono, mix: Mono) -> tuple[Span, ...]:
    """When `stem` plays, in seconds, to within about 50 ms; both float32 (samples,) at `RATE`.

    Ascending; gaps are at least 1 s long, spans at least 0.4 s.
    """
    length = min(len(stem), len(mix))
    own, around = _power(stem[:length]), ndimage.uniform_filter1d(_power(mix[:length]), _SURROUNDINGS, mode="nearest")
    level = _decibels(own)
    loud, loud_mix = _loud_level(level), _loud_level(_decibels(around))
    if loud < max(_NOTHING_DBFS, loud_mix + _NEVER_DB):
        return ()
    threshold = np.maximum(max(_NOTHING_DBFS, loud + _BELOW_OWN_DB), _decibels(around) + _BELOW_MIX_DB)
    return _spans(_gated(level, threshold, threshold + _RELEASE_DB), length / RATE)


def _power(mono: Mono) -> Signal:
    """Mean power of every 40 ms (frames,); the last frame may be shorter."""
    whole = len(mono) // _HOP
    frames = mono[: whole * _HOP].reshape(whole, _HOP)
    powers = np.einsum("ij,ij->i", frames, frames) / _HOP
    rest = mono[whole * _HOP :]
    return np.append(powers, np.square(rest).mean()).astype(np.float64) if len(rest) else powers.astype(np.float64)


def _decibels(power: Signal) -> Signal:
    level: Signal = 10 * np.log10(np.maximum(power, 1e-12))
    return level


def _loud_level(level: Signal) -> float:
    """Of the frames in which there is anything."""
    heard = level[level >= _NOTHING_DBFS]
    return float(np.percentile(heard, _LOUD)) if len(heard) else -np.inf


def _gated(level: Signal, opens: Signal, closes: Signal) -> NDArray[np.bool_]:
    """Open from where the level reaches `opens` until it is below `closes`."""
    change = np.where(level >= opens, 1, np.where(level < closes, 0, -1))
    latest = np.maximum.accumulate(np.where(change >= 0, np.arange(len(level)), -1))
    return np.asarray((latest >= 0) & (change[latest] == 1))


def _spans(playing: NDArray[np.bool_], seconds: float) -> tuple[Span, ...]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], playing, [False]]).astype(np.int8)))
    starts, ends = edges[::2] * _HOP / RATE, np.minimum(edges[1::2] * _HOP / RATE, seconds)
    if not len(starts):
        return ()
    apart = starts[1:] - ends[:-1] >= _SHORTEST_GAP
    joined = zip(starts[np.append(True, apart)], ends[np.append(apart, True)], strict=True)
    return tuple(Span(float(start), float(end)) for start, end in joined if end - start >= _SHORTEST_SPAN)
