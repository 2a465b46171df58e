"""WAV, AIFF, FLAC, OGG and MP3 through libsndfile."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import soundfile

from services.ingest.decoding import iff, mpeg, ogg
from services.ingest.decoding.mapped import mapped
from services.ingest.decoding.opened import BLOCK_FRAMES, Block, Source
from services.ingest.decoding.rejection import Reason, Rejected
from services.ingest.decoding.signatures import Announced, Container

UNKNOWN_FRAMES: Final = 1 << 62
"""libsndfile says 2**63 - 1 where a FLAC or Opus file does not tell its length."""

MOST_CHANNELS: Final = 1024
"""The most channels libsndfile opens; of more it only says that it failed."""

_READ_AS: Final = {
    Container.WAV: ("WAV", "WAVEX", "RF64"),
    Container.AIFF: ("AIFF",),
    Container.FLAC: ("FLAC",),
    Container.OGG: ("OGG",),
    Container.MP3: ("MP3",),
}

# subtype -> (encoding, bit depth, dtype to read without loss). What is not listed is a float codec without a depth.
_ENCODINGS: Final = {
    "PCM_S8": ("8-bit", 8, "int32"),
    "PCM_U8": ("8-bit", 8, "int32"),
    "PCM_16": ("16-bit", 16, "int32"),
    "PCM_24": ("24-bit", 24, "int32"),
    "PCM_32": ("32-bit", 32, "int32"),
    "FLOAT": ("32-bit float", 32, "float32"),
    "DOUBLE": ("64-bit float", 64, "float64"),
    "ULAW": ("mu-law", 8, "int32"),
    "ALAW": ("A-law", 8, "int32"),
    "IMA_ADPCM": ("ADPCM", 4, "int32"),
    "MS_ADPCM": ("ADPCM", 4, "int32"),
}


class _Forward(soundfile.SoundFile):  # type: ignore[misc]  # published without types
    """A sound file read once from front to back.

    soundfile seeks after every block of a seekable file, which fails at the end of a FLAC of unknown length and costs
    time in a lossy one.
    """

    def seekable(self) -> bool:
        """No."""
        return False


@contextmanager
def opened(path: Path, announced: Announced) -> Iterator[Source]:
    """The file at `path`, open; Rejected where its header is broken or promises something that we do not take."""
    container = announced.container
    # Unbuffered: libsndfile reads through the same descriptor.
    with path.open("rb", buffering=0) as file:
        look = _looked_through(path, file, announced)
        (look.instead or file).seek(0)
        try:
            sound = _Forward(look.instead or file.fileno(), closefd=False)
        except (soundfile.SoundFileError, TypeError) as broken:
            raise _damaged(container, broken) from broken
        with sound:
            if sound.format not in _READ_AS[container]:
                raise _damaged(container, f"opened as {sound.format}")
            encoding, depth, dtype = _ENCODINGS.get(sound.subtype, ("lossy", 0, "float32"))
            blocks = _blocks(sound, dtype, file, container)
            claimed = _claimed(sound, look)
            yield Source(look.format, encoding, depth, sound.samplerate, sound.channels, claimed, blocks)


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look at the container showed.

    completeness: share of the promised sound that is there, 0 to 1; libsndfile shortens its claim to it.
    claims: whether the length that libsndfile tells comes from the file, and is no guess of its own.
    instead: what to read instead of the file.
    """

    format: str
    completeness: float = 1.0
    claims: bool = True
    instead: mpeg.Prefixed | None = None


def _looked_through(path: Path, file: BinaryIO, announced: Announced) -> _Look:
    start, container = announced.start, announced.container
    # libsndfile skips an ID3 tag before MPEG frames only.
    untagged = mpeg.Prefixed(b"", file, start) if start else None
    match container:
        case Container.WAV | Container.AIFF:
            completeness = _checked_chunks(untagged or file, path.stat().st_size - start, container)
            return _Look(container.name, completeness, instead=untagged)
        case Container.OGG:
            return _Look(f"Ogg {_checked_pages(path, start)}", instead=untagged)
        case Container.MP3:
            stream = _checked_stream(path, start)
            return _Look("MP3", claims=stream.tagged, instead=_told(file, stream))
        case _:
            return _Look(container.name, instead=untagged)


def _told(file: BinaryIO, stream: mpeg.Stream) -> mpeg.Prefixed | None:
    """What to read instead of an MP3 that does not tell its length, or not at once."""
    if not stream.tagged and stream.first.layer == mpeg.LAYER_3:
        return mpeg.with_length(file, stream)
    return mpeg.Prefixed(b"", file, stream.start) if stream.start else None


def _checked_chunks(file: iff.Seekable, size: int, container: Container) -> float:
    claims = iff.read_claims(file, size)
    if claims.channels == 0:
        raise Rejected.because(Reason.NO_CHANNELS)
    if claims.channels is not None and claims.channels > MOST_CHANNELS:
        raise Rejected.because(Reason.TOO_MANY_CHANNELS, channels=claims.channels)
    if claims.completeness == 0:
        raise Rejected.because(Reason.TRUNCATED, "no sample data", where="")
    return claims.completeness


def _checked_pages(path: Path, start: int) -> str:
    with mapped(path) as data:
        pages = ogg.walk(data, start)
    if pages.cut:
        raise Rejected.because(Reason.TRUNCATED, "the last Ogg page is cut", where="")
    if pages.chained:
        found = "holds several recordings one after another"
        raise Rejected.because(Reason.UNSUPPORTED_FORMAT, found=found)
    if len(pages.codecs) != 1 or pages.codecs[0] not in ("Vorbis", "Opus", "FLAC"):
        found = f"is an OGG file with {' and '.join(pages.codecs) or 'nothing'} in it"
        raise Rejected.because(Reason.UNSUPPORTED_FORMAT, found=found)
    return pages.codecs[0]


def _checked_stream(path: Path, start: int) -> mpeg.Stream:
    with mapped(path) as data:
        stream = mpeg.walk(data, start)
    if stream is None:
        raise Rejected.because(Reason.NOT_AUDIO, "no MPEG frames", found="contains no audio that we know")
    return stream


def _claimed(sound: soundfile.SoundFile, look: _Look) -> int | None:
    """Frames as the file itself tells them, before libsndfile shortened that to what is there."""
    told = look.claims and 0 < sound.frames < UNKNOWN_FRAMES
    return round(sound.frames / look.completeness) if told else None


def _blocks(sound: soundfile.SoundFile, dtype: str, file: BinaryIO, container: Container) -> Iterator[Block]:
    # A FLAC is read exactly as far as it claims: what follows (an ID3v1 tag) would count as damage.
    left = sound.frames if container is Container.FLAC else UNKNOWN_FRAMES
    while left > 0:
        try:
            block = sound.read(min(BLOCK_FRAMES, left), dtype=dtype, always_2d=True)
        except soundfile.SoundFileError as broken:
            raise _broken_off(file, container, broken) from broken
        if len(block) == 0:
            return
        left -= len(block)
        yield block


def _broken_off(file: BinaryIO, container: Container, error: Exception) -> Rejected:
    """Cut or damaged? libsndfile reads through our descriptor, so its position tells how far the decoder came."""
    at_end = file.tell() >= os.fstat(file.fileno()).st_size
    if at_end:
        return Rejected.because(Reason.TRUNCATED, str(error), where="")
    return _damaged(container, error)


def _damaged(container: Container, why: object) -> Rejected:
    return Rejected.because(Reason.DECODER_FAILED, str(why), found=container.spoken)
