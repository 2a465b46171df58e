"""Peaks come from the stored waveform, which is fetched once."""

from dataclasses import replace

import numpy as np
import pytest

from chassis.errors import InvalidInput, NotReady
from chassis.objects import ObjectStore
from services.ingest.decoding import waveform
from services.ingest.waveforms import KEPT, Waveforms
from tests.unit.ingest.service.test_messages import AUDIO, ROW

LEVELS = np.arange(-400, 400, dtype=np.int16)
STORED = waveform.to_bytes(waveform.Waveform(44_100, 2, 88_200, 220, LEVELS, LEVELS + np.int16(1), abs(LEVELS)))
TRACK = replace(ROW, audio=AUDIO, imported_at=ROW.created_at)


class Shelf(ObjectStore):
    """A store that holds one waveform under every key, and counts how often it is fetched."""

    def __init__(self) -> None:
        self.fetched: list[str] = []

    async def get_bytes(self, key: str) -> bytes:
        self.fetched.append(key)
        return STORED


async def test_peaks_of_all_resolutions_come_from_one_fetch() -> None:
    shelf = Shelf()
    waveforms = Waveforms(shelf)
    peaks = await waveforms.peaks(TRACK, 4)
    assert peaks.minima == [-400, -200, 0, 200]
    assert peaks.maxima == [-200, 0, 200, 400]
    assert len((await waveforms.peaks(TRACK, 0)).minima) == 800
    assert shelf.fetched == ["ingest/o/t/2/waveform.bin"]


async def test_only_the_last_ones_are_remembered() -> None:
    shelf = Shelf()
    waveforms = Waveforms(shelf)
    for number in range(KEPT + 1):
        await waveforms.peaks(replace(TRACK, track_id=str(number)), 1)
    await waveforms.peaks(replace(TRACK, track_id="1"), 1)
    assert len(shelf.fetched) == KEPT + 1
    await waveforms.peaks(replace(TRACK, track_id="0"), 1)
    assert len(shelf.fetched) == KEPT + 2


async def test_what_has_no_peaks() -> None:
    waveforms = Waveforms(Shelf())
    with pytest.raises(NotReady):
        await waveforms.peaks(ROW, 10)
    for points in (-1, 8001):
        with pytest.raises(InvalidInput):
            await waveforms.peaks(TRACK, points)
