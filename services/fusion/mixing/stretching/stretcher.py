"""A phase vocoder, fed hop by hop."""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from services.fusion.mixing.sources import Pcm
from services.fusion.mixing.stretching.library import load
from services.fusion.mixing.stretching.window import window_of

__all__ = ["Stretcher"]

_BLOCK_SECONDS: Final = 0.11
_HOP_SECONDS: Final = 0.0275


class Stretcher:
    """A phase vocoder that is told for each hop of its output which part of the input it sounds like.

    The phases are Signalsmith Stretch's (G. Luff, "Four Ways To Write A Pitch-Shifter", ADC 2022) with windows of 110 ms every
    27.5 ms: of those tried, from 80 to 150 ms, the ones that keep drums closest to their times. The channels stay in phase with
    each other. Each hop is a window of `block` frames; it is added to the output from its hop's first frame on, so the first
    `block - hop` frames that come out are incomplete. The transforms of many hops are computed together (pocketfft by scipy).
    """

    def __init__(self, channels: int, sample_rate: int) -> None:
        """For `channels` (1 or 2) at the input's sample rate in Hz.

        Raises:
            MissingLibrary: if the compiled library isn't there.
        """
        self._library = load()
        self.channels = channels
        self.block: int = round(sample_rate * _BLOCK_SECONDS)
        self.hop: int = max(1, round(sample_rate * _HOP_SECONDS))
        self._half: int = scipy.fft.next_fast_len(self.block // 2 + 1)
        angles = np.pi * np.arange(self._half) / (2 * self._half)
        self._turn = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
        self._window = window_of(self.block, self.hop).astype(np.float32)
        self._spectrum = np.zeros((channels, self._half), np.complex64)
        self._energies = np.zeros((channels, self._half), np.float32)
        self._tail = np.zeros((channels, self.block), np.float32)

    def feed(self, heard: Pcm, ends: NDArray[np.int64], speeds: NDArray[np.float64]) -> Pcm:
        """The next `len(ends)` hops: float32 (hops * hop, channels).

        Args:
            heard: float32 (frames, channels) of the input.
            ends: for each hop the frame of `heard` after its window's last one; from `block + hop` to `len(heard)`.
            speeds: for each hop how many times as fast as the output the input passes there.

        Raises:
            ValueError: if a window lies outside `heard`, or the channels are others.
            MemoryError: if there is not enough of it.
        """
        self._check(heard, ends, speeds)
        windows = scipy.fft.fft(self._windows(heard, ends), axis=-1, overwrite_x=True)
        return self._added(scipy.fft.ifft(self._settled(windows, speeds), axis=-1, overwrite_x=True))

    def _check(self, heard: Pcm, ends: NDArray[np.int64], speeds: NDArray[np.float64]) -> None:
        """What would lead the library outside its memory."""
        if heard.ndim != 2 or heard.shape[1] != self.channels or len(speeds) != len(ends):
            raise ValueError(f"{heard.shape} in {self.channels} channels, {len(ends)} ends, {len(speeds)} speeds")
        if len(ends) and not self.block + self.hop <= ends.min() <= ends.max() <= len(heard):
            raise ValueError(f"windows end from {ends.min()} to {ends.max()} in {len(heard)} frames")

    def _windows(self, heard: Pcm, ends: NDArray[np.int64]) -> NDArray[np.complex64]:
        """Of every hop its window and the one a hop earlier, to be transformed: (hops, 2, channels, half)."""
        planar = np.ascontiguousarray(heard.T, np.float32)
        places = np.ascontiguousarray(ends, np.int64)
        windows = np.empty((len(places), 2, self.channels, self._half), np.complex64)
        self._library.phases_analyse(
            planar.ctypes.data,
            planar.shape[1],
            self.channels,
            places.ctypes.data,
            len(places),
            self.hop,
            self.block,
            self._half,
            self._window.ctypes.data,
            self._turn.ctypes.data,
            windows.ctypes.data,
        )
        return windows

    def _settled(self, windows: NDArray[np.complex64], speeds: NDArray[np.float64]) -> NDArray[np.complex64]:
        """The spectra that are heard, to be transformed back: (hops, channels, half)."""
        packed, paces = np.ascontiguousarray(windows), np.ascontiguousarray(speeds, np.float64)
        settled = np.empty((len(paces), self.channels, self._half), np.complex64)
        done = self._library.phases_settle(
            packed.ctypes.data,
            len(paces),
            self.channels,
            self.hop,
            self._half,
            paces.ctypes.data,
            self._spectrum.ctypes.data,
            self._energies.ctypes.data,
            settled.ctypes.data,
        )
        if not done:
            raise MemoryError("no memory to stretch in")
        return settled

    def _added(self, spectra: NDArray[np.complex64]) -> Pcm:
        """The windows one over the other: (hops * hop, channels)."""
        packed = np.ascontiguousarray(spectra)
        made = np.empty((len(packed) * self.hop, self.channels), np.float32)
        self._library.phases_add(
            packed.ctypes.data,
            len(packed),
            self.channels,
            self.hop,
            self.block,
            self._half,
            self._window.ctypes.data,
            self._turn.ctypes.data,
            self._tail.ctypes.data,
            made.ctypes.data,
        )
        return made
