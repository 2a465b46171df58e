"""Songs as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import soundfile

from tests.songs.truth import Pcm

__all__ = ["write"]

_WRITE_FRAMES: Final = 16_384  # libsndfile's lossy encoders do not survive long songs in one piece


def write(pcm: Pcm, sample_rate: int, path: Path) -> Path:
    """Write PCM (frames, channels) to `path`; the suffix decides: .wav and .flac in 24 bits, .mp3 (V0), .ogg.

    Raises:
        ValueError: if the suffix is none of these.
    """
    formats: Mapping[str, dict[str, object]] = {
        ".wav": {"format": "WAV", "subtype": "PCM_24"},
        ".flac": {"format": "FLAC", "subtype": "PCM_24"},
        ".mp3": {"format": "MP3", "bitrate_mode": "VARIABLE", "compression_level": 0.0},
        ".ogg": {"format": "OGG", "subtype": "VORBIS"},
    }
    if path.suffix not in formats:
        raise ValueError(f"{path.name}: songs are written as {', '.join(formats)}")
    with soundfile.SoundFile(path, "w", samplerate=sample_rate, channels=pcm.shape[1], **formats[path.suffix]) as out:
        for start in range(0, len(pcm), _WRITE_FRAMES):
            out.write(pcm[start : start + _WRITE_FRAMES])
    return path
