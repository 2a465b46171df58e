"""Section by section: the song takes the form of the track that leads, and the others follow it.

The leader plays through as it is. The n-th kind of section that comes up in it is accompanied by the n-th kind that comes up in
the follower, its k-th occurrence by the k-th there (both begin anew when they run out): verse over verse, refrain over refrain,
where both are built so. The follower's section is cut where the leader's is shorter, and begins again where it is longer, in
whole beats from a downbeat on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.fusion.mixing.planning.beat_maps import BeatMap
from services.fusion.mixing.planning.clips import Clip
from services.fusion.mixing.planning.material import Track
from services.fusion.mixing.planning.pulse import Pulse

__all__ = ["Form", "Part", "follow", "form_of", "partners"]


@dataclass(frozen=True)
class Part:
    """A section on the common grid: the beat of the song on which it begins if its track plays through, and how many it has."""

    label: str
    beat: int
    beats: int


@dataclass(frozen=True)
class Form:
    """A track's sections, in order and without gaps, and its map."""

    parts: tuple[Part, ...]
    map: BeatMap


def form_of(track: Track, pulse: Pulse, map_: BeatMap, beat: float) -> Form | None:
    """The sections of a track, their bounds moved to the nearest downbeats; None where it has none. `beat`: seconds of a beat."""
    starts = [round(map_.song(pulse.nearest_downbeat(section.span.start)) / beat) for section in track.sections]
    ends = [*starts[1:], int(map_.song(track.seconds) / beat)]
    parts = tuple(
        Part(section.label, start, end - start)
        for section, start, end in zip(track.sections, starts, ends, strict=True)
        if end > start
    )
    return Form(parts, map_) if parts else None


def follow(leader: Form, follower: Form, beat: float) -> tuple[Clip, ...]:
    """The clips of the follower under the leader's sections."""
    chosen = partners([part.label for part in leader.parts], [part.label for part in follower.parts])
    return tuple(
        clip
        for part, index in zip(leader.parts, chosen, strict=True)
        for clip in _filled(part, follower.parts[index], follower.map, beat)
    )


def partners(labels: Sequence[str], other: Sequence[str]) -> list[int]:
    """For each section of the leader the index of the section that follows it; neither may be empty."""
    kinds, other_kinds = list(dict.fromkeys(labels)), list(dict.fromkeys(other))
    chosen = []
    for index, label in enumerate(labels):
        kind = other_kinds[kinds.index(label) % len(other_kinds)]
        places = [place for place, one in enumerate(other) if one == kind]
        chosen.append(places[list(labels[:index]).count(label) % len(places)])
    return chosen


def _filled(part: Part, source: Part, map_: BeatMap, beat: float) -> list[Clip]:
    """The source's beats, as often as the part has room for them."""
    clips = []
    for done in range(0, part.beats, source.beats):
        beats = min(source.beats, part.beats - done)
        start, end = map_.track(source.beat * beat), map_.track((source.beat + beats) * beat)
        clips.append(Clip(start, end, (part.beat + done) * beat))
    return clips
