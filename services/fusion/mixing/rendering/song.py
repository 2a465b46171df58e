"""A mix as a finished file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from services.fusion.mixing.mastering import LoudnessMeter, Outcome, TruePeakMeter
from services.fusion.mixing.mixdown import Mix
from services.fusion.mixing.progress import IsCancelled, Progress, check, never, unheard, within
from services.fusion.mixing.rendering.encoder import decoded, encode, refuse_too_long
from services.fusion.mixing.rendering.encoding import Encoding
from services.fusion.mixing.rendering.fitting import LOSSY_ROOM_DB, Take, fit
from services.fusion.mixing.rendering.resampling import resampled, resampled_frames
from services.fusion.mixing.rendering.tagging import Tags, tag

__all__ = ["Rendered", "render"]


@dataclass(frozen=True)
class Rendered:
    """A finished file and what it measures.

    The measures are those of the decoded file. `loudness_lufs` is None below the gate of -70 LUFS, `true_peak_dbtp` for
    digital silence. `gain_db` was applied to the sum of the voices.
    """

    path: Path
    encoding: Encoding
    frames: int
    sample_rate: int
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    gain_db: float
    outcome: Outcome


@dataclass(frozen=True)
class _Measures:
    loudness_lufs: float | None
    true_peak_dbtp: float | None


def render(
    mixed: Mix,
    encoding: Encoding,
    path: Path,
    *,
    tags: Tags | None = None,
    cover: bytes | None = None,
    progress: Progress = unheard,
    cancelled: IsCancelled = never,
) -> Rendered:
    """Write a mix at its level to `path`, with tags and a cover (PNG); no sample of it is clipped.

    WAV and FLAC of the same mix have the same bytes each time. A codec lifts peaks, so before one a song is limited a little
    more, at the same loudness. A file that does not hold the very samples of the mix (a codec or another sample rate is
    between) is decoded and measured, and written again if its true peak exceeds the ceiling: limited more or, where that is no
    way, softer. If anything is raised, `path` is gone.

    Raises:
        InvalidEncoding: if the song is too long for a WAV file.
        Cancelled: if `cancelled` answers True.
        OSError, soundfile.LibsndfileError: if the file cannot be written.
    """
    rate = encoding.rate(mixed.sample_rate)
    refuse_too_long(encoding, resampled_frames(mixed.frames, mixed.sample_rate, rate))
    try:
        take, measured = _written(mixed, encoding, rate, path, progress, cancelled)
        tag(path, encoding.format, tags or Tags(), cover)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Rendered(
        path,
        encoding,
        resampled_frames(mixed.frames, mixed.sample_rate, rate),
        rate,
        measured.loudness_lufs,
        measured.true_peak_dbtp,
        take.gain_db,
        take.outcome,
    )


def _written(
    mixed: Mix, encoding: Encoding, rate: int, path: Path, progress: Progress, cancelled: IsCancelled
) -> tuple[Take, _Measures]:
    """Write the mix, as often as it takes, and measure what was written."""
    measured = _mastered(mixed)
    if measured.true_peak_dbtp is None or (encoding.format.lossless and rate == mixed.sample_rate):
        _write(Take(mixed), encoding, rate, path, progress, cancelled)
        return Take(mixed), measured

    def attempt(take: Take, number: int) -> float | None:
        nonlocal measured
        stage = within(progress, 1 - 2.0**-number, 1 - 2.0 ** -(number + 1))
        _write(take, encoding, rate, path, within(stage, 0.0, 0.7), cancelled)
        measured = _measure(path, rate, mixed.frames * rate // mixed.sample_rate, within(stage, 0.7, 1.0), cancelled)
        return measured.true_peak_dbtp

    take = fit(mixed, 0.0 if encoding.format.lossless else LOSSY_ROOM_DB, attempt, cancelled)
    progress(1.0)
    return take, measured


def _mastered(mixed: Mix) -> _Measures:
    gain = mixed.level.gain_db
    return _Measures(
        None if mixed.loudness_lufs is None else mixed.loudness_lufs + gain,
        None if mixed.true_peak_dbtp is None else mixed.true_peak_dbtp + gain,
    )


def _write(take: Take, encoding: Encoding, rate: int, path: Path, progress: Progress, cancelled: IsCancelled) -> None:
    mixed = take.mixed
    blocks = resampled(take.blocks(), mixed.frames, mixed.sample_rate, rate)
    whole, done = resampled_frames(mixed.frames, mixed.sample_rate, rate), 0
    for frames in encode(blocks, encoding, rate, path):
        check(cancelled)
        done += frames
        progress(done / max(1, whole))


def _measure(path: Path, rate: int, frames: int, progress: Progress, cancelled: IsCancelled) -> _Measures:
    """Integrated loudness (LUFS) and true peak (dBTP) of a finished file."""
    loudness, peak = LoudnessMeter(rate, 2), TruePeakMeter(2)
    done = 0
    for block in decoded(path):
        check(cancelled)
        loudness.add(block)
        peak.add(block)
        done += len(block)
        progress(min(1.0, done / max(1, frames)))
    return _Measures(loudness.integrated(), peak.dbtp())
