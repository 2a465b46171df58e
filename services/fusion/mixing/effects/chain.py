"""The effects of one voice in a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.arrangement import Effects
from services.fusion.mixing.effects.compressor import Compression
from services.fusion.mixing.effects.delay import Echoes, echo_seconds
from services.fusion.mixing.effects.equaliser import Equaliser, sections
from services.fusion.mixing.effects.reverb import Room, reverb_seconds

__all__ = ["Process", "Quietly", "inserts", "memory_seconds", "room", "tail_seconds"]

Process = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Takes a voice's next block (frames, channels) and answers as many frames; remembers what it needs of earlier ones."""

_LONGEST_SECONDS: Final = 30.0
_LONGEST_TAIL_SECONDS: Final = 10.0
_FILTER_SECONDS: Final = 1.0  # within which a filter of 20 Hz and a narrow band have rung out


class Quietly:
    """A process that is left out while nothing has been heard for as long as it remembers."""

    def __init__(self, fresh: Callable[[], Process], memory_frames: int) -> None:
        """Of the process that `fresh` makes."""
        self._fresh = fresh
        self._process = fresh()
        self._memory = memory_frames
        self._silent = memory_frames

    def __call__(self, block: NDArray[np.float64]) -> NDArray[np.float64]:
        """The next block, processed."""
        if block.any():
            self._silent = 0
        elif self._silent >= self._memory:
            return block
        else:
            self._silent += len(block)
            if self._silent >= self._memory:
                ending, self._process = self._process, self._fresh()
                return ending(block)
        return self._process(block)


def inserts(effects: Effects, sample_rate: int, channels: int) -> Process | None:
    """Cuts, equaliser, compressor and delay of a voice of `channels` channels; None if it has none of them."""

    def fresh() -> Process:
        return _in_a_row(_inserted(effects, sample_rate, channels))

    if not _inserted(effects, sample_rate, channels):
        return None
    return Quietly(fresh, round(_insert_seconds(effects) * sample_rate))


def room(effects: Effects, sample_rate: int) -> Process | None:
    """The reverb of a voice that stands in stereo; None if it has none."""
    reverb = effects.reverb
    if reverb is None or not reverb.mix:
        return None
    return Quietly(lambda: Room(reverb, sample_rate).process, round(reverb_seconds(reverb) * sample_rate))


def memory_seconds(effects: Effects) -> float:
    """How long before a moment what a voice played still matters at that moment, to -60 dB at least; at most 30 s."""
    reverb = effects.reverb
    after = reverb_seconds(reverb) if reverb is not None and reverb.mix else 0.0
    return min(_LONGEST_SECONDS, _insert_seconds(effects) + after)


def tail_seconds(effects: Effects) -> float:
    """How long a voice rings on after its last sound: until echoes and room have faded by 60 dB; at most 10 s."""
    echoes, reverb = effects.delay, effects.reverb
    after_echoes = 0.0 if echoes is None or not echoes.mix else echo_seconds(echoes, 60.0)
    after_room = 0.0 if reverb is None or not reverb.mix else reverb.seconds + reverb.predelay_ms / 1000
    return min(_LONGEST_TAIL_SECONDS, after_echoes + after_room)


def _insert_seconds(effects: Effects) -> float:
    filters = effects.low_cut_hz is not None or effects.high_cut_hz is not None or bool(effects.bands)
    compressor, delay = effects.compressor, effects.delay
    return (
        _FILTER_SECONDS * filters
        + (0.0 if compressor is None else 10 * (compressor.release_ms + compressor.attack_ms) / 1000)
        + (0.0 if delay is None else echo_seconds(delay))
    )


def _inserted(effects: Effects, sample_rate: int, channels: int) -> list[Process]:
    sos = sections(effects, sample_rate)
    processes: list[Process] = [Equaliser(sos, channels).process] if len(sos) else []
    if effects.compressor is not None:
        processes.append(Compression(effects.compressor, sample_rate, channels).process)
    if effects.delay is not None and effects.delay.mix:
        processes.append(Echoes(effects.delay, sample_rate, channels).process)
    return processes


def _in_a_row(processes: list[Process]) -> Process:
    def process(block: NDArray[np.float64]) -> NDArray[np.float64]:
        for each in processes:
            block = each(block)
        return block

    return process
