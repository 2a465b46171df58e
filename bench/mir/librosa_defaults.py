"""What librosa's own functions say with their defaults: the yardstick beside ours."""

from __future__ import annotations

from itertools import pairwise
from time import process_time
from typing import Final

import librosa
import numpy as np
from numpy.typing import NDArray

from tests.songs.scoring import Answer, Labelled, Span

__all__ = ["listen"]

_RATE: Final = 22_050
_HOP: Final = 512
_SECTION_SECONDS: Final = 9.0  # of the tuning half's songs
# Krumhansl and Kessler, Psychological Review 1982.
_MAJOR: Final = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR: Final = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)

Chroma = NDArray[np.float32]


def listen(pcm: NDArray[np.float32], rate: int) -> Answer:
    """`beat_track`, `chroma_cqt` with Krumhansl's profiles and with triad templates per beat, `estimate_tuning`.

    And, not counted in the CPU seconds, `segment.agglomerative` on chroma and cepstra per beat.
    """
    began = process_time()
    mono = librosa.resample(pcm.mean(axis=1), orig_sr=rate, target_sr=_RATE)
    tempo, frames = librosa.beat.beat_track(y=mono, sr=_RATE)
    beats = librosa.frames_to_time(frames, sr=_RATE)
    chroma = librosa.feature.chroma_cqt(y=mono, sr=_RATE)
    key = _key(chroma.mean(axis=1))
    chords = _chords(chroma, frames, len(mono) / _RATE)
    tuning = float(librosa.estimate_tuning(y=mono, sr=_RATE)) * 100
    cpu_seconds = process_time() - began
    return Answer(
        bpm=float(np.atleast_1d(tempo)[0]) or None,
        beats=tuple(map(float, beats)),
        key=key,
        cents=tuning,
        chords=chords,
        sections=_sections(mono, chroma, frames),
        cpu_seconds=cpu_seconds,
    )


def _key(chroma: NDArray[np.float64]) -> tuple[int, str]:
    """The key whose profile correlates best."""
    found = [
        (float(np.corrcoef(np.roll(profile, tonic), chroma)[0, 1]), tonic, mode)
        for mode, profile in (("major", _MAJOR), ("minor", _MINOR))
        for tonic in range(12)
    ]
    _correlation, tonic, mode = max(found)
    return tonic, mode


def _chords(chroma: Chroma, beats: NDArray[np.int64], seconds: float) -> tuple[Labelled, ...]:
    """The triad whose three pitch classes fit best, from beat to beat."""
    bounds = np.unique(np.concatenate([[0], beats, [chroma.shape[1]]]))
    synced = librosa.util.sync(chroma, bounds[:-1].tolist(), aggregate=np.median)
    triads = [(root, quality) for quality in ("maj", "min") for root in range(12)]
    best = np.argmax(np.stack([_template(*triad) for triad in triads]) @ synced, axis=0)
    times = librosa.frames_to_time(bounds, sr=_RATE, hop_length=_HOP)
    times[-1] = seconds
    return tuple(
        (float(start), float(end), *triads[n])
        for (start, end), n in zip(pairwise(times), best, strict=True)
        if end > start
    )


def _sections(mono: NDArray[np.float32], chroma: Chroma, beats: NDArray[np.int64]) -> tuple[Span, ...]:
    """As many as songs of this length have in the mean; agglomerative segmentation does not tell which are alike."""
    count = round(len(mono) / _RATE / _SECTION_SECONDS)
    if not 1 < count < len(beats):
        return ()
    features = np.vstack(
        [librosa.util.normalize(chroma), librosa.util.normalize(librosa.feature.mfcc(y=mono, sr=_RATE))]
    )
    synced = librosa.util.sync(features, beats.tolist(), aggregate=np.mean)
    firsts = librosa.segment.agglomerative(synced, count)
    starts = librosa.frames_to_time([0, *beats], sr=_RATE)[firsts]
    edges = [*map(float, starts), len(mono) / _RATE]
    return tuple((start, end, str(n)) for n, (start, end) in enumerate(pairwise(edges)))


def _template(root: int, quality: str) -> NDArray[np.float64]:
    third = 4 if quality == "maj" else 3
    template = np.zeros(12)
    template[[root, (root + third) % 12, (root + 7) % 12]] = 1 / np.sqrt(3)
    return template
