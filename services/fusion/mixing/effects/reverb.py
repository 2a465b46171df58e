"""A room: convolution with noise that fades as sound in a room does.

Late reverberation is noise that decays exponentially (J. Moorer, "About this reverberation business", Computer Music Journal
3 (2), 1979), sooner at high frequencies, which air and walls swallow. The noise comes from a fixed seed: the same room each
time. The voice is sent into it in mono and comes back in stereo, left and right without correlation. The convolution is
uniformly partitioned overlap-save (T. Stockham, 1966; W. Gardner, JAES 43 (3), 1995).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal

from services.fusion.mixing.arrangement import Reverb
from services.fusion.mixing.effects.delay import shares
from services.fusion.mixing.sources import BLOCK_FRAMES

__all__ = ["Room", "reverb_seconds", "room_response"]

_SEED: Final = 1979
_LENGTH: Final = 1.25  # of the response, in reverberation times: it ends at -75 dB
_ONSET_SECONDS: Final = 0.008  # a room fills, it doesn't begin at full strength
_CROSSOVER_HZ: Final = 4_000.0
_HIGH_SHARE: Final = 0.5  # of the reverberation time, above the crossover
_LOW_CUT_HZ: Final = 150.0  # below it rooms only muddy a mix
_FFT_FRAMES: Final = 2 * BLOCK_FRAMES

_Spectra = NDArray[np.complex64]


class Room:
    """A reverb at work on stereo, in blocks of BLOCK_FRAMES; only the last one may be shorter."""

    def __init__(self, reverb: Reverb, sample_rate: int) -> None:
        """At `sample_rate` Hz."""
        self._response = _partitions(reverb.seconds, reverb.predelay_ms, sample_rate)
        self._dry, self._wet = shares(reverb.mix)
        self._past: NDArray[np.float32] = np.zeros(BLOCK_FRAMES, np.float32)
        self._sent: list[_Spectra] = []  # the newest first

    def process(self, block: NDArray[np.float64]) -> NDArray[np.float64]:
        """The next block (frames, 2) with its room."""
        sent = np.zeros(BLOCK_FRAMES, np.float32)
        sent[: len(block)] = block.mean(axis=1)
        spectrum: _Spectra = fft.rfft(np.concatenate([self._past, sent]))
        self._past = sent
        self._sent = [spectrum, *self._sent[: len(self._response) - 1]]
        returned = np.zeros((2, len(spectrum)), np.complex64)
        for of_block, of_response in zip(self._sent, self._response, strict=False):
            returned += of_block * of_response
        wet = fft.irfft(returned, _FFT_FRAMES)[:, BLOCK_FRAMES:].T[: len(block)]
        mixed: NDArray[np.float64] = self._dry * block + self._wet * wet
        return mixed


def reverb_seconds(reverb: Reverb) -> float:
    """How long the room can be heard after its sound."""
    return reverb.seconds * _LENGTH + reverb.predelay_ms / 1000


def room_response(seconds: float, sample_rate: int) -> NDArray[np.float64]:
    """The impulse response (2, frames) of a room that fades by 60 dB in `seconds`; each channel's energy is 1."""
    frames = max(2, round(seconds * _LENGTH * sample_rate))
    noise = np.random.RandomState(_SEED).standard_normal((2, frames))  # its stream never changes between versions
    low = signal.sosfilt(signal.butter(1, _CROSSOVER_HZ, fs=sample_rate, output="sos"), noise)
    time = np.arange(frames) / sample_rate
    faded = low * _decay(time, seconds) + (noise - low) * _decay(time, seconds * _HIGH_SHARE)
    response = faded * np.sin(np.pi / 2 * np.minimum(1.0, time / _ONSET_SECONDS))
    response = signal.sosfilt(signal.butter(2, _LOW_CUT_HZ, "highpass", fs=sample_rate, output="sos"), response)
    normalised: NDArray[np.float64] = response / np.sqrt(np.square(response).sum(axis=1, keepdims=True))
    return normalised


def _decay(time: NDArray[np.float64], seconds: float) -> NDArray[np.float64]:
    decay: NDArray[np.float64] = 10 ** (-3 * time / seconds)
    return decay


@lru_cache(maxsize=8)
def _partitions(seconds: float, predelay_ms: float, sample_rate: int) -> _Spectra:
    """(partitions, 2, bins): the spectra of the response, cut into blocks."""
    before = np.zeros((2, round(predelay_ms * sample_rate / 1000)))
    response = np.concatenate([before, room_response(seconds, sample_rate)], axis=1)
    count = -(-response.shape[1] // BLOCK_FRAMES)
    padded = np.pad(response, ((0, 0), (0, count * BLOCK_FRAMES - response.shape[1])))
    blocks = padded.reshape(2, count, BLOCK_FRAMES).transpose(1, 0, 2).astype(np.float32)
    spectra: _Spectra = fft.rfft(blocks, _FFT_FRAMES)
    return spectra
