"""Real songs, of which nobody wrote down the truth: beats are those that mir hears, the stems of one are its own.

Whether mir is right is not asked here. What is: whether beats that wander as played ones do are brought together, and whether
finished files of recorded music are as loud as they should be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from bench.fusion.alignment import stroke_errors
from bench.fusion.finish import finished
from bench.fusion.identity import sums_up
from bench.fusion.measure import Measure
from bench.fusion.playing import decided
from bench.mir.ours import rhythm
from services.fusion.mixing.arrangement import Arrangement
from services.fusion.mixing.planning.errors import PlanError
from services.fusion.mixing.planning.material import Track
from services.fusion.mixing.planning.wish import Match, MatchMode, StemWish, Wish
from services.fusion.mixing.sources import ArraySource, Source
from tests.servers.real_music import asc_music_mp3, musdb_clip

__all__ = ["real"]

_SECONDS: Final = 90

_Heard = tuple[Track, Source]


def real() -> Iterator[Measure]:
    """Three songs of Debian's asc-music, each two together, and the MUSDB clip's own stems."""
    songs = [_heard(file) for file in sorted(asc_music_mp3().parent.glob("*.mp3"))]
    pairs = list(combinations(songs, 2))
    yield from _alignment(pairs)
    yield from finished((_whole(pair) for pair in pairs), " of real songs")
    clip = musdb_clip()
    yield sums_up("the MUSDB clip", clip.stems, clip.mix, clip.sample_rate)


def _heard(file: Path) -> _Heard:
    """90 s of it, and what mir hears in them."""
    info = soundfile.info(file)
    pcm, rate = soundfile.read(file, frames=_SECONDS * info.samplerate, dtype="float32", always_2d=True)
    found = rhythm(pcm, rate)
    beats, tempo, metre = found.beats, found.tempo, found.metre
    track = Track(
        file.stem,
        len(pcm) / rate,
        tempo.bpm if tempo else None,
        0.9 if tempo else 0.0,
        beats.seconds if beats else (),
        beats.positions if beats else (),
        metre.numerator if metre else None,
    )
    return track, ArraySource(pcm, rate)


def _alignment(pairs: Sequence[tuple[_Heard, _Heard]]) -> Iterator[Measure]:
    found = []
    for pair in pairs:
        tracks = {track.track_id: track for track, _ in pair}
        stems = [
            (replace(_stem(track, source), stem_id=f"{track.track_id}/strokes", role="drums"), track.beats)
            for track, source in pair
        ]
        try:
            found.append(1000 * np.abs(stroke_errors(stems, tracks)))
        except PlanError:
            continue  # too far apart in tempo
    errors = np.concatenate(found)
    median, most = np.percentile(errors, (50, 95))
    said = f"{median:.1f} / {most:.1f} ms ({len(errors)} beats; {len(found)} of {len(pairs)} pairs can be matched)"
    yield Measure("beats between real songs, as mir hears them", "10 / 30 ms", said, bool(median <= 10 and most <= 30))


def _whole(pair: tuple[_Heard, _Heard]) -> tuple[Arrangement, Mapping[str, Source]]:
    """Both as they are, one over the other."""
    tracks = {track.track_id: track for track, _ in pair}
    _, song = decided(Wish(tuple(_stem(*heard) for heard in pair), Match(MatchMode.NONE)), tracks)
    return song, {track.track_id: source for track, source in pair}


def _stem(track: Track, source: Source) -> StemWish:
    return StemWish(track.track_id, track.track_id, "other", track.seconds, source.sample_rate)
