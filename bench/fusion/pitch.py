"""How well tuned songs are after matching: each song's lead is a steady tone in its tuning, whose partial is measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.fusion.measure import Measure
from bench.fusion.pairs import Pcm, Piece
from bench.fusion.playing import decided, voices_of
from services.fusion.mixing.planning.material import Track
from services.fusion.mixing.planning.wish import Match, MatchMode, Wish
from services.fusion.mixing.sources import ArraySource

__all__ = ["pitch"]

_HERTZ: Final = 440.0
_WINDOW_SECONDS: Final = 1.0
_REACH_CENTS: Final = 60.0
_SILENT: Final = 1e-4


def pitch(chosen: Sequence[tuple[Piece, Piece]]) -> Iterator[Measure]:
    """Along true tunings, and along those that mir hears."""
    for name in ("true", "heard"):
        errors = np.array(
            [error for pair in chosen for error in _errors(pair, {p.name: getattr(p, name) for p in pair})]
        )
        median, most = np.percentile(np.abs(errors), (50, 95))
        what = f"pitch after matching, {'true tuning' if name == 'true' else 'as mir hears it'}"
        yield Measure(what, "8 cents", f"{median:.1f}, 95 %: {most:.1f} cents", bool(most <= 8))


def _errors(pair: tuple[Piece, Piece], tracks: dict[str, Track]) -> list[float]:
    """Cents by which each second of each song is off the common tuning."""
    wish = Wish(tuple(piece.stem("tone", "other") for piece in pair), Match(MatchMode.TEMPO_AND_KEY))
    plan, song = decided(wish, tracks)
    voices = voices_of(song, {f"{p.name}/tone": ArraySource(_tone(p), p.song.sample_rate) for p in pair})
    errors: list[float] = []
    for piece in pair:
        semitones = plan.of(piece.name).semitones
        target = _HERTZ * 2 ** ((100 * semitones + (plan.tuning_cents or 0.0)) / 1200)
        heard = voices[f"{piece.name}/tone"][:, 0]
        errors += _cents_off(heard, target, song.sample_rate)
    return errors


def _tone(piece: Piece) -> Pcm:
    """A in the song's tuning with four partials, float32 (frames, 1)."""
    seconds = np.arange(len(piece.song.mix)) / piece.song.sample_rate
    hertz = _HERTZ * 2 ** (piece.song.truth.cents / 1200)
    tone = sum(np.sin(2 * np.pi * hertz * partial * seconds) / partial for partial in (1, 2, 3, 4))
    return np.asarray(0.1 * tone, np.float32)[:, None]


def _cents_off(heard: Pcm, target: float, rate: int) -> list[float]:
    size = round(_WINDOW_SECONDS * rate)
    windows = (heard[start : start + size] for start in range(size, len(heard) - 2 * size, size))
    return [_cents(window, target, rate) for window in windows if np.square(window).mean() > _SILENT]


def _cents(window: NDArray[np.float32], target: float, rate: int) -> float:
    """From the target to the highest peak within 60 cents of it, by a parabola through the logarithms of three bins."""
    padded = 8 * len(window)
    spectrum = np.abs(np.fft.rfft(window * np.hanning(len(window)), padded))
    low, high = (int(target * 2 ** (cents / 1200) * padded / rate) for cents in (-_REACH_CENTS, _REACH_CENTS))
    top = low + int(np.argmax(spectrum[low:high]))
    before, at, after = np.log(spectrum[top - 1 : top + 2] + 1e-12)
    exact = top + 0.5 * (before - after) / (before - 2 * at + after)
    return float(1200 * np.log2(exact * rate / padded / target))
