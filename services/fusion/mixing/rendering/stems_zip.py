"""Every voice as a file of its own, all in one zip: to go on with in any studio program."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np

from services.fusion.mixing.progress import IsCancelled, Progress, check, never, unheard
from services.fusion.mixing.rendering.encoder import encode, refuse_too_long
from services.fusion.mixing.rendering.encoding import Encoding, Format, InvalidEncoding
from services.fusion.mixing.rendering.resampling import resampled, resampled_frames
from services.fusion.mixing.rendering.tagging import Tags, tag
from services.fusion.mixing.rendering.voice_files import VoiceFiles
from services.fusion.mixing.sources import Pcm

__all__ = ["StemsZip", "zip_stems"]

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the first day that a zip knows: no time stamp
_UNIX: Final = 3
_READABLE: Final = 0o100644 << 16
_FORBIDDEN: Final = '/\\:*?"<>|'
_LONGEST_NAME: Final = 100
_COPIED_AT_ONCE: Final = 1 << 20
_HEADROOM: Final = 0.999  # of full scale: below it no rounding and no dither clips
_FLOAT_BITS: Final = 32


@dataclass(frozen=True)
class StemsZip:
    """A finished zip: its files' names, and the gain that all of them share (0 dB unless one would have been clipped)."""

    path: Path
    names: tuple[str, ...]
    gain_db: float


def zip_stems(
    voices: VoiceFiles,
    encoding: Encoding,
    path: Path,
    *,
    tags: Tags | None = None,
    progress: Progress = unheard,
    cancelled: IsCancelled = never,
) -> StemsZip:
    """Write every voice of a song at its level into the zip `path`, under its name.

    Together they are the sum before mastering. Where an integer format would clip one, all are softer by the same gain. The
    same voices give the same bytes. If anything is raised, `path` is gone.

    Raises:
        InvalidEncoding: STEMS_ARE_LOSSLESS for a lossy format, whose stems would not add up to the song; WAV_TOO_LONG.
        Cancelled: if `cancelled` answers True.
        OSError, soundfile.LibsndfileError: if a file cannot be written.
    """
    if not encoding.format.lossless:
        raise InvalidEncoding("STEMS_ARE_LOSSLESS", "Stems are written as WAV or FLAC. Choose one of them.")
    refuse_too_long(encoding, resampled_frames(voices.frames, voices.sample_rate, encoding.rate(voices.sample_rate)))
    gain, names = _gain(voices, encoding), _file_names(voices.names, encoding.format)
    try:
        with ZipFile(path, "w", ZIP_STORED) as file, tempfile.TemporaryDirectory(dir=path.parent) as folder:
            for number, (voice, name) in enumerate(zip(voices.names, names, strict=True)):
                encoded = Path(folder) / "stem"
                _encode(voices, voice, encoding, encoded, gain, cancelled)
                title = f"{tags.title} ({voice})" if tags and tags.title else voice
                tag(encoded, encoding.format, replace(tags or Tags(), title=title))
                _store(file, name, encoded)
                progress((number + 1) / len(names))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return StemsZip(path, names, float(20 * np.log10(gain)))


def _gain(voices: VoiceFiles, encoding: Encoding) -> float:
    if encoding.depth == _FLOAT_BITS or voices.peak <= _HEADROOM:
        return 1.0
    return _HEADROOM / voices.peak


def _file_names(voices: tuple[str, ...], kind: Format) -> tuple[str, ...]:
    """Numbered, so that no two are the same and none is a device to Windows."""
    return tuple(
        f"{number:02} {_safe(voice)}.{kind.value}".replace(" .", ".") for number, voice in enumerate(voices, 1)
    )


def _safe(name: str) -> str:
    flat = "".join("_" if char in _FORBIDDEN or not char.isprintable() else char for char in name)
    return flat[:_LONGEST_NAME].strip(". ")


def _encode(
    voices: VoiceFiles, voice: str, encoding: Encoding, path: Path, gain: float, cancelled: IsCancelled
) -> None:
    rate = encoding.rate(voices.sample_rate)
    blocks = resampled(_at(gain, voices.blocks(voice)), voices.frames, voices.sample_rate, rate)
    for _ in encode(blocks, encoding, rate, path):
        check(cancelled)


def _at(gain: float, blocks: Iterator[Pcm]) -> Iterator[Pcm]:
    for block in blocks:
        yield block * np.float32(gain)


def _store(file: ZipFile, name: str, path: Path) -> None:
    entry = ZipInfo(name, _EPOCH)
    entry.create_system, entry.external_attr, entry.file_size = _UNIX, _READABLE, path.stat().st_size
    with path.open("rb") as source, file.open(entry, "w") as target:
        shutil.copyfileobj(source, target, _COPIED_AT_ONCE)
