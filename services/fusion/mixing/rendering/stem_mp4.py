"""A Stems file: one MP4 with the song and four stems of it, which DJ programs mix live and any player plays."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from services.fusion.mixing.mastering import TruePeakMeter
from services.fusion.mixing.mixdown import Mix
from services.fusion.mixing.progress import IsCancelled, Progress, check, never, unheard
from services.fusion.mixing.rendering import ffmpeg
from services.fusion.mixing.rendering.fitting import LOSSY_ROOM_DB, Take, fit
from services.fusion.mixing.rendering.stem_box import write_stem_box
from services.fusion.mixing.rendering.tagging import Tags
from services.fusion.mixing.rendering.voice_files import VoiceFiles
from services.fusion.mixing.sources import Pcm

__all__ = ["StemMp4", "write_stem_mp4"]

_STEMS: Final = 4
_OTHER: Final = "other"
_ORDER: Final = ("drums", "bass", _OTHER, "vocals")  # as DJs expect them
_EMPTY: Final = "silence"
_SONG: Final = "song.f32"
_CODEC: Final = ("-c:a", "aac", "-b:a", "256k", "-bitexact")
_MARGIN_DB: Final = 0.5  # for what AAC adds to the stems' peaks


@dataclass(frozen=True)
class StemMp4:
    """A finished Stems file: what its stems are called, the voices of each, and the song's gain and true peak in it."""

    path: Path
    stems: Mapping[str, tuple[str, ...]]
    gain_db: float
    true_peak_dbtp: float | None


def write_stem_mp4(
    mixed: Mix,
    voices: VoiceFiles,
    path: Path,
    *,
    roles: Mapping[str, str],
    tags: Tags | None = None,
    cover: bytes | None = None,
    progress: Progress = unheard,
    cancelled: IsCancelled = never,
) -> StemMp4:
    """Write the mix and its voices to `path` as AAC, 256 kbit/s a stream.

    Up to four voices are a stem each; more are put together by role (`roles`: a voice's name to drums, bass, vocals or anything
    else). What is missing of four is silence. Stems have the song's gain; the limiter works on the song alone. If anything
    is raised, `path` is gone.

    Raises:
        FfmpegMissing: if there is no ffmpeg.
        FfmpegFailed: if it cannot write the file.
        Cancelled: if `cancelled` answers True; ffmpeg is stopped within a fifth of a second.
    """
    stems = _grouped(voices.names, roles)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            folder = Path(scratch)
            take, peak = _fitted(mixed, folder, cancelled)
            progress(0.4)
            gain = _stems_gain(voices, take.gain_db)
            sums = [
                _raw(folder / f"stem{number}", _at(gain, voices.blocks(*names)), cancelled)
                for number, names in enumerate(stems.values())
            ]
            progress(0.5)
            _encode(mixed.sample_rate, [folder / _SONG, *sums], path, tags or Tags(), _cover(folder, cover), cancelled)
            write_stem_box(path, list(stems))
            progress(1.0)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return StemMp4(path, stems, take.gain_db, peak)


def _grouped(names: tuple[str, ...], roles: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Four stems, by name."""
    stems: dict[str, tuple[str, ...]]
    stems = {name: (name,) for name in names} if len(names) <= _STEMS else _by_role(names, roles)
    for number in range(_STEMS - len(stems)):
        stems[f"{_EMPTY} {number + 1}"] = ()
    return stems


def _by_role(names: tuple[str, ...], roles: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    def role(name: str) -> str:
        known = roles.get(name, _OTHER)
        return known if known in _ORDER else _OTHER

    stems = {wanted: tuple(name for name in names if role(name) == wanted) for wanted in _ORDER}
    return {wanted: members for wanted, members in stems.items() if members}


def _raw(path: Path, blocks: Iterable[Pcm], cancelled: IsCancelled) -> Path:
    """Blocks as ffmpeg reads them without a header."""
    with path.open("wb") as file:
        for block in blocks:
            check(cancelled)
            file.write(np.ascontiguousarray(block, "<f4").tobytes())
    return path


def _at(gain: float, blocks: Iterator[Pcm]) -> Iterator[Pcm]:
    for block in blocks:
        yield block * np.float32(gain)


def _stems_gain(voices: VoiceFiles, song_gain_db: float) -> float:
    """The song's, less where a voice, which no limiter holds, would be clipped."""
    gain: float = 10 ** (song_gain_db / 20)
    return min(gain, 10 ** (-_MARGIN_DB / 20) / voices.peak) if voices.peak else gain


def _fitted(mixed: Mix, folder: Path, cancelled: IsCancelled) -> tuple[Take, float | None]:
    """The song as AAC keeps it under the ceiling, its samples in the folder, and its true peak (dBTP)."""
    peak: float | None = None

    def attempt(take: Take, _: int) -> float | None:
        nonlocal peak
        song = _raw(folder / _SONG, take.blocks(), cancelled)
        if mixed.true_peak_dbtp is not None:
            _encode(mixed.sample_rate, [song], folder / "trial.mp4", Tags(), None, cancelled)
            peak = _true_peak(folder / "trial.mp4", cancelled)
        return peak

    return fit(mixed, LOSSY_ROOM_DB, attempt, cancelled), peak


def _true_peak(path: Path, cancelled: IsCancelled) -> float | None:
    meter = TruePeakMeter(2)
    for block in ffmpeg.heard(path, cancelled):
        meter.add(block)
    return meter.dbtp()


def _cover(folder: Path, cover: bytes | None) -> Path | None:
    if cover is None:
        return None
    path = folder / "cover.png"
    path.write_bytes(cover)
    return path


def _encode(rate: int, streams: list[Path], path: Path, tags: Tags, cover: Path | None, cancelled: IsCancelled) -> None:
    """Write raw streams into an MP4 file; only the first is played unasked."""
    arguments: list[str | Path] = []
    for stream in streams:
        arguments += ["-f", "f32le", "-ar", str(rate), "-ac", "2", "-i", stream]
    if cover is not None:
        arguments += ["-i", cover, "-map", str(len(streams)), "-c:v", "copy", "-disposition:v", "attached_pic"]
    for number in range(len(streams)):
        arguments += ["-map", str(number), f"-disposition:a:{number}", "0" if number else "default"]
    arguments += [*_CODEC, *_metadata(tags), "-f", "mp4", path]
    ffmpeg.run(arguments, cancelled)


def _metadata(tags: Tags) -> list[str]:
    said = {
        "title": tags.title,
        "artist": tags.artist,
        "album": tags.album,
        "comment": tags.comment,
        "copyright": tags.copyright,
        "tmpo": "" if tags.bpm is None else str(round(tags.bpm)),
    }
    return [argument for name, text in said.items() if text for argument in ("-metadata", f"{name}={text}")]
