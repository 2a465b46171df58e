"""Which container the first bytes of a file announce. Names and declared MIME types are not looked at."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import BinaryIO

from services.ingest.decoding.rejection import Reason, Rejected

HEAD_BYTES = 64
ID3_HEADER_BYTES = 10


class Container(Enum):
    """The containers that are taken: how a sentence calls each, and its MIME type."""

    WAV = ("a WAV file", "audio/wav")
    AIFF = ("an AIFF file", "audio/aiff")
    FLAC = ("a FLAC file", "audio/flac")
    OGG = ("an OGG file", "audio/ogg")
    MP3 = ("an MP3 file", "audio/mpeg")
    MP4 = ("an M4A file", "audio/mp4")
    ADTS = ("an AAC file", "audio/aac")

    @property
    def spoken(self) -> str:
        """With its article, for a sentence."""
        return self.value[0]

    @property
    def mime_type(self) -> str:
        """IANA's type, or the one in common use."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Announced:
    """What a file says it is. `start` is the byte where the container begins (after an ID3v2 tag)."""

    container: Container
    start: int


# `ftyp` brands of still images, which share MP4's box structure.
_IMAGE_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"crx ")

_TAKEN: tuple[tuple[Container, Callable[[bytes], bool]], ...] = (
    (Container.WAV, lambda head: head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE"),
    (Container.AIFF, lambda head: head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC")),
    (Container.FLAC, lambda head: head[:4] == b"fLaC"),
    (Container.OGG, lambda head: head[:4] == b"OggS"),
    (Container.MP4, lambda head: head[4:8] == b"ftyp" and head[8:12] not in _IMAGE_BRANDS),
    (Container.ADTS, lambda head: len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0),
    (Container.MP3, lambda head: len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 != 0),
)

_NOT_TAKEN: tuple[tuple[bytes, int, str], ...] = (
    (b"\x1a\x45\xdf\xa3", 0, "is a Matroska or WebM file"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", 0, "is a Windows Media file"),
    (b"caff", 0, "is a Core Audio file"),
    (b".snd", 0, "is a Sun audio file"),
    (b"riff\x2e\x91\xcf\x11", 0, "is a Wave64 file"),
    (b"MAC ", 0, "is a Monkey's Audio file"),
    (b"wvpk", 0, "is a WavPack file"),
    (b"MThd", 0, "is a MIDI file"),
    (b"#!AMR", 0, "is an AMR recording"),
    (b"DSD ", 0, "is a DSD file"),
    (b"FRM8", 0, "is a DSD file"),
    (b"MPCK", 0, "is a Musepack file"),
    (b"TTA1", 0, "is a True Audio file"),
    (b"#EXTM3U", 0, "is a playlist"),
)

_NOT_AUDIO: tuple[tuple[bytes, int, str], ...] = (
    (b"\x89PNG", 0, "is a PNG picture"),
    (b"\xff\xd8\xff", 0, "is a JPEG picture"),
    (b"GIF8", 0, "is a GIF picture"),
    (b"ftyp", 4, "is a picture"),
    (b"WEBP", 8, "is a WebP picture"),
    (b"AVI ", 8, "is an AVI video"),
    (b"PK\x03\x04", 0, "is a ZIP archive"),
    (b"\x1f\x8b", 0, "is a gzip archive"),
    (b"Rar!", 0, "is a RAR archive"),
    (b"7z\xbc\xaf", 0, "is a 7z archive"),
    (b"%PDF", 0, "is a PDF document"),
    (b"\x7fELF", 0, "is a program"),
    (b"MZ", 0, "is a program"),
)


def announced(file: BinaryIO) -> Announced:
    """The container that `file` begins with; Rejected (NOT_AUDIO, UNSUPPORTED_FORMAT) where it is none that we take."""
    start = _after_id3(file)
    head = _bytes_at(file, start, HEAD_BYTES)
    # JPEG begins like an MPEG frame of a layer that a decoder would try.
    named = _match(head, _NOT_AUDIO) if head[:3] == b"\xff\xd8\xff" else None
    for container, fits in _TAKEN:
        if named is None and fits(head):
            return Announced(container, start)
    if start:
        # Tags are often followed by padding before the first frame; the MPEG walk finds it, or rejects.
        return Announced(Container.MP3, start)
    raise _refusal(head)


def _refusal(head: bytes) -> Rejected:
    if found := _match(head, _NOT_TAKEN):
        return Rejected.because(Reason.UNSUPPORTED_FORMAT, found=found)
    found = _match(head, _NOT_AUDIO) or ("contains text" if _is_text(head) else "contains no audio that we know")
    return Rejected.because(Reason.NOT_AUDIO, found=found)


def _match(head: bytes, table: tuple[tuple[bytes, int, str], ...]) -> str | None:
    return next((found for magic, at, found in table if head[at : at + len(magic)] == magic), None)


def _is_text(head: bytes) -> bool:
    try:
        # Incremental: the last character may be cut by the end of the head.
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return all(char.isprintable() or char.isspace() for char in text)


def _after_id3(file: BinaryIO) -> int:
    """Where the file goes on after its ID3v2 tags; 0 without one. The tag's size is 4 x 7 bits (ID3v2.4, section 3.1)."""
    start = 0
    for _ in range(4):  # some taggers put a second tag before the first
        header = _bytes_at(file, start, ID3_HEADER_BYTES)
        if len(header) < ID3_HEADER_BYTES or header[:3] != b"ID3":
            break
        size = sum((byte & 0x7F) << shift for byte, shift in zip(header[6:], (21, 14, 7, 0), strict=True))
        has_footer = bool(header[5] & 0x10)
        start += ID3_HEADER_BYTES + size + (ID3_HEADER_BYTES if has_footer else 0)
    return start


def _bytes_at(file: BinaryIO, start: int, count: int) -> bytes:
    file.seek(start)
    return file.read(count)
