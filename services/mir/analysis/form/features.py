"""What form, character and pictures are made from: a few numbers for every moment, taken from a track in one pass.

Two spectra are taken chunk by chunk: a short one, 50 times a second, of which onsets and timbre are told, and a long one,
five times a second, which tells pitches apart. Everything is relative to the track's peak, so that a track
that is turned down has the same features.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import librosa
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import fft

from services.mir.analysis.preparation import RATE, Mono
from services.mir.analysis.progress import IsCancelled, Progress, check, never, unheard

__all__ = ["FRAMES_PER_SECOND", "ONSET_FRAMES_PER_SECOND", "Features", "hear_features"]

Signal = NDArray[np.float32]

FRAMES_PER_SECOND: Final = 5
ONSET_FRAMES_PER_SECOND: Final = 50

_HOP: Final = RATE // FRAMES_PER_SECOND
_SHORT_HOP: Final = RATE // ONSET_FRAMES_PER_SECOND
_SHORT_PER_LONG: Final = _HOP // _SHORT_HOP
_SHORT, _LONG = 1024, 8192  # samples: 46 and 372 ms
_BANDS: Final = 40
_COEFFICIENTS: Final = 13
_SILENCE: Final = 1e-4  # -80 dBFS: nothing in a track that stays below it was meant to be heard
_FLOOR: Final = 1e-8  # power: 80 dB below a sine at the track's peak nothing is heard
_SILENT_LEVEL: Final = -79.9  # dB, the mean over the mel bands; nothing at all is at the floor
_LAG: Final = 2  # short frames: onsets in the low bands take about 40 ms to build up
_BRIGHT_HZ: Final = 1500.0
_PITCHED_HZ: Final = (80.0, 2500.0)
_FAINTEST_PEAK: Final = 0.01  # of the frame's highest
_CHUNK: Final = 100  # long frames: 20 s


@dataclass(frozen=True)
class Features:
    """All float32; frame k is centred on (k + 1/2) / FRAMES_PER_SECOND seconds, that of onsets likewise.

    Attributes:
        cepstrum: (frames, 13) mel-frequency cepstral coefficients in dB: the distance of two frames is the
            root mean square of the difference of their mel spectra. The first is the level.
        chroma: (frames, 12) how much each pitch class sounds, C first; sum 1, or 0 where nothing has a pitch.
        brightness: (frames,) the share of magnitude above 1500 Hz, in [0, 1].
        complexity: (frames,) how many spectral peaks there are.
        onsets: (onset frames,) the mean rise of the mel bands within 40 ms, in dB.
    """

    cepstrum: Signal
    chroma: Signal
    brightness: Signal
    complexity: Signal
    onsets: Signal

    @property
    def audible(self) -> bool:
        """Whether anything sounds at all."""
        return self.sounds_until > 0

    @property
    def sounds_until(self) -> float:
        """When the last sound has faded away, in seconds; 0 if there is none."""
        sounding = np.flatnonzero(self.cepstrum[:, 0] > _SILENT_LEVEL)
        return float(sounding[-1] + 1) / FRAMES_PER_SECOND if len(sounding) else 0.0


def hear_features(
    mono: Mono, tuning_cents: float = 0.0, progress: Progress = unheard, cancelled: IsCancelled = never
) -> Features:
    """The features of `mono`, float32 (samples,) at `RATE`, whose instruments are tuned `tuning_cents` off A = 440 Hz.

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    peak = max(float(mono.max(initial=0.0)), -float(mono.min(initial=0.0)))
    gain = 1 / peak if peak >= _SILENCE else 0.0
    frames = -(-len(mono) // _HOP)
    parts = [_nothing()]
    for first in range(0, frames, _CHUNK):
        check(cancelled)
        last = min(frames, first + _CHUNK)
        short = gain * _magnitudes(mono, first * _SHORT_PER_LONG, last * _SHORT_PER_LONG, _SHORT, _SHORT_HOP)
        long = gain * _magnitudes(mono, first, last, _LONG, _HOP)
        parts.append((_mel_power(short), _brightness(short), *_pitches(long, tuning_cents)))
        progress(last / frames)
    power, brightness, chroma, complexity = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Features(_cepstrum(power), chroma, brightness, complexity, _onsets(power))


def _nothing() -> tuple[Signal, Signal, Signal, Signal]:
    """Of a track without samples: mel power, brightness, chroma, complexity."""
    return (
        np.zeros((0, _BANDS), np.float32),
        np.zeros(0, np.float32),
        np.zeros((0, 12), np.float32),
        np.zeros(0, np.float32),
    )


def _magnitudes(mono: Mono, first: int, last: int, window: int, hop: int) -> Signal:
    """Magnitude spectra (frames, bins) of the frames from `first` to `last`; a sine has its amplitude."""
    start = first * hop + (hop - window) // 2
    end = (last - 1) * hop + (hop - window) // 2 + window
    sound = np.pad(mono[max(0, start) : max(0, end)], (max(0, -start), 0))
    sound = np.pad(sound, (0, end - start - len(sound)))
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    framed = sliding_window_view(sound, window)[::hop] * (shape * np.float32(2 / shape.sum()))
    magnitudes: Signal = np.abs(fft.rfft(framed, axis=1))
    return magnitudes


def _mel_power(short: Signal) -> Signal:
    """(short frames, bands)."""
    return np.square(short) @ _mel_bands()


def _brightness(short: Signal) -> Signal:
    """(frames,): of the magnitudes of a frame's short spectra together."""
    together = short.reshape(-1, _SHORT_PER_LONG, short.shape[1]).sum(axis=1)
    bright = together[:, round(_BRIGHT_HZ * _SHORT / RATE) :].sum(axis=1)
    share: Signal = bright / np.maximum(together.sum(axis=1), 1e-9)
    return share


def _pitches(long: Signal, tuning_cents: float) -> tuple[Signal, Signal]:
    """Chroma (frames, 12) and complexity (frames,) from the peaks of long spectra.

    Square roots are summed rather than magnitudes, so that a loud bass does not outvote the chords.
    """
    threshold = np.maximum(_FAINTEST_PEAK * long.max(axis=1, keepdims=True), _FLOOR**0.5)
    middle = long[:, 1:-1]
    peak = (middle > long[:, :-2]) & (middle >= long[:, 2:]) & (middle > threshold)
    chroma = np.sqrt(np.where(peak, middle, 0.0)) @ _pitch_classes(tuning_cents)[1:-1]
    return chroma / np.maximum(chroma.sum(axis=1, keepdims=True), 1e-9), peak.sum(axis=1, dtype=np.float32)


def _cepstrum(power: Signal) -> Signal:
    together = power.reshape(-1, _SHORT_PER_LONG, _BANDS).mean(axis=1)
    coefficients: Signal = fft.dct(_decibels(together), norm="ortho")[:, :_COEFFICIENTS] / np.float32(_BANDS**0.5)
    return coefficients


def _onsets(power: Signal) -> Signal:
    level = _decibels(power)
    onsets = np.zeros(len(level), np.float32)
    onsets[_LAG:] = np.maximum(0.0, level[_LAG:] - level[:-_LAG]).mean(axis=1)
    return onsets


def _decibels(power: Signal) -> Signal:
    level: Signal = 10 * np.log10(np.maximum(power, np.float32(_FLOOR)))
    return level


@cache
def _mel_bands() -> Signal:
    """(bins, bands), each band's weights adding up to 1, so that a band's level does not depend on its width."""
    weights: Signal = librosa.filters.mel(sr=RATE, n_fft=_SHORT, n_mels=_BANDS, norm=1).T
    return weights


def _pitch_classes(tuning_cents: float) -> Signal:
    """(bins, 12): a bin counts for the two pitch classes next to it, the nearer one more."""
    hertz = np.arange(_LONG // 2 + 1) * RATE / _LONG
    low, high = _PITCHED_HZ
    pitch = 69 + 12 * np.log2(np.maximum(hertz, low) / 440) - tuning_cents / 100
    distance = np.abs((pitch[:, None] - np.arange(12) + 6) % 12 - 6)
    weights: Signal = (np.maximum(0.0, 1 - distance) * ((hertz >= low) & (hertz <= high))[:, None]).astype(np.float32)
    return weights
