"""Voices that were performed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.rendering import VoiceFiles

Pcm = NDArray[np.float32]


def noises(*names: str, seconds: float = 1.0, rate: int = 44_100, peak: float = 0.2) -> dict[str, Pcm]:
    """White noise for each voice, float32 (frames, 2)."""
    shape = (round(seconds * rate), 2)
    return {
        name: np.random.default_rng(seed).uniform(-peak, peak, shape).astype(np.float32)
        for seed, name in enumerate(names)
    }


def kept(voices: dict[str, Pcm], folder: Path, rate: int = 44_100, block: int = 10_000) -> VoiceFiles:
    """The voices, as the performance hands them over."""
    folder.mkdir()
    files = VoiceFiles(folder, rate)
    for start in range(0, max(len(pcm) for pcm in voices.values()), block):
        for name, pcm in voices.items():
            files.add(name, pcm[start : start + block])
    return files
