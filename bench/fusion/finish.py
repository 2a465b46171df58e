"""Loudness and true peak of finished files, by a meter that is not ours: ffmpeg's ebur128."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import imageio_ffmpeg
import numpy as np

from bench.fusion.measure import Measure
from bench.fusion.pairs import Piece
from bench.fusion.playing import decided
from services.fusion.mixing.arrangement import Arrangement
from services.fusion.mixing.mastering import Outcome
from services.fusion.mixing.mixdown import mix
from services.fusion.mixing.planning.wish import Match, MatchMode, Wish
from services.fusion.mixing.rendering import Encoding, Format, render
from services.fusion.mixing.sources import Source

__all__ = ["finish", "finished"]

_ENCODINGS: Final = tuple(map(Encoding, Format))
_LUFS: Final = -14.0
_CEILING: Final = -1.0


def finish(chosen: Sequence[tuple[Piece, Piece]]) -> Iterator[Measure]:
    """All stems of both songs, in every format, at the usual target."""
    yield from finished(_mixable(pair) for pair in chosen)


def finished(songs: Iterable[tuple[Arrangement, Mapping[str, Source]]], of: str = "") -> Iterator[Measure]:
    """Arrangements with their sources, in every format; `of` says what they are."""
    found = [measured for song, sources in songs for measured in _measured(song, sources)]
    met = [loudness for _, loudness, _, outcome in found if outcome is Outcome.LOUDNESS]
    off = max((abs(loudness - _LUFS) for loudness in met), default=0.0)
    said = f"{off:.2f} LU at most ({len(met)} of {len(found)} files reach it)"
    yield Measure(f"integrated loudness{of}, off the target", "0.2 LU", said, bool(met) and off <= 0.2)
    for kind in Format:
        peak = max(peak for encoding, _, peak, _ in found if encoding.format is kind)
        yield Measure(f"true peak{of}, {kind}", f"{_CEILING} dBTP", f"{peak:.1f} dBTP", peak <= _CEILING)
    lossy = [abs(loudness - _LUFS) for encoding, loudness, _, _ in found if not encoding.format.lossless]
    yield Measure(
        f"loudness{of} of lossy files, off the target", "", f"median {np.median(lossy):.2f}, most {max(lossy):.2f} LU"
    )


def _mixable(pair: tuple[Piece, Piece]) -> tuple[Arrangement, Mapping[str, Source]]:
    wish = Wish(tuple(stem for piece in pair for stem in piece.stems()), Match(MatchMode.TEMPO_AND_KEY))
    _, song = decided(wish, {piece.name: piece.true for piece in pair})
    return song, {key: source for piece in pair for key, source in piece.sources().items()}


def _measured(song: Arrangement, sources: Mapping[str, Source]) -> Iterator[tuple[Encoding, float, float, Outcome]]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        mixed = mix(song, sources, folder / "mix")
        for encoding in _ENCODINGS:
            report = render(mixed, encoding, folder / f"song.{encoding.format}")
            yield encoding, *_ebur128(report.path), report.outcome


def _ebur128(path: Path) -> tuple[float, float]:
    """Integrated loudness (LUFS) and true peak (dBTP), as ffmpeg reads them: to 0.1."""
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-nostdin",
        "-i",
        str(path),
        "-af",
        "ebur128=peak=true",
        "-f",
        "null",
        "-",
    ]
    said = subprocess.run(command, capture_output=True, check=True).stderr.decode().rpartition("Summary:")[2]
    return _number(r"I:\s+(\S+) LUFS", said), _number(r"Peak:\s+(\S+) dBFS", said)


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    assert found is not None, text
    return float(found[1])
