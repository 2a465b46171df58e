"""`python -m bench.mir.refinement`: what stems add to an analysis, on stems as they were recorded and as separation finds them.

Songs of the tuning half; those that were not separated yet are, 10 to 20 s each on two cores. Frames are of 40 ms.

HTDemucs takes the songs' sung-like lead for an instrument: it is found in `other`, 50 dB louder than in `vocals`. So who plays
when is asked of drums, bass and other, with the lead in `other`, and not of vocals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.mir.collection import Pcm, Piece
from bench.mir.hearing import begin
from bench.mir.ours import WEIGHTS
from bench.mir.separated import PIECES, found_stems, separate_all, stem_of, true_stems
from tests.songs.scoring import Scores, of_analysis, score

Frames = NDArray[np.bool_]
Stems = Mapping[str, Pcm]
Spans = Sequence[tuple[float, float]]

_FRAME: Final = 0.04  # s
_PLAYING: Final = ("drums", "bass", "other")
_MEASURES: Final = ("key", "key_weighted", "chords", "cents", "beat_f", "downbeat_f")
_WAYS: Final[Mapping[str, Callable[[Piece], Stems]]] = {
    "mix": lambda _piece: {},
    "stems as recorded": true_stems,
    "stems as separated": found_stems,
}


def main() -> None:
    """Separate what is missing, listen in every way, print the tables."""
    for piece in separate_all():
        print(f"separated song {piece.seed}", flush=True)
    begin()
    scores: dict[str, list[Scores]] = {way: [] for way in _WAYS}
    played: dict[str, list[Mapping[str, tuple[Frames, Frames]]]] = {way: [] for way in _WAYS}
    for piece in PIECES:
        for way, stems_of in _WAYS.items():
            found, playing = _heard(piece, stems_of(piece))
            scores[way].append(found)
            played[way].append(playing)
    _show(scores, played)


def _heard(piece: Piece, stems: Stems) -> tuple[Scores, Mapping[str, tuple[Frames, Frames]]]:
    """How right the analysis of a song with these stems is; and per stem the frames in which it plays, in truth and as heard."""
    from services.mir.analysis.analysing import HARMONIC_STEMS, Recording, analyse_recording  # after `begin`
    from services.mir.analysis.networks import load_networks
    from services.mir.analysis.preparation import prepare

    pcm, rate = piece.sound()
    harmonic = [stem for name, stem in stems.items() if name in HARMONIC_STEMS]
    recording = Recording(
        prepare(pcm, rate),
        {name: prepare(stem, rate) for name, stem in stems.items()},
        prepare(reduce(np.add, harmonic), rate) if harmonic else None,
    )
    found = analyse_recording(recording, load_networks(WEIGHTS)).analysis
    count = int(found.seconds / _FRAME)
    heard = {stem.stem: _frames([(span.start, span.end) for span in stem.active], count) for stem in found.stems}
    playing: Mapping[str, tuple[Frames, Frames]] = {
        name: (_frames(_truth(piece, name), count), heard[name]) for name in _PLAYING if name in heard
    }
    return score(of_analysis(found, 0.0), piece.truth), playing


def _truth(piece: Piece, stem: str) -> Spans:
    """When what belongs to a stem plays; the lead is `other` to the network, whatever it sings on."""
    active = piece.truth.active
    return [
        span
        for part, spans in active.items()
        if stem_of(part, piece).replace("vocals", "other") == stem
        for span in spans
    ]


def _frames(spans: Spans, count: int) -> Frames:
    middle = (np.arange(count) + 0.5) * _FRAME
    playing: Frames = np.zeros(count, np.bool_)
    for start, end in spans:
        playing |= (middle >= start) & (middle < end)
    return playing


def _show(scores: Mapping[str, list[Scores]], played: Mapping[str, list[Mapping[str, tuple[Frames, Frames]]]]) -> None:
    print(f"{len(PIECES)} songs".ljust(22) + "".join(way.rjust(20) for way in _WAYS))
    for measure in _MEASURES:
        means = [np.mean([found[measure] for found in scores[way] if found[measure] is not None]) for way in _WAYS]
        print(measure.ljust(22) + "".join(f"{mean:.3f}".rjust(20) for mean in means))
    for stem in _PLAYING:
        row = [_f([song[stem] for song in played[way] if song]) for way in _WAYS]
        print(f"{stem} plays, F".ljust(22) + "".join(("-" if f is None else f"{f:.3f}").rjust(20) for f in row))


def _f(songs: Sequence[tuple[Frames, Frames]]) -> float | None:
    """The F-measure of the frames of all songs together."""
    if not songs:
        return None
    both = sum(int((true & heard).sum()) for true, heard in songs)
    return 2 * both / sum(int(true.sum() + heard.sum()) for true, heard in songs)


if __name__ == "__main__":
    main()
