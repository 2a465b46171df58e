"""What an MP4 file (M4A) claims in its boxes, read without decoding. Source: ISO 14496-12."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.ingest.decoding.mapped import Mapped

BOX_LIMIT = 10_000
TRACK_LIMIT = 64

_SOUND = (b"moov", b"mdat", b"moof")


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its type and the bytes of its body, [start, end). `end` may lie behind the file's."""

    kind: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """The first audio track. codec: its sample entry's four characters. seconds: as presented; None where unsaid."""

    codec: str
    bit_depth: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Movie:
    """cut: a box promises more than the file holds. complete: it has a `moov` box. audio: None without sound."""

    cut: bool
    complete: bool
    audio: AudioTrack | None


def walk(data: Mapped) -> Movie:
    """Boxes of the MP4 file in `data` (a file's bytes, mapped)."""
    top = list(boxes(data, 0, len(data)))
    moov = next((box for box in top if box.kind == b"moov"), None)
    # Junk behind the last box reads like the start of another; it matters only where something is missing.
    needed = _SOUND if moov else [box.kind for box in top]
    cut = any(box.end > len(data) and box.kind in needed for box in top)
    if moov is None or moov.end > len(data):
        return Movie(cut, False, None)
    tracks = [box for box in boxes(data, moov.start, moov.end) if box.kind == b"trak"][:TRACK_LIMIT]
    timescale = _timescale(data, moov)
    audio = next((found for track in tracks if (found := _audio(data, track, timescale))), None)
    return Movie(cut, True, audio)


def boxes(data: Mapped, start: int, end: int) -> Iterator[Box]:
    """Boxes one after another in bytes [start, end); stops at the first that is none."""
    at = start
    for _ in range(BOX_LIMIT):
        if at + 8 > end:
            return
        size, body = int.from_bytes(data[at : at + 4], "big"), at + 8
        if size == 1:
            size, body = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        elif size == 0:
            size = end - at  # to the end of the file
        if at + size < body:
            return
        yield Box(data[at + 4 : at + 8], body, at + size)
        at += size


def _inside(data: Mapped, box: Box, *path: bytes) -> Box | None:
    for kind in path:
        found = next((inner for inner in boxes(data, box.start, min(box.end, len(data))) if inner.kind == kind), None)
        if found is None:
            return None
        box = found
    return box


def _audio(data: Mapped, track: Box, timescale: int) -> AudioTrack | None:
    handler = _inside(data, track, b"mdia", b"hdlr")
    table = _inside(data, track, b"mdia", b"minf", b"stbl", b"stsd")
    if handler is None or table is None or data[handler.start + 8 : handler.start + 12] != b"soun":
        return None
    entry = next(boxes(data, table.start + 8, table.end), None)  # after version, flags and count
    if entry is None:
        return None
    depth = int.from_bytes(data[entry.start + 18 : entry.start + 20], "big")
    codec = entry.kind.decode("latin-1")
    return AudioTrack(codec, depth, _seconds(data, _inside(data, track, b"tkhd"), timescale))


def _timescale(data: Mapped, moov: Box) -> int:
    """Units per second of the durations in `tkhd`; 0 where unsaid."""
    header = _inside(data, moov, b"mvhd")
    if header is None:
        return 0
    at = header.start + (20 if data[header.start : header.start + 1] == b"\1" else 12)
    return int.from_bytes(data[at : at + 4], "big")


def _seconds(data: Mapped, header: Box | None, timescale: int) -> float | None:
    if header is None or timescale == 0:
        return None
    wide = data[header.start : header.start + 1] == b"\1"
    at, size = header.start + (28 if wide else 20), 8 if wide else 4
    units = int.from_bytes(data[at : at + size], "big")
    unknown = units in (0, 256**size - 1)
    return None if unknown else units / timescale
