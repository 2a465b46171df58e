"""The box that makes an MP4 file with five streams a Stems file (Native Instruments, "Stem file specification", 2015).

It lies in moov/udta (ISO 14496-12) and holds JSON: the names and colours of the four stems, and settings of a compressor and a
limiter that a player may put behind them; both are off here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

__all__ = ["COLOURS", "write_stem_box"]

COLOURS: Final = ("#E8595B", "#F2A33C", "#4FB286", "#5B8DEF")
_OFF: Final = {
    "compressor": {
        "enabled": False,
        "ratio": 3,
        "output_gain": 0.5,
        "release": 0.3,
        "attack": 0.003,
        "input_gain": 0.5,
        "threshold": 0,
        "hp_cutoff": 300,
        "dry_wet": 50,
    },
    "limiter": {"enabled": False, "release": 0.05, "threshold": 0, "ceiling": -0.35},
}
_HEAD: Final = 8


def write_stem_box(path: Path, names: Sequence[str]) -> None:
    """Write the names of the four stems into an MP4 file whose `moov` comes last, as ffmpeg writes it.

    Raises:
        ValueError: if the file is otherwise.
    """
    with path.open("r+b") as file:
        start, end, whole = 0, 0, path.stat().st_size
        kind = b""
        while end < whole:
            start = file.seek(end)
            head = file.read(2 * _HEAD)
            size, kind = int.from_bytes(head[:4], "big"), head[4:8]
            end = start + (int.from_bytes(head[8:], "big") if size == 1 else size or whole - start)
        if kind != b"moov":
            raise ValueError("moov is not the last box")
        file.seek(start)
        movie = file.read()[_HEAD:]
        file.seek(start)
        file.write(_box(b"moov", _with_stems(movie, _box(b"stem", _described(names)))))


def _described(names: Sequence[str]) -> bytes:
    stems = [{"name": name, "color": colour} for name, colour in zip(names, COLOURS, strict=True)]
    return json.dumps({"mastering_dsp": _OFF, "stems": stems, "version": 1}, sort_keys=True).encode()


def _with_stems(movie: bytes, stems: bytes) -> bytes:
    """The body of `moov` with a box more in its `udta`."""
    at = 0
    while at < len(movie):
        size = int.from_bytes(movie[at : at + 4], "big")
        if movie[at + 4 : at + 8] == b"udta":
            return movie[:at] + _box(b"udta", movie[at + _HEAD : at + size] + stems) + movie[at + size :]
        at += max(size, _HEAD)
    return movie + _box(b"udta", stems)


def _box(kind: bytes, body: bytes) -> bytes:
    return (len(body) + _HEAD).to_bytes(4, "big") + kind + body
