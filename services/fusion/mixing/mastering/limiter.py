"""A look-ahead limiter whose gain is decided before anything is limited.

It works on peaks, one for every ROW_FRAMES frames (`true_peak.PeakEnvelope`), and answers a gain curve. The curve is never
above what a peak demands: the demanded gain is held from the look-ahead before each peak on, recovers at an even number of
decibels per second, and is then averaged over the look-ahead, so that it comes down smoothly and arrives in time
(P. Hämäläinen, "Smoothing of the control signal without clipped output in digital peak limiters", DAFx 2002).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from services.fusion.mixing.mastering.true_peak import ROW_FRAMES
from services.fusion.mixing.sources import Pcm

__all__ = ["GainCurve", "apply_curve", "gain_curve", "largest_reduction_db"]

GainCurve = NDArray[np.float32]
"""Linear gains (rows + 1,), at most 1: the n-th holds at frame n * ROW_FRAMES, between them gain runs straight."""

_LOOKAHEAD_SECONDS: Final = 0.005
_RECOVERY_DB_PER_SECOND: Final = 30.0
_FINENESS: Final = 2.0**-20  # coarser than what different processors round differently
_CHUNK: Final = 1 << 16  # points that are looked at together: three quarters of a minute

_RAMP: Final = (np.arange(ROW_FRAMES, dtype=np.float32) / ROW_FRAMES)[None, :]


def gain_curve(peaks: NDArray[np.float32], ceiling: float, sample_rate: int) -> GainCurve:
    """The curve that keeps `peaks` (rows,), linear, at or below `ceiling`, linear, at `sample_rate` Hz."""
    lookahead = max(1, round(_LOOKAHEAD_SECONDS * sample_rate / ROW_FRAMES))
    recovery = _RECOVERY_DB_PER_SECOND * ROW_FRAMES / sample_rate
    bell = _bell(lookahead)
    gains: list[GainCurve] = []
    tail = np.zeros(0)
    for start in range(-lookahead, len(peaks) + 1, _CHUNK):
        end = min(start + _CHUNK, len(peaks) + 1)
        held = _lowest_ahead(_demanded(peaks, ceiling, start, end + lookahead), lookahead)
        tail = np.concatenate([tail, _recovering(held, tail[-1] if len(tail) else 0.0, recovery)])
        smooth = np.convolve(tail, bell, "valid")
        gains.append((np.floor(10 ** (smooth / 20) / _FINENESS) * _FINENESS).astype(np.float32))
        tail = tail[-lookahead:]
    return np.concatenate(gains)


def largest_reduction_db(curve: GainCurve) -> float:
    """By how many dB the curve turns down where it does most."""
    return float(-20 * np.log10(curve.min()))


def apply_curve(block: Pcm, curve: GainCurve, start: int) -> Pcm:
    """The block (frames, channels), whose first frame is `start` (a multiple of ROW_FRAMES), after its gains."""
    first, rows = start // ROW_FRAMES, -(-len(block) // ROW_FRAMES)
    points = curve[first : first + rows + 1]
    if points.min() == 1:
        return block
    gains: GainCurve = (points[:-1, None] + np.diff(points)[:, None] * _RAMP).astype(np.float32)
    return block * gains.reshape(-1, 1)[: len(block)]


def _demanded(peaks: NDArray[np.float32], ceiling: float, start: int, end: int) -> NDArray[np.float64]:
    """Gains in dB, at most 0, of the points from `start` to `end`; each lies between two rows and serves both."""
    first, last = max(start - 1, 0), min(end, len(peaks))
    rows = np.zeros(end - start + 1)  # from start - 1 on; nothing is demanded outside the song
    heard = np.maximum(peaks[first:last].astype(np.float64), ceiling)
    rows[first - start + 1 : last - start + 1] = 20 * np.log10(ceiling / heard)
    demanded: NDArray[np.float64] = np.minimum(rows[:-1], rows[1:])
    return demanded


def _lowest_ahead(values: NDArray[np.float64], points: int) -> NDArray[np.float64]:
    """Of every value but the last `points` the lowest of itself and the `points` after it."""
    size = points + 1
    # `origin` moves the window, which scipy centres, to the values ahead.
    lowest: NDArray[np.float64] = ndimage.minimum_filter1d(values, size, mode="nearest", origin=-(size // 2))
    return lowest[:-points]


def _recovering(held: NDArray[np.float64], before: float, step: float) -> NDArray[np.float64]:
    """Falls at once with `held`, rises by at most `step` dB a point; `before` it was at that."""
    rise = step * np.arange(1, len(held) + 1)
    recovering: NDArray[np.float64] = np.minimum(np.minimum.accumulate(held - rise), before) + rise
    return recovering


def _bell(points: int) -> NDArray[np.float64]:
    """Weights (points + 1,) whose sum is 1."""
    hann = signal.windows.hann(points + 3)[1:-1]
    weights: NDArray[np.float64] = hann / hann.sum()
    return weights
