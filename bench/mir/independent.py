"""A third opinion on real music, which shares neither networks with ours nor features with librosa's defaults."""

from __future__ import annotations

from typing import Final

import librosa
import numpy as np
from numpy.typing import NDArray

from tests.songs.scoring import Answer

__all__ = ["listen"]

_RATE: Final = 22_050
_SLOWEST, _FASTEST = 55.0, 200.0
_CENTRE: Final = 120.0  # BPM; Moelants (ICMPC 2002): what people like to tap
# Kostka and Payne's, after Temperley, Music and Probability (2007).
_MAJOR: Final = (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400)
_MINOR: Final = (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330)


def listen(pcm: NDArray[np.float32], rate: int) -> Answer:
    """Tempo and key of float32 (frames, channels): by Fourier tempogram and by the chroma of an STFT."""
    mono = librosa.resample(pcm.mean(axis=1), orig_sr=rate, target_sr=_RATE)
    return Answer(bpm=_tempo(mono), key=_key(mono))


def _tempo(mono: NDArray[np.float32]) -> float:
    """The tempo whose first three harmonics are strongest (Grosche and Müller, 2011), near what people tap."""
    flux = librosa.onset.onset_strength(y=mono, sr=_RATE, hop_length=256, aggregate=np.median)
    frames = min(768, len(flux))  # nine seconds
    tempogram = np.abs(
        librosa.feature.fourier_tempogram(onset_envelope=flux, sr=_RATE, hop_length=256, win_length=frames)
    )
    tempi = librosa.fourier_tempo_frequencies(sr=_RATE, hop_length=256, win_length=frames)
    strength = tempogram.mean(axis=1)
    asked = np.arange(_SLOWEST, _FASTEST, 0.5)
    sums = sum(np.interp(asked * n, tempi, strength) / n for n in (1, 2, 4))
    return float(asked[np.argmax(sums * np.exp(-0.5 * (np.log2(asked / _CENTRE) / 0.9) ** 2))])


def _key(mono: NDArray[np.float32]) -> tuple[int, str]:
    chroma = librosa.feature.chroma_stft(y=mono, sr=_RATE, n_fft=8192, hop_length=2048).mean(axis=1)
    return max(
        (float(np.corrcoef(np.roll(profile, tonic), chroma)[0, 1]), (tonic, mode))
        for mode, profile in (("major", _MAJOR), ("minor", _MINOR))
        for tonic in range(12)
    )[1]
