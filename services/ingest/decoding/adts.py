"""Whether bytes are ADTS frames (raw AAC). Source: ISO 13818-7, section 6.2."""

from dataclasses import dataclass

from services.ingest.decoding.mapped import Mapped

HEADER = 7
RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame header. size: bytes, header included. key: what all frames of a stream have in common."""

    size: int
    key: tuple[int, int]


def frame_at(data: Mapped, at: int) -> Frame | None:
    """The frame whose header is at byte `at`, or None."""
    head = data[at : at + HEADER]
    if len(head) < HEADER or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return None
    rate = head[2] >> 2 & 15
    size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    if rate >= len(RATES) or size < HEADER:
        return None
    return Frame(size, (head[2] >> 6, rate))


def is_stream(data: Mapped, start: int) -> bool:
    """Whether frames begin at `start`: two in a row, or one that fills the file."""
    first = frame_at(data, start)
    if first is None:
        return False
    after = frame_at(data, start + first.size)
    return after.key == first.key if after else start + first.size == len(data)
