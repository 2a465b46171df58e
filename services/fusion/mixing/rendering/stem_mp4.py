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
from services.fusion.mixing.rendering.stem_box import write_stem_box
from services.fusion.mixing.rendering.tagging import Tags
from services.fusion.mixing.rendering.voice_files import VoiceFiles
from services.fusion.mixing.sources import Pcm

__all__ = ["StemMp4", "write_stem_mp4"]

_STEMS: Final = 4
_OTHER: Final = "other"
_ORDER: Final = ("drums", "bass", _OTHER, "vocals")  # as DJs expect them
_EMPTY: Final = "silence"
_CODEC: Final = ("-c:a", "aac", "-b:a", "256k", "-bitexact")
_ATTEMPTS: Final = 5
_MARGIN_DB: Final = 0.5  # what AAC at 256 kbit/s adds to most songs
_STEP_DB: Final = 0.1


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
            song = _raw(folder / "song", mixed.blocks(mixed.level.gain_db), cancelled)
            progress(0.1)
            softer, peak = _fitted(mixed, song, folder / "song.mp4", cancelled)
            progress(0.4)
            gain = _stems_gain(voices, mixed.level.gain_db - softer)
            sums = [
                _raw(folder / f"stem{number}", _at(gain, voices.blocks(*names)), cancelled)
                for number, names in enumerate(stems.values())
            ]
            progress(0.5)
            _encode(mixed.sample_rate, [song, *sums], softer, path, tags or Tags(), _cover(folder, cover), cancelled)
            write_stem_box(path, list(stems))
            progress(1.0)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return StemMp4(path, stems, mixed.level.gain_db - softer, peak)


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


def _fitted(mixed: Mix, song: Path, trial: Path, cancelled: IsCancelled) -> tuple[float, float | None]:
    """By how many dB the song must be softer for AAC to keep it under the ceiling, and its true peak (dBTP) then."""
    if mixed.true_peak_dbtp is None:
        return 0.0, None
    ceiling = mixed.target.ceiling_dbtp
    softer = max(0.0, mixed.true_peak_dbtp + mixed.level.gain_db + _MARGIN_DB - ceiling)
    for _ in range(_ATTEMPTS):
        _encode(mixed.sample_rate, [song], softer, trial, Tags(), None, cancelled)
        meter = TruePeakMeter(2)
        for block in ffmpeg.heard(trial, cancelled):
            meter.add(block)
        peak = meter.dbtp()
        if peak is None or peak <= ceiling:
            break
        softer += peak - ceiling + _STEP_DB
    return softer, peak


def _cover(folder: Path, cover: bytes | None) -> Path | None:
    if cover is None:
        return None
    path = folder / "cover.png"
    path.write_bytes(cover)
    return path


def _encode(
    rate: int, streams: list[Path], softer_db: float, path: Path, tags: Tags, cover: Path | None, cancelled: IsCancelled
) -> None:
    """Write raw streams, the first of them softer, into an MP4 file; only the first is played unasked."""
    arguments: list[str | Path] = []
    for stream in streams:
        arguments += ["-f", "f32le", "-ar", str(rate), "-ac", "2", "-i", stream]
    if cover is not None:
        arguments += ["-i", cover, "-map", str(len(streams)), "-c:v", "copy", "-disposition:v", "attached_pic"]
    for number in range(len(streams)):
        arguments += ["-map", str(number), f"-disposition:a:{number}", "0" if number else "default"]
    arguments += [*_CODEC, "-filter:a:0", f"volume={-softer_db:.4f}dB", *_metadata(tags), "-f", "mp4", path]
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
