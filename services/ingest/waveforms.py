"""The use case of looking at a track: its peaks at a chosen resolution, from the waveform that was stored with the master."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chassis.errors import InvalidInput, NotReady
from chassis.objects import ObjectStore
from services.ingest import store
from services.ingest.store import TrackRow

if TYPE_CHECKING:
    from services.ingest.decoding.waveform import Waveform

DEFAULT_POINTS = 800
MOST_POINTS = 8000
KEPT = 32
"""Stored waveforms that a server remembers: 200 KB each at most."""


@dataclass(frozen=True)
class Peaks:
    """The lowest and the highest level of each of equal slices of a track, 16 bits."""

    minima: list[int]
    maxima: list[int]


class Waveforms:
    """Reads stored waveforms, and remembers those read last: a browser asks again with every resize."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self._kept: OrderedDict[str, Waveform] = OrderedDict()

    async def peaks(self, track: TrackRow, points: int) -> Peaks:
        """Return the track's peaks in this many slices (0: 800)."""
        if not 0 <= points <= MOST_POINTS:
            raise InvalidInput(
                "POINTS_INVALID", f"Ask for 1 to {MOST_POINTS} points, not {points}.", limit=MOST_POINTS, points=points
            )
        if track.audio is None:
            raise NotReady("TRACK_NOT_READY", "The track has no waveform: it is not 'uploaded'.")
        key = str(track.key(track.audio.master_attempt, store.WAVEFORM))
        waveform = self._kept.pop(key, None) or await self._read(key)
        self._kept[key] = waveform
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return await asyncio.to_thread(_resampled, waveform, points or DEFAULT_POINTS)

    async def _read(self, key: str) -> "Waveform":
        return await asyncio.to_thread(_parsed, await self._objects.get_bytes(key))


# numpy is imported by the first caller: a server's start does not wait for it.


def _parsed(stored: bytes) -> "Waveform":
    from services.ingest.decoding import waveform

    return waveform.from_bytes(stored)


def _resampled(stored: "Waveform", points: int) -> Peaks:
    from services.ingest.decoding import waveform

    peaks = waveform.resample_peaks(stored, points)
    return Peaks(peaks.lowest.tolist(), peaks.highest.tolist())
