"""Clips: which seconds of a stem are heard from which second of the song on, and their way into frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from services.fusion.mixing.arrangement import Piece
from services.fusion.mixing.planning.beat_maps import BeatMap
from services.fusion.mixing.planning.errors import PlanError
from services.fusion.mixing.planning.wish import StemWish

__all__ = ["SLOPES", "Clip", "Lane"]

SLOPES: Final = (0.25, 4.0)
"""How many times as fast any moment of a source may be played; what the stretcher can do."""

_APART: Final = 0.02  # seconds of the song between anchors at least; nearer ones would bend a few samples by much
_TOUCHING: Final = 0.001  # seconds that two clips may be apart, in the song and in the track, and be one

_Anchor = tuple[int, float]


@dataclass(frozen=True)
class Clip:
    """From `start` to `end`, seconds of the track, heard from second `at` of the song on."""

    start: float
    end: float
    at: float


@dataclass(frozen=True)
class Lane:
    """One stem in the song's time: its clips in order, each along its track's map.

    `period`: seconds of the song after which the last clip is repeated until the song ends; None: it is not.
    """

    stem: StemWish
    map: BeatMap
    clips: tuple[Clip, ...]
    period: float | None = None

    def lasts(self, clip: Clip) -> float:
        """Seconds of the song that a clip takes."""
        return self.map.song(clip.end) - self.map.song(clip.start)

    @property
    def start(self) -> float:
        """The second of the song at which it begins."""
        return min(clip.at for clip in self.clips)

    @property
    def end(self) -> float:
        """The second of the song at which it ends, not counting endless repeats."""
        return max(clip.at + self.lasts(clip) for clip in self.clips)

    def pieces(self, song_start: float, frames: int, rate: int) -> tuple[Piece, ...]:
        """What of it is heard in the `frames` of a song that begins at second `song_start`, at `rate` Hz.

        Raises:
            PlanError: `SPEED_OUT_OF_REACH`, if it would have to be played less than 0.25 or more than 4 times as fast.
        """
        clips = _merged(self, list(self._until(song_start + frames / rate)))
        starts = [round((clip.at - song_start) * rate) for clip in clips]
        limits = [*starts[1:], frames]
        found = (
            self._piece(clip, start - round(clip.start * rate), song_start, (start, min(limit, frames)), rate)
            for clip, start, limit in zip(clips, starts, limits, strict=True)
        )
        return tuple(piece for piece in found if piece is not None)

    def _until(self, end: float) -> Iterator[Clip]:
        yield from self.clips
        if self.period is not None:
            clip = self.clips[-1]
            while (clip := replace(clip, at=clip.at + self.period)).at < end:
                yield clip

    def _piece(self, clip: Clip, offset: int, song_start: float, bounds: tuple[int, int], rate: int) -> Piece | None:
        begin = max(0, bounds[0])
        end = min(bounds[1], round((clip.at + self.lasts(clip) - song_start) * rate))
        if end <= begin:
            return None
        if self.map.is_unbent:  # whole frames: what is not bent is copied, bit for bit
            return Piece(((begin, (begin - offset) / rate), (end, (end - offset) / rate)))
        shift = clip.at - self.map.song(clip.start) - song_start
        first, last = ((frame, self.map.track(frame / rate - shift)) for frame in (begin, end))
        inner = [(round((song + shift) * rate), track) for song, track in self.map.between(first[1], last[1])]
        return Piece(tuple(_playable([first, *_apart(inner, begin, end, round(_APART * rate)), last], rate, self.stem)))


def _merged(lane: Lane, clips: Sequence[Clip]) -> list[Clip]:
    """Clips that go on where the one before ends become one with it: no seam where none is needed."""
    merged: list[Clip] = []
    for clip in clips:
        if merged and _goes_on(lane, merged[-1], clip):
            merged[-1] = replace(merged[-1], end=clip.end)
        else:
            merged.append(clip)
    return merged


def _goes_on(lane: Lane, clip: Clip, following: Clip) -> bool:
    in_track = abs(following.start - clip.end) <= _TOUCHING
    return in_track and abs(clip.at + lane.lasts(clip) - following.at) <= _TOUCHING


def _apart(anchors: Sequence[_Anchor], begin: int, end: int, frames: int) -> list[_Anchor]:
    """The anchors that keep a distance from each other and from both ends."""
    kept: list[_Anchor] = []
    for anchor in anchors:
        if anchor[0] - (kept[-1][0] if kept else begin) >= frames and end - anchor[0] >= frames:
            kept.append(anchor)
    return kept


def _playable(anchors: list[_Anchor], rate: int, stem: StemWish) -> list[_Anchor]:
    """The anchors without those that would ask for a speed out of reach."""
    while (place := _too_steep(anchors, rate)) is not None:
        if len(anchors) == 2:
            raise PlanError(
                "SPEED_OUT_OF_REACH",
                f"The {stem.role} stem would have to be played less than 0.25 or more than 4 times as fast. "
                "Choose a speed nearer to 1, or another target tempo.",
                stem_id=stem.stem_id,
            )
        del anchors[min(place + 1, len(anchors) - 2)]
    return anchors


def _too_steep(anchors: Sequence[_Anchor], rate: int) -> int | None:
    """Where the first step out of reach begins."""
    speeds = ((later[1] - now[1]) * rate / (later[0] - now[0]) for now, later in pairwise(anchors))
    return next((place for place, speed in enumerate(speeds) if not SLOPES[0] <= speed <= SLOPES[1]), None)
