"""Samples into files and back, by libsndfile, block by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import soundfile

from services.fusion.mixing.rendering.encoding import Encoding, Format, InvalidEncoding
from services.fusion.mixing.rendering.quantising import Quantiser
from services.fusion.mixing.sources import BLOCK_FRAMES, Pcm

__all__ = ["decoded", "encode", "refuse_too_long"]

_CHANNELS: Final = 2
_LARGEST_WAV: Final = 2**32 - 2**24  # a RIFF file has 32 bits for its size; tags and a cover need some of it
_SUBTYPES: Final = {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}


def encode(blocks: Iterable[Pcm], encoding: Encoding, rate: int, path: Path) -> Iterator[int]:
    """Write blocks of stereo PCM in [-1, 1] (float32 (n, 2)) at `rate` Hz; after each, yields how many frames it had.

    Raises:
        OSError, soundfile.LibsndfileError: if the file cannot be written.
    """
    quantise = Quantiser(encoding.depth) if encoding.depth in (16, 24) else None
    with soundfile.SoundFile(path, "w", samplerate=rate, channels=_CHANNELS, **_options(encoding)) as out:
        for block in blocks:
            # libsndfile's lossy encoders crash on very long pieces.
            for start in range(0, len(block), BLOCK_FRAMES):
                piece = block[start : start + BLOCK_FRAMES]
                out.write(piece if quantise is None else quantise(piece))
            yield len(block)


def decoded(path: Path) -> Iterator[Pcm]:
    """What a finished file sounds like: float32 (at most BLOCK_FRAMES, channels) at a time."""
    with soundfile.SoundFile(path) as source:
        while len(block := source.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
            yield block


def refuse_too_long(encoding: Encoding, frames: int) -> None:
    """Raise InvalidEncoding (WAV_TOO_LONG) if so many stereo frames do not fit into the file."""
    if encoding.format is Format.WAV and frames * _CHANNELS * (encoding.depth or 0) // 8 > _LARGEST_WAV:
        raise InvalidEncoding(
            "WAV_TOO_LONG", "A WAV file holds at most 4 GiB. Choose FLAC, fewer bits or a lower sample rate."
        )


def _options(encoding: Encoding) -> dict[str, object]:
    """What libsndfile calls the encoding; its levels run from 0 (best) to 1 (smallest)."""
    match encoding.format:
        case Format.WAV | Format.FLAC:
            return {"format": encoding.format.value.upper(), "subtype": _SUBTYPES[encoding.depth or 24]}
        case Format.MP3 if encoding.bitrate_kbps is not None:
            # From 320 down to 32 kbit/s.
            mode, level = "CONSTANT", (320 - encoding.bitrate_kbps) / 288
            return {"format": "MP3", "subtype": "MPEG_LAYER_III", "bitrate_mode": mode, "compression_level": level}
        case Format.MP3:
            mode, level = "VARIABLE", encoding.vorbis_or_mp3_quality / 10
            return {"format": "MP3", "subtype": "MPEG_LAYER_III", "bitrate_mode": mode, "compression_level": level}
        case Format.OGG:
            return {"format": "OGG", "subtype": "VORBIS", "compression_level": 1 - encoding.vorbis_or_mp3_quality / 10}
        case Format.OPUS:
            # From 256 down to 6 kbit/s a channel.
            level = 1 - (encoding.opus_kbps / _CHANNELS - 6) / 250
            return {"format": "OGG", "subtype": "OPUS", "compression_level": max(0.0, level)}
