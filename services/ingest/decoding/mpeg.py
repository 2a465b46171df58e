"""A walk over the frames of an MPEG audio file (MP3), without decoding them.

libsndfile believes the length that the first frame announces, or guesses it from that frame's bit rate: a variable bit
rate without a Xing header then loses most of the song. The walk counts the frames, and `with_length` puts a header with
the true count in front. Sources: ISO 11172-3, 13818-3; the Xing header as LAME writes it.
"""

import io
import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

from services.ingest.decoding.mapped import Mapped

LAYER_3: Final = 3
"""The layer that "MP3" is named after."""

SYNC_TRIES: Final = 200_000
"""Bytes that may be skipped in search of a frame: a real file has some padding, a made-up one might be nothing else."""

_TAG_TRUSTED: Final = 0.98
"""Share of the counted frames that a tag must tell to be believed."""

_STRAY_FRAMES: Final = 4
"""Frames that a tag may leave out besides: its own, and what encoders flush at the end."""

_VERSIONS: Final = (2.5, None, 2.0, 1.0)
_RATES: Final = {1.0: (44100, 48000, 32000), 2.0: (22050, 24000, 16000), 2.5: (11025, 12000, 8000)}
_KBPS: Final = {
    (1.0, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1.0, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1.0, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2.0, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2.0, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2.0, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame header. size: bytes. samples: per channel. side_info: bytes between header and main data (layer III)."""

    header: bytes
    layer: int
    version: float
    sample_rate: int
    channels: int
    size: int

    @property
    def samples(self) -> int:
        """Samples per channel that the frame decodes to."""
        if self.layer == 1:
            return 384
        return 576 if self.layer == LAYER_3 and self.version > 1 else 1152

    @property
    def side_info(self) -> int:
        """Bytes of side information after a layer III header; the Xing header stands behind them."""
        stereo = self.channels == 2
        if self.version == 1:
            return 32 if stereo else 17
        return 17 if stereo else 9

    def continues(self, other: "Frame") -> bool:
        """Whether `other` belongs to the same stream."""
        return (self.layer, self.version, self.sample_rate) == (other.layer, other.version, other.sample_rate)


@dataclass(frozen=True, slots=True)
class Stream:
    """An MPEG stream. start: byte of its first frame. frames: counted. tagged: its first frame tells their number."""

    start: int
    first: Frame
    frames: int
    tagged: bool

    @property
    def samples(self) -> int:
        """Samples per channel, encoder delay included."""
        return self.frames * self.first.samples


def frame_at(data: Mapped, at: int) -> Frame | None:
    """The frame whose header is at byte `at`, or None. Free-format frames (no bit rate) are not taken."""
    head = data[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = _VERSIONS[head[1] >> 3 & 3], 4 - (head[1] >> 1 & 3)
    rate, kbps = head[2] >> 2 & 3, head[2] >> 4
    if version is None or layer == 4 or rate == 3 or kbps in (0, 15):
        return None
    hertz = _RATES[version][rate]
    bits = _KBPS[1.0 if version == 1 else 2.0, layer][kbps - 1] * 1000
    padding = head[2] >> 1 & 1
    if layer == 1:
        size = (12 * bits // hertz + padding) * 4
    else:
        size = (72 if layer == LAYER_3 and version > 1 else 144) * bits // hertz + padding
    return Frame(head, layer, version, hertz, 1 if head[3] >> 6 == 3 else 2, size)


def walk(data: Mapped, start: int) -> Stream | None:
    """The MPEG stream in `data` (a file's bytes, mapped) from byte `start` on; None where there is none.

    Two frames in a row, or one that fills the file, make a stream: four bytes alone occur in any data.
    """
    first_at = _first(data, start)
    if first_at is None:
        return None
    first = frame_at(data, first_at)
    if first is None:
        return None
    counted, told = _count(data, first_at, first), _told(data, first_at, first)
    # A tag that tells less than there is belongs to the first of several files in a row: no tag then.
    tagged = told is not None and told >= counted * _TAG_TRUSTED - _STRAY_FRAMES
    return Stream(first_at, first, counted - tagged, tagged)


def _first(data: Mapped, start: int) -> int | None:
    at = data.find(b"\xff", start)
    while at != -1 and at - start < SYNC_TRIES:
        frame = frame_at(data, at)
        if frame is not None:
            after = frame_at(data, at + frame.size)
            if after is not None and frame.continues(after):
                return at
            if after is None and at == start and at + frame.size == len(data):
                return at
        at = data.find(b"\xff", at + 1)
    return None


def _count(data: Mapped, at: int, first: Frame) -> int:
    """Frames from `at` on, the last one cut or not. Bytes that are no frame (tags, damage) are skipped."""
    count, tries = 0, SYNC_TRIES
    while tries > 0 and at != -1 and at < len(data):
        frame = frame_at(data, at)
        if frame is not None and first.continues(frame):
            count += 1
            at += frame.size
        else:
            tries -= 1
            at = data.find(b"\xff", at + 1)
    return count


def _told(data: Mapped, at: int, first: Frame) -> int | None:
    """Frames that the Xing or VBRI header in the frame at `at` tells; None where it tells none."""
    if first.layer != LAYER_3:
        return None
    checked = 0 if first.header[1] & 1 else 2  # a CRC precedes the side information
    xing = at + 4 + checked + first.side_info
    has_frames = int.from_bytes(data[xing + 4 : xing + 8], "big") & 1
    if data[xing : xing + 4] in (b"Xing", b"Info") and has_frames:
        return int.from_bytes(data[xing + 8 : xing + 12], "big")
    vbri = at + 36
    if data[vbri : vbri + 4] == b"VBRI":
        return int.from_bytes(data[vbri + 14 : vbri + 18], "big")
    return None


def with_length(file: BinaryIO, stream: Stream) -> "Prefixed":
    """`file` from its first frame on, behind a Xing frame that tells the true number of frames (layer III)."""
    header = bytearray(stream.first.header)
    header[1] |= 1  # no CRC
    header[2] = 0x90 | header[2] & 0x0C  # a bit rate whose frame surely holds the Xing header; no padding
    frame = frame_at(bytes(header), 0)
    size = frame.size if frame else 0
    xing = bytes(header) + bytes(stream.first.side_info) + b"Xing" + struct.pack(">II", 1, stream.frames)
    return Prefixed(xing.ljust(size, b"\0"), file, stream.start)


class Prefixed:
    """A read-only file that begins with `prefix` and goes on with `file` from byte `start`, as far as soundfile cares."""

    def __init__(self, prefix: bytes, file: BinaryIO, start: int) -> None:
        self._prefix = prefix
        self._file = file
        self._start = start
        self._at = 0
        self._size = len(prefix) + file.seek(0, io.SEEK_END) - start

    def tell(self) -> int:
        """The position, counted from the prefix's first byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As for any file."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, count: int) -> bytes:
        """At most `count` bytes; as many as there are."""
        inside = self._prefix[self._at : self._at + count]
        self._file.seek(self._start + max(0, self._at - len(self._prefix)))
        piece = inside + self._file.read(count - len(inside))
        self._at += len(piece)
        return piece
