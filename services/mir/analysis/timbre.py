"""How a track sounds as a whole, in four numbers that compare tracks.

- Onset density: onsets per second.
- Energy: half loudness (integrated, linear from -35 to -5 LUFS), half activity (1 - exp(-onset density / 4): at ten onsets a
  second it is nearly full). Loud and fast music is heard as energetic (G. Ilie and W. F. Thompson, "A comparison of
  acoustic cues in music and speech for three dimensions of affect", Music Perception 23, 2006). It grows with each of the two
  while the other stays; a track that is turned down has less.
- Brightness: the share of magnitude above 1500 Hz (P. N. Juslin, "Cues of emotional expression in music performance",
  2000; `mirbrightness` of the MIRtoolbox), loud moments counting for more.
- Danceability: the geometric mean of how clear the pulse is (O. Lartillot et al., "Multi-feature modeling of pulse
  clarity", ISMIR 2008: the highest autocorrelation of the onset strength), how near the tempo is to the one at which people
  move by themselves (120 BPM: D. Moelants, "Preferred tempo reconsidered", ICMPC 2002), and how steady the beats are. It
  grows with each while the others stay.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import fft

from services.mir.analysis.findings import Beats, Character, Loudness, Tempo
from services.mir.analysis.form import Features, onset_times
from services.mir.analysis.form.features import ONSET_FRAMES_PER_SECOND

__all__ = ["character", "pulse_clarity"]

_QUIETEST, _LOUDEST = -35.0, -5.0  # LUFS
_BUSY: Final = 4.0  # onsets per second that make up 63 % of activity
_DANCE_BPM: Final = 120.0
_DANCE_WIDTH: Final = 0.5  # octaves
_UNSTEADY: Final = 0.1  # of a beat, deviation from one interval to the next, at which nobody dances
_WINDOW: Final = 10 * ONSET_FRAMES_PER_SECOND
_LAGS: Final = slice(round(0.3 * ONSET_FRAMES_PER_SECOND), round(1.5 * ONSET_FRAMES_PER_SECOND))  # 40 to 200 BPM


def character(
    features: Features, loudness: Loudness, tempo: Tempo | None, beats: Beats | None, seconds: float
) -> Character | None:
    """The character of a track of that many seconds; None for silence. Without tempo or beats nobody dances: 0."""
    if not features.audible or loudness.integrated_lufs is None:
        return None
    density = len(onset_times(features)) / seconds
    return Character(
        energy=_energy(loudness.integrated_lufs, density),
        brightness=_brightness(features),
        danceability=_danceability(features, tempo, beats),
        onset_density=density,
    )


def pulse_clarity(features: Features) -> float:
    """The highest autocorrelation of the onset strength at a beat's interval, in [0, 1]; the mean over windows of 10 s."""
    strength = features.onsets
    if len(strength) < 2 * _LAGS.stop:
        return 0.0
    windows = sliding_window_view(strength, min(_WINDOW, len(strength)))[:: _WINDOW // 2].astype(np.float64)
    windows = windows - windows.mean(axis=1, keepdims=True)
    power = np.square(np.abs(fft.rfft(windows, 2 * windows.shape[1], axis=1)))
    correlation = fft.irfft(power, axis=1)
    energy = correlation[:, :1]
    shrinking = 1 - np.arange(_LAGS.start, _LAGS.stop) / windows.shape[1]
    clarity = (correlation[:, _LAGS] / np.maximum(energy, 1e-9) / shrinking).max(axis=1)
    return float(np.clip(np.average(clarity, weights=energy[:, 0] + 1e-12), 0, 1))


def _energy(lufs: float, density: float) -> float:
    loud = float(np.clip((lufs - _QUIETEST) / (_LOUDEST - _QUIETEST), 0, 1))
    return (loud + 1 - math.exp(-density / _BUSY)) / 2


def _brightness(features: Features) -> float:
    amplitude: NDArray[np.float64] = 10 ** (features.cepstrum[:, 0].astype(np.float64) / 20)
    return float(np.average(features.brightness, weights=amplitude))


def _danceability(features: Features, tempo: Tempo | None, beats: Beats | None) -> float:
    if tempo is None or beats is None or len(beats.seconds) < 3:
        return 0.0
    fit = math.exp(-((math.log2(tempo.bpm / _DANCE_BPM) / _DANCE_WIDTH) ** 2) / 2)
    return float((pulse_clarity(features) * fit * _steadiness(beats)) ** (1 / 3))


def _steadiness(beats: Beats) -> float:
    """1 where each beat is as long as the one before."""
    intervals = np.diff(beats.seconds)
    change = np.abs(np.diff(intervals)) / intervals[:-1]
    return max(0.0, 1 - float(np.median(change)) / _UNSTEADY)
