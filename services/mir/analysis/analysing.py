"""The whole analysis of a track, in the order in which its parts need each other."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.mir.analysis.chroma import estimate_tuning, pitch_classes
from services.mir.analysis.findings import Analysis, Key, Tempo
from services.mir.analysis.key import estimate_key
from services.mir.analysis.onsets import onset_strength
from services.mir.analysis.preparation import RATE, Mono, Prepared, prepare
from services.mir.analysis.progress import IsCancelled, Progress, check, never, unheard, within
from services.mir.analysis.tempo import estimate_tempo

__all__ = ["analyse", "analyse_prepared", "warm_up"]

_SILENCE: Final = 1e-4  # -80 dBFS: nothing in a track that stays below it was meant to be heard
_SHORTEST_KEY: Final = RATE // 2  # samples; less than half a second is a sound, not a piece in a key


def analyse(
    pcm: NDArray[np.float32],
    sample_rate: int,
    progress: Progress = unheard,
    cancelled: IsCancelled = never,
) -> Analysis:
    """Analyse decoded PCM, float32 (frames, channels) in [-1, 1] at `sample_rate` Hz, of any length.

    Deterministic: the same samples give the same analysis.

    Raises:
        InvalidAudio: if the shape is another, there is no channel, or a sample is not finite.
        Cancelled: if `cancelled` answers True.
    """
    prepared = prepare(pcm, sample_rate, cancelled)
    progress(0.1)
    return analyse_prepared(prepared, within(progress, 0.1, 1.0), cancelled)


def analyse_prepared(prepared: Prepared, progress: Progress = unheard, cancelled: IsCancelled = never) -> Analysis:
    """Analyse a prepared track. Memory beyond the track's own stays under 150 MB at any length.

    Raises:
        Cancelled: if `cancelled` answers True.
    """
    check(cancelled)
    tempo, key, tuning = None, None, None
    if prepared.mono.size and float(np.abs(prepared.mono).max()) >= _SILENCE:
        tempo = _hear_tempo(prepared.mono, within(progress, 0.0, 0.4), cancelled)
        key, tuning = _hear_key(prepared.mono, within(progress, 0.4, 1.0), cancelled)
    progress(1.0)
    return Analysis(
        prepared.seconds,
        tempo=tempo,
        key=key,
        tuning_cents=tuning,
        loudness=prepared.loudness,
        silence=prepared.silence,
    )


def warm_up() -> None:
    """Import and compile everything that an analysis needs, once per process, before the first track arrives.

    numba compiles on first use: seconds without its cache. Processes that may start at the same time should not
    share one NUMBA_CACHE_DIR, since a half-written cache breaks its readers.
    """
    seconds = np.arange(2 * RATE) / RATE
    tone = 0.1 * np.sin(2 * np.pi * 220 * seconds) * (seconds % 0.5 < 0.1)
    analyse(tone.astype(np.float32)[:, None], RATE)


def _hear_tempo(mono: Mono, progress: Progress, cancelled: IsCancelled) -> Tempo | None:
    return estimate_tempo(onset_strength(mono, progress, cancelled))


def _hear_key(mono: Mono, progress: Progress, cancelled: IsCancelled) -> tuple[Key | None, float | None]:
    """The key and the tuning in cents; both or neither."""
    if len(mono) < _SHORTEST_KEY:
        return None, None
    tuning = estimate_tuning(mono, within(progress, 0.0, 0.4), cancelled)
    if tuning is None:
        return None, None
    key = estimate_key(pitch_classes(mono, tuning, within(progress, 0.4, 1.0), cancelled))
    return (key, tuning) if key else (None, None)
