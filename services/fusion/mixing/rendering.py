"""Writing a mix as WAV, FLAC or MP3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import soundfile

from services.fusion.mixing.levelling import Outcome
from services.fusion.mixing.loudness import LoudnessMeter
from services.fusion.mixing.mixdown import Mix
from services.fusion.mixing.part import BLOCK_FRAMES, Pcm
from services.fusion.mixing.progress import IsCancelled, Progress, check, never, unheard, within
from services.fusion.mixing.true_peak import TruePeakMeter

__all__ = ["Format", "Rendered", "render"]


class Format(StrEnum):
    """What a mix can be written as."""

    WAV = "wav"
    """24 bits."""
    FLAC = "flac"
    """24 bits."""
    MP3 = "mp3"
    """Variable bit rate, best quality (V0)."""


@dataclass(frozen=True)
class Rendered:
    """A finished file and what it measures.

    For MP3 the measures are those of the decoded file; it has exactly `frames` frames too. `loudness_lufs` is None
    below the gate of -70 LUFS, `true_peak_dbtp` for digital silence. `gain_db` was applied to the sum of the parts.
    """

    path: Path
    format: Format
    frames: int
    sample_rate: int
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    gain_db: float
    outcome: Outcome


_ENCODINGS: Final[Mapping[Format, Mapping[str, object]]] = {
    Format.WAV: {"format": "WAV", "subtype": "PCM_24"},
    Format.FLAC: {"format": "FLAC", "subtype": "PCM_24"},
    Format.MP3: {
        "format": "MP3",
        "subtype": "MPEG_LAYER_III",
        "bitrate_mode": "VARIABLE",
        "compression_level": 0.0,
    },
}
_LOSSY_MARGIN_DB: Final = 1.0  # V0 overshoots by about 1.2 dB at worst: most songs then pass at the first attempt
_STEP_DB: Final = 0.1  # below what the last attempt's overshoot asks for, since the next one overshoots differently
_ATTEMPTS: Final = 5


def render(
    mixed: Mix,
    kind: Format,
    path: Path,
    progress: Progress = unheard,
    cancelled: IsCancelled = never,
) -> Rendered:
    """Write a mix at its level to `path`; no sample of it is clipped.

    WAV and FLAC of the same mix have the same bytes each time. A lossy file is decoded and measured, and written again,
    softer, if its true peak exceeds the ceiling. If anything is raised, `path` is gone.

    Raises:
        Cancelled: if `cancelled` answers True.
        OSError, soundfile.LibsndfileError: if the file cannot be written.
    """
    try:
        if kind is Format.MP3:
            return _render_lossy(mixed, kind, path, progress, cancelled)
        return _render_lossless(mixed, kind, path, progress, cancelled)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _render_lossless(mixed: Mix, kind: Format, path: Path, progress: Progress, cancelled: IsCancelled) -> Rendered:
    gain = mixed.level.gain_db
    _write(mixed, kind, path, gain, progress, cancelled)
    return Rendered(
        path,
        kind,
        mixed.frames,
        mixed.sample_rate,
        None if mixed.loudness_lufs is None else mixed.loudness_lufs + gain,
        None if mixed.true_peak_dbtp is None else mixed.true_peak_dbtp + gain,
        gain,
        mixed.level.outcome,
    )


def _render_lossy(mixed: Mix, kind: Format, path: Path, progress: Progress, cancelled: IsCancelled) -> Rendered:
    """Write, decode, measure; again and softer while the codec lifts a peak over the ceiling."""
    ceiling = mixed.target.ceiling_dbtp
    gain, outcome = mixed.level.gain_db, mixed.level.outcome
    if mixed.true_peak_dbtp is not None:
        gain = min(gain, ceiling - _LOSSY_MARGIN_DB - mixed.true_peak_dbtp)
    for attempt in range(_ATTEMPTS):
        stage = within(progress, 1 - 2.0**-attempt, 1 - 2.0 ** -(attempt + 1))
        _write(mixed, kind, path, gain, within(stage, 0.0, 0.7), cancelled)
        loudness, peak = _measure(path, mixed, within(stage, 0.7, 1.0), cancelled)
        if peak is None or peak <= ceiling:
            break
        gain -= peak - ceiling + _STEP_DB
    progress(1.0)
    if outcome is Outcome.LOUDNESS and gain < mixed.level.gain_db:
        outcome = Outcome.TRUE_PEAK
    return Rendered(path, kind, mixed.frames, mixed.sample_rate, loudness, peak, gain, outcome)


def _write(mixed: Mix, kind: Format, path: Path, gain_db: float, progress: Progress, cancelled: IsCancelled) -> None:
    with soundfile.SoundFile(path, "w", samplerate=mixed.sample_rate, channels=2, **_ENCODINGS[kind]) as out:
        done = 0
        for block in mixed.blocks(gain_db):
            check(cancelled)
            out.write(block)
            done += len(block)
            progress(done / mixed.frames)


def _measure(path: Path, mixed: Mix, progress: Progress, cancelled: IsCancelled) -> tuple[float | None, float | None]:
    """Integrated loudness (LUFS) and true peak (dBTP) of a finished file."""
    loudness, peak = LoudnessMeter(mixed.sample_rate, 2), TruePeakMeter(2)
    done = 0
    for block in _decoded(path):
        check(cancelled)
        loudness.add(block)
        peak.add(block)
        done += len(block)
        progress(min(1.0, done / mixed.frames))
    return loudness.integrated(), peak.dbtp()


def _decoded(path: Path) -> Iterator[Pcm]:
    with soundfile.SoundFile(path) as source:
        while len(block := source.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
            yield block
