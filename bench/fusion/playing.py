"""Voices of a fusion by themselves, for meters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.arrangement import Arrangement
from services.fusion.mixing.performing import perform
from services.fusion.mixing.planning import Plan, arrange, suggest
from services.fusion.mixing.planning.material import Track
from services.fusion.mixing.planning.wish import Wish
from services.fusion.mixing.sources import Pcm, Source

__all__ = ["decided", "frames_of", "voices_of"]


def decided(wish: Wish, tracks: Mapping[str, Track]) -> tuple[Plan, Arrangement]:
    """The best plan for a wish, and the song that it makes."""
    plan = suggest(wish, tracks, count=1)[0]
    return plan, arrange(wish, tracks, plan)


def voices_of(song: Arrangement, sources: Mapping[str, Source]) -> dict[str, Pcm]:
    """What every voice adds, by the id of its source."""
    blocks: dict[str, list[Pcm]] = defaultdict(list)
    perform(song, sources, lambda _: None, each=lambda name, block: blocks[name].append(block))
    source_of = {voice.name: voice.source for voice in song.voices}
    return {source_of[name]: np.concatenate(heard) for name, heard in blocks.items()}


def frames_of(song: Arrangement, source: str, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """At which frames of the song moments of a source are heard; those that are not heard are left out."""
    found = []
    for voice in song.voices:
        for piece in voice.pieces if voice.source == source else ():
            frames, times = np.array(piece.anchors).T
            inside = (times[0] <= seconds) & (seconds < times[-1])
            found.append(np.interp(seconds[inside], times, frames))
    return np.sort(np.concatenate(found)) if found else np.zeros(0)
