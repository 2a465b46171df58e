"""A mix: the sum of its voices on disk, measured, and how it is mastered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from services.fusion.mixing.arrangement import Arrangement
from services.fusion.mixing.mastering import (
    Finish,
    GainCurve,
    Level,
    Measures,
    SumMeter,
    Target,
    apply_curve,
    finish,
)
from services.fusion.mixing.mastering.listening import measured
from services.fusion.mixing.performing import Each, Sink, perform
from services.fusion.mixing.progress import IsCancelled, Progress, never, unheard, within
from services.fusion.mixing.sources import BLOCK_FRAMES, Pcm, Source

__all__ = ["Mix", "mix"]

_CHANNELS: Final = 2
_SUMMED: Final = 0.8  # share of the progress


@dataclass(frozen=True, eq=False)
class Mix:
    """A stereo sum in a scratch file of raw float32, and how it is mastered.

    A limited sum first goes through the limiter's `curve` (None: it isn't limited), then everything gets the level's gain.
    `loudness_lufs` (None below the gate of -70 LUFS) and `true_peak_dbtp` (None for digital silence) are measured after the
    curve and before the gain: the finished song has them plus `level.gain_db`. `measures` are those of the sum alone. The file
    is the caller's to remove, when nothing more is to be rendered.
    """

    scratch: Path
    frames: int
    sample_rate: int
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    target: Target
    level: Level
    curve: GainCurve | None = None
    measures: Measures | None = None

    def blocks(self, gain_db: float) -> Iterator[Pcm]:
        """The sum after the curve and a gain, mastered with `level.gain_db`: float32 (at most BLOCK_FRAMES, 2) at a time."""
        gain = np.float32(10 ** (gain_db / 20))
        for block in _curved(self.scratch, self.curve):
            yield block * gain

    def with_lower_peaks(self, decibels: float, cancelled: IsCancelled = never) -> Mix:
        """The same sum, just as loud, limited to a ceiling lower by so many dB: for a codec, which lifts peaks again.

        A song that wasn't mastered to a loudness stays as it is.

        Raises:
            Cancelled: if `cancelled` answers True.
        """
        if self.measures is None or self.target.loudness_lufs is None:
            return self
        target = replace(self.target, true_peak_dbtp=self.target.true_peak_dbtp - decibels)
        rate = self.sample_rate
        finished = finish(
            self.measures, target, lambda tried: _listen(self.scratch, rate, tried.curve, cancelled), cancelled
        )
        return _mixed(self.scratch, self.frames, target, finished, self.measures)


def mix(
    arrangement: Arrangement,
    sources: Mapping[str, Source],
    scratch: Path,
    *,
    window: tuple[int, int] | None = None,
    each: Each | None = None,
    progress: Progress = unheard,
    cancelled: IsCancelled = never,
) -> Mix:
    """Perform the arrangement into the file `scratch` (8 bytes a frame), measure the sum, and decide how it is mastered.

    `window` and `each` as `perform` has them; a window is mastered as if it were the song. Apart from the 40 MB an hour that
    mastering decides on, memory does not grow with length. The same arrangement of the same sources gives the same mix, bit for
    bit. If anything is raised, `scratch` is gone.

    Raises:
        InvalidArrangement, InvalidSource, MissingLibrary, Cancelled: as `perform` does.
    """

    def sound(sink: Sink) -> None:
        perform(
            arrangement,
            sources,
            sink,
            window=window,
            each=each,
            progress=within(progress, 0.0, _SUMMED),
            cancelled=cancelled,
        )

    rate, target = arrangement.sample_rate, Target.of(arrangement.mastering)
    start, end = window or (0, arrangement.frames)
    try:
        measures = _summed(sound, scratch, rate)
        finished = finish(measures, target, lambda tried: _listen(scratch, rate, tried.curve, cancelled), cancelled)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    progress(1.0)
    return _mixed(scratch, end - start, target, finished, measures)


def _summed(sound: Callable[[Sink], None], scratch: Path, rate: int) -> Measures:
    """What `sound` plays is kept in `scratch` and measured."""
    meter = SumMeter(rate)
    with scratch.open("wb") as out:

        def keep(block: Pcm) -> None:
            out.write(block.tobytes())
            meter.add(block)

        sound(keep)
    return meter.measures()


def _listen(
    scratch: Path, rate: int, curve: GainCurve | None, cancelled: IsCancelled
) -> tuple[float | None, float | None]:
    """Loudness (LUFS) and true peak (dBTP) of the sum after a curve."""
    return measured(lambda: _curved(scratch, curve), rate, cancelled)


def _curved(scratch: Path, curve: GainCurve | None) -> Iterator[Pcm]:
    start = 0
    with scratch.open("rb") as source:
        while len(samples := np.fromfile(source, np.float32, BLOCK_FRAMES * _CHANNELS)):
            block = samples.reshape(-1, _CHANNELS)
            yield block if curve is None else apply_curve(block, curve, start)
            start += len(block)


def _mixed(scratch: Path, frames: int, target: Target, finished: Finish, measures: Measures) -> Mix:
    return Mix(
        scratch,
        frames,
        measures.sample_rate,
        finished.loudness_lufs,
        finished.true_peak_dbtp,
        target,
        finished.level,
        finished.curve,
        measures,
    )
