"""Formants put back where they were after a transposition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil, log, log2
from typing import Final

import numpy as np
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from services.fusion.mixing.sources import Pcm
from services.fusion.mixing.stretching.envelope import true_envelope

__all__ = ["LEAD_FRAMES", "with_formants"]

LEAD_FRAMES: Final = 8192
"""Of the output the first so many lack earlier windows."""

_WINDOW_SECONDS: Final = 0.04  # or what the next power of two lasts
_OVERLAP: Final = 4
_BATCH: Final = 32  # windows at once
_LARGEST: Final = 24 * log(10) / 20  # 24 dB
_FLOOR: Final = 1e-12


def with_formants(blocks: Iterable[Pcm], factor: float, rate: int) -> Iterator[Pcm]:
    """Endless `blocks` at `rate` Hz that were transposed by `factor`, with the vowels of before.

    In windows of 40 ms or more the spectrum is divided by its envelope and multiplied by what the envelope is `factor` higher, by
    24 dB at most, for all channels alike and at an unchanged power. It is meant for one voice: its fundamental decides how fine
    an envelope can be. Above 600 Hz, where harmonics lie too far apart to draw one, vowels are kept less well.
    """
    size = 1 << ceil(log2(_WINDOW_SECONDS * rate))
    return _overlapped(_windows(blocks, size), _Shift(factor, size, rate), size)


def _windows(blocks: Iterable[Pcm], size: int) -> Iterator[Pcm]:
    """(_BATCH, channels, size) at a time, each window a hop after the one before."""
    hop = size // _OVERLAP
    pending: Pcm | None = None
    for block in blocks:
        pending = block if pending is None else np.concatenate([pending, block])
        while len(pending) >= size + (_BATCH - 1) * hop:
            yield sliding_window_view(pending, size, axis=0)[: _BATCH * hop : hop]
            pending = pending[_BATCH * hop :]


def _overlapped(windows: Iterable[Pcm], shift: _Shift, size: int) -> Iterator[Pcm]:
    """Each window corrected and added where it was: (_BATCH hops, channels) at a time."""
    hop = size // _OVERLAP
    shape = np.sin(np.pi * np.arange(size) / size).astype(np.float32)  # before and after: together Hann's window
    tail: Pcm | None = None
    for batch in windows:
        made = shift.apply(batch * shape) * (shape * np.float32(2 / _OVERLAP))
        total = np.zeros((_BATCH * hop + size - hop, batch.shape[1]), np.float32)
        for number, window in enumerate(made):
            total[number * hop : number * hop + size] += window.T
        if tail is not None:
            total[: len(tail)] += tail
        tail = total[_BATCH * hop :]
        yield total[: _BATCH * hop]


class _Shift:
    """The envelope of spectra stretched by 1 / `factor`, what is between their lines left alone."""

    def __init__(self, factor: float, size: int, rate: int) -> None:
        bins = np.arange(size // 2 + 1)
        sought = np.minimum(bins * factor, bins[-1])
        self._rate = rate
        self._below = sought.astype(np.int64)
        self._above = np.minimum(self._below + 1, bins[-1])
        self._part = (sought - self._below).astype(np.float32)

    def apply(self, windows: Pcm) -> Pcm:
        """Of windows (count, channels, size) that many again."""
        spectra = scipy.fft.rfft(windows, axis=2)
        power: NDArray[np.float32] = np.einsum("wcb,wcb->wb", spectra, spectra.conj()).real
        line = true_envelope(0.5 * np.log(power + np.float32(_FLOOR)), self._rate)
        wanted = line[:, self._below] * (1 - self._part) + line[:, self._above] * self._part
        gain = np.exp(np.clip(wanted - line, -_LARGEST, _LARGEST))
        gain *= np.sqrt((power.sum(axis=1) + _FLOOR) / ((power * gain**2).sum(axis=1) + _FLOOR))[:, None]
        made: Pcm = scipy.fft.irfft(spectra * gain[:, None, :], windows.shape[2], axis=2)
        return made
