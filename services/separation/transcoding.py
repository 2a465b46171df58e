"""From a stored stem to the formats people ask for: WAV and MP3 block by block, ZIP file by file.

Every format has exactly the stem's length (MP3 by its gapless header), but MP3 knows no rates above 48 kHz: those are halved
or brought to 48 kHz.
"""

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from services.separation.formats import MP3, WAV, Format

BLOCK_FRAMES = 1 << 16
MP3_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
# The same archive from the same stems, byte by byte: the moment of its making says nothing.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)

Stopped = Callable[[], bool]
"""Asked between blocks; True ends in `TranscodingStopped`."""


class TranscodingStopped(Exception):
    """The process shuts down; the unfinished file is of no use."""


def transcode(source: Path, target: Path, form: Format, stopped: Stopped) -> None:
    """Write the stored file `source` to `target`: a FLAC as WAV (24 bit, sample by sample the same), anything as MP3 (V0)."""
    if form == WAV:
        _to_wav(source, target, stopped)
    elif form == MP3:
        _to_mp3(source, target, stopped)
    else:
        raise ValueError(f"nothing makes {form.extension} of a stem")


def mp3_rate(sample_rate: int) -> int:
    """Return the rate an MP3 of this rate gets: its own where MP3 knows it, else the next that keeps all of it."""
    if sample_rate > MP3_RATES[-1]:
        return 44_100 if sample_rate % 44_100 == 0 else 48_000
    return min(rate for rate in MP3_RATES if rate >= sample_rate)


def add_to_archive(archive: Path, member: Path, name: str) -> None:
    """Add a file to a ZIP, which is made if it is not there. Stored, not deflated: audio does not get smaller."""
    entry = zipfile.ZipInfo(name, _ZIP_DATE)
    entry.file_size = member.stat().st_size
    with zipfile.ZipFile(archive, "a") as opened, opened.open(entry, "w") as into, member.open("rb") as content:
        while block := content.read(1 << 20):
            into.write(block)


def _to_wav(source: Path, target: Path, stopped: Stopped) -> None:
    with (
        soundfile.SoundFile(source) as flac,
        soundfile.SoundFile(target, "w", flac.samplerate, flac.channels, format="WAV", subtype="PCM_24") as wav,
    ):
        # As integers: by way of floats libsndfile would scale 24-bit samples by one part in eight million.
        for block in flac.blocks(BLOCK_FRAMES, dtype="int32", always_2d=True):
            _check(stopped)
            wav.write(block)


def _to_mp3(source: Path, target: Path, stopped: Stopped) -> None:
    with soundfile.SoundFile(source) as flac:
        rate = mp3_rate(flac.samplerate)
        with soundfile.SoundFile(
            target,
            "w",
            rate,
            flac.channels,
            format="MP3",
            subtype="MPEG_LAYER_III",
            bitrate_mode="VARIABLE",
            compression_level=0.0,
        ) as mp3:
            for block in _at_rate(flac, rate):
                _check(stopped)
                mp3.write(block)


def _at_rate(flac: soundfile.SoundFile, rate: int) -> Iterator[NDArray[np.float32]]:
    blocks = flac.blocks(BLOCK_FRAMES, dtype="float32", always_2d=True)
    if rate == flac.samplerate:
        yield from blocks
        return
    stream = soxr.ResampleStream(flac.samplerate, rate, flac.channels, "float32", "VHQ")
    missing = round(flac.frames * rate / flac.samplerate)
    for block in blocks:
        ready = stream.resample_chunk(block)[:missing]
        missing -= len(ready)
        yield ready
    rest = stream.resample_chunk(np.zeros((0, flac.channels), np.float32), last=True)[:missing]
    yield np.pad(rest, ((0, missing - len(rest)), (0, 0)))


def _check(stopped: Stopped) -> None:
    if stopped():
        raise TranscodingStopped
