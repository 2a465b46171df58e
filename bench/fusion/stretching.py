"""`python -m bench.fusion.stretching`: how near drums come to their times, and what three minutes of a stem cost.

Beside librosa.effects.time_stretch, and beside python-stretch (the same Signalsmith Stretch, which takes one factor for a whole
buffer) if it is installed. Onsets are measured as the tests do it. Costs are CPU seconds, which a busy machine changes less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from time import process_time
from typing import Final

import librosa
import numpy as np

from bench.fusion.measure import Measure, shown
from services.fusion.mixing.sources import Pcm
from tests.unit.fusion.stretching.sounds import RATE, Signal, drums, evenly, onset_errors, performed

__all__ = ["stretching"]

_SPEEDS: Final = (0.8, 0.9, 1.1, 1.25)
_SECONDS: Final = 20.0
_BEAT: Final = 0.46
_STEM_SECONDS: Final = 180
_GOAL_MS: Final = 1.0

Stretch = Callable[[Signal, float], Pcm]
"""A source, (frames,) or (frames, channels), so many times as fast."""


def stretching() -> Iterator[Measure]:
    """Errors of onsets at constant speeds and along drifting beats; CPU seconds of a stereo stem of three minutes."""
    for name, stretch in _stretchers().items():
        for speed in _SPEEDS:
            goal = _GOAL_MS if name == "ours" else None
            yield _errors(f"drums at speed {speed}, {name}", _constant(stretch, speed), goal)
    for tempo in _SPEEDS:
        yield _errors(f"drums drifting by 1 %, jittering by 3 ms, speed {tempo}, ours", _drifting(tempo), _GOAL_MS)
    yield from _costs()


def _stretchers() -> dict[str, Stretch]:
    stretchers: dict[str, Stretch] = {"ours": _ours, "librosa": _librosa}
    if find_spec("python_stretch"):
        stretchers["python-stretch"] = _python_stretch
    return stretchers


def _ours(source: Signal, speed: float, cents: float = 0.0, keep_formants: bool = False) -> Pcm:
    anchors = evenly(round(len(source) / speed), speed)
    return performed(source, anchors, cents=cents, keep_formants=keep_formants)


def _librosa(source: Signal, speed: float) -> Pcm:
    made: Pcm = librosa.effects.time_stretch(np.atleast_2d(source.T).astype(np.float32), rate=speed).T
    return made


def _python_stretch(source: Signal, speed: float) -> Pcm:
    planar = np.ascontiguousarray(np.atleast_2d(source.T), np.float32)
    engine = import_module("python_stretch").Signalsmith.Stretch()
    engine.preset(len(planar), RATE)
    engine.setTimeFactor(speed)
    made: Pcm = engine.process(planar).T
    return made


def _constant(stretch: Stretch, speed: float) -> Signal:
    chance = np.random.default_rng(3)
    hits = np.arange(0.5, _SECONDS - 0.5, _BEAT / 2) + chance.uniform(
        -0.02, 0.02, round((_SECONDS - 1) / (_BEAT / 2) + 0.5)
    )
    source = drums(hits, _SECONDS)
    return onset_errors(stretch(source, speed), source, hits, lambda times: times / speed)


def _drifting(tempo: float) -> Signal:
    """Beats that wander and jitter, brought to even ones."""
    chance, count = np.random.default_rng(5), round(_SECONDS / _BEAT)
    lengths = _BEAT * tempo * (1 + 0.01 * np.sin(np.arange(count - 1) / 4))
    beats = 0.2 + np.append(0, np.cumsum(lengths)) + chance.uniform(-0.003, 0.003, count)
    hits = np.sort(np.append(beats[:-1], (beats[1:] + beats[:-1]) / 2))
    source = drums(hits, beats[-1] + 0.3)
    grid = np.rint(np.arange(count) * _BEAT * RATE).astype(int)
    made = performed(source, list(zip(grid.tolist(), beats.tolist(), strict=True)))
    return onset_errors(made, source, hits, lambda times: np.interp(times, beats, grid / RATE))


def _errors(name: str, errors: Signal, goal: float | None) -> Measure:
    middle, rare, worst = np.percentile(np.abs(errors), [50, 95, 100])
    said = f"{middle:.2f} / {rare:.2f} / {worst:.2f} ms"
    wanted = "" if goal is None else f"all within {goal:g} ms"
    return Measure(f"{name}: median / 95th / worst", wanted, said, None if goal is None else bool(worst <= goal))


def _costs() -> Iterator[Measure]:
    stem = np.tile(drums(np.arange(0.1, 9.9, 0.23), 10.0)[:, None], (_STEM_SECONDS // 10, 2))
    stem += np.random.default_rng(1).normal(0, 0.01, stem.shape)
    ways: dict[str, Stretch] = {
        **_stretchers(),
        "ours, transposed": partial(_ours, cents=200.0),
        "ours, transposed with its formants kept": partial(_ours, cents=200.0, keep_formants=True),
    }
    for name, stretch in ways.items():
        yield Measure(f"3 minutes in stereo at speed 1.1, {name}", "", _cost(stretch, stem))


def _cost(stretch: Stretch, stem: Signal) -> str:
    began = process_time()
    stretch(stem, 1.1)
    spent = process_time() - began
    return f"{spent:.1f} CPU s, {_STEM_SECONDS / spent:.0f} times real time"


def main() -> None:
    """Print the table."""
    print(shown(list(stretching())))


if __name__ == "__main__":
    main()
