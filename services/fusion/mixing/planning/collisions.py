"""Voices that get into each other's way: two singers, two basses, two drummers at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

from services.fusion.mixing.arrangement import Arrangement, Voice
from services.fusion.mixing.planning.beat_maps import BeatMap
from services.fusion.mixing.planning.material import Span, Track
from services.fusion.mixing.planning.plan import Collision
from services.fusion.mixing.planning.wish import StemWish

__all__ = ["ALONE", "find_collisions", "heard", "joined", "overlap", "seconds_of"]

ALONE: Final = ("vocals", "bass", "drums")
"""Roles of which a song wants one at a time."""

_SHORTEST: Final = 0.5  # seconds; what overlaps less is a breath or a reverb's tail


def find_collisions(
    song: Arrangement, stems: Sequence[StemWish], tracks: Mapping[str, Track], leader: str | None = None
) -> tuple[Collision, ...]:
    """Where voices of one role, of different tracks, both heard, play at once. `stems`: in the order of the song's voices.

    The more important one is that of the track that leads; of basses that of the track whose drums are heard; else the one
    that was chosen first.
    """
    pairs = [pair for pair in zip(stems, song.voices, strict=True) if not pair[1].muted and pair[1].pieces]
    found: list[Collision] = []
    for role in ALONE:
        alike = [pair for pair in pairs if pair[0].role == role]
        alike.sort(key=lambda pair: _unimportance(pair[0], leader, [stem for stem, _ in pairs]))
        for one, other in combinations(alike, 2):
            if one[0].track_id != other[0].track_id:
                found += _collision(one, other, tracks, song.sample_rate)
    return tuple(found)


def heard(voice: Voice, active: Sequence[Span] | None, rate: int) -> list[Span]:
    """When a voice is heard, seconds of the song, in order, without overlaps; `active`: when its source plays (None: always)."""
    spans: list[Span] = []
    for piece in voice.pieces:
        map_ = BeatMap(tuple((frame / rate, second) for frame, second in piece.anchors))
        first, last = piece.anchors[0][1], piece.anchors[-1][1]
        for span in [Span(first, last)] if active is None else active:
            start, end = max(first, span.start), min(last, span.end)
            if end > start:
                spans.append(Span(map_.song(start), map_.song(end)))
    return joined(spans)


def joined(spans: Sequence[Span], gap: float = 1e-6) -> list[Span]:
    """In order; those that overlap, or are at most `gap` seconds apart, are one."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        if merged and span.start - merged[-1].end <= gap:
            merged[-1] = replace(merged[-1], end=max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def overlap(spans: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """What lies in both; each in order and without overlaps."""
    return list(_overlap(spans, other))


def seconds_of(spans: Sequence[Span]) -> float:
    """How long they are together."""
    return sum(span.end - span.start for span in spans)


def _overlap(spans: Sequence[Span], other: Sequence[Span]) -> Iterator[Span]:
    place = 0
    for span in spans:
        while place < len(other) and other[place].end <= span.start:
            place += 1
        for one in other[place:]:
            if one.start >= span.end:
                break
            yield Span(max(span.start, one.start), min(span.end, one.end))


def _unimportance(stem: StemWish, leader: str | None, stems: Sequence[StemWish]) -> tuple[bool, bool]:
    drummed = any(one.role == "drums" and one.track_id == stem.track_id for one in stems)
    return stem.track_id != leader, stem.role == "bass" and not drummed


def _collision(
    one: tuple[StemWish, Voice], other: tuple[StemWish, Voice], tracks: Mapping[str, Track], rate: int
) -> list[Collision]:
    """One, or none."""
    actives = [tracks[stem.track_id].active(stem.role) for stem, _ in (one, other)]
    first, second = (heard(voice, active, rate) for (_, voice), active in zip((one, other), actives, strict=True))
    both = [span for span in overlap(first, second) if span.end - span.start >= _SHORTEST]
    if not both:
        return []
    share = min(1.0, seconds_of(both) / seconds_of(second))
    return [Collision(one[0].role, one[1].name, other[1].name, tuple(both), share, None not in actives)]
