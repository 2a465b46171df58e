"""A walk over the pages of an Ogg file, without decoding them. Source: RFC 3533, RFC 7845 (Opus)."""

from dataclasses import dataclass

from services.ingest.decoding.mapped import Mapped

PAGE_HEADER = 27
RESYNCS = 1000
_BEGINS = 0x02

_CODECS = (
    (b"\x01vorbis", "Vorbis"),
    (b"OpusHead", "Opus"),
    (b"\x7fFLAC", "FLAC"),
    (b"Speex   ", "Speex"),
    (b"\x80theora", "Theora"),
)


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pages show.

    codecs: of the streams that begin before any data, in order. cut: the last page is not whole.
    chained: another stream begins later, which libsndfile would leave out.
    """

    codecs: tuple[str, ...]
    cut: bool
    chained: bool


def walk(data: Mapped, start: int) -> Pages:
    """Pages of the Ogg file in `data` (a file's bytes, mapped) from byte `start` on."""
    codecs: list[str] = []
    begun, chained, resyncs = True, False, 0
    at = start
    while 0 <= at < len(data) and resyncs < RESYNCS:
        if data[at : at + 4] != b"OggS":
            resyncs += 1
            at = data.find(b"OggS", at + 1)
            continue
        end = _page_end(data, at)
        if end is None or end > len(data):
            return Pages(tuple(codecs), True, chained)
        if not data[at + 5] & _BEGINS:
            begun = False
        elif begun:
            codecs.append(_codec(data, at))
        else:
            chained = True
        at = end
    return Pages(tuple(codecs), False, chained)


def _page_end(data: Mapped, at: int) -> int | None:
    """Where the page at byte `at` ends by its segment table; None where even that is cut."""
    if at + PAGE_HEADER > len(data):
        return None
    segments = data[at + 26]
    table = data[at + PAGE_HEADER : at + PAGE_HEADER + segments]
    return at + PAGE_HEADER + segments + sum(table) if len(table) == segments else None


def _codec(data: Mapped, at: int) -> str:
    body = at + PAGE_HEADER + data[at + 26]
    return next((name for magic, name in _CODECS if data[body : body + len(magic)] == magic), "an unknown codec")
