"""Does the plan's damage rank as what bending really does? Stems are bent and bent back, and compared with themselves.

Ranks are compared within a stem, and within the plans that one pair of songs has: that is where damage decides. How much one
role suffers beside another is a matter of ears, and no distance between spectra knows it. A stretch and a transposition at once
are told apart: played faster and higher, a stem is hardly more than resampled, which costs a spectrum little, but a voice its
vowels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import signal, stats

from bench.fusion.measure import Measure
from bench.fusion.pairs import Pcm, Piece
from services.fusion.mixing.arrangement import Piece as Stretch
from services.fusion.mixing.planning import suggest
from services.fusion.mixing.planning.cost import pitch_damage, stretch_damage
from services.fusion.mixing.planning.roles import is_pitched
from services.fusion.mixing.planning.wish import Match, MatchMode, Wish
from services.fusion.mixing.sources import ArraySource
from services.fusion.mixing.stretching import perform_piece

__all__ = ["damage", "plan_damage"]

_RATIOS: Final = (0.75, 0.85, 0.93, 1.05, 1.12, 1.25, 1.5)
_CENTS: Final = (100.0, 300.0, 500.0)
_ALONE: Final = ((1.0, 0.0), *((ratio, 0.0) for ratio in _RATIOS), *((1.0, cents) for cents in _CENTS))
_TOGETHER: Final = tuple(product((0.85, 1.12, 1.25), (100.0, 500.0)))
_ROLES: Final = {"drums": "drums", "bass": "bass", "chords": "other", "lead": "vocals"}
_PLANS: Final = 10
_SECONDS: Final = 6
_EDGE_SECONDS: Final = 0.3
_WINDOW: Final = 2048
_BANDS: Final = 40
_HERTZ: Final = (30.0, 16_000.0)
_LOUDNESS: Final = 0.3  # the exponent from power to loudness (S. Stevens, "The measurement of loudness", JASA 27, 1955)


def damage(chosen: Sequence[Piece]) -> Iterator[Measure]:
    """Of every stem: seven ratios, three transpositions, and six of both."""
    stems = [stem for piece in chosen for stem in _stems(piece)]
    alone, both, rows = [], [], []
    for role, stem, rate in stems:
        found = [_row(role, stem, rate, *bend) for bend in _bends(role, _ALONE)]
        alone.append(_rank_correlation(found))
        rows += found + [_row(role, stem, rate, *bend) for bend in _bends(role, _TOGETHER)]
        both.append(_rank_correlation(rows[-len(_bends(role, _ALONE + _TOGETHER)) :]))
    said = f"{np.mean(alone):.2f}, least {min(alone):.2f} ({len(stems)} stems)"
    yield Measure("damage ranks as measured, stretched or transposed", "0.6", said, bool(np.mean(alone) >= 0.6))
    yield Measure("  and both at once", "", f"{np.mean(both):.2f}, least {min(both):.2f}")
    yield Measure("  all stems together", "", f"{_rank_correlation(rows):.2f} ({len(rows)} bends)")


def plan_damage(chosen: Sequence[tuple[Piece, Piece]]) -> Iterator[Measure]:
    """Of every pair the plans for all stems: the points of stretch and pitch beside what bending really does to the stems."""
    found = [_plan_rows(pair) for pair in chosen]
    ranks = [_rank_correlation(rows) for rows in found]
    said = f"{np.mean(ranks):.2f}, least {min(ranks):.2f} ({sum(map(len, found))} plans of {len(found)} pairs)"
    yield Measure("plans of a pair rank as what they do to its stems", "0.6", said, bool(np.mean(ranks) >= 0.6))


def _plan_rows(pair: tuple[Piece, Piece]) -> list[tuple[float, float]]:
    bent: dict[tuple[str, float, float], float] = {}
    stems = {piece.name: list(_stems(piece)) for piece in pair}
    wishes = [piece.stem(name, role) for piece in pair for name, role in _ROLES.items() if name in piece.song.stems]
    plans = suggest(
        Wish(tuple(wishes), Match(MatchMode.TEMPO_AND_KEY)), {piece.name: piece.true for piece in pair}, _PLANS
    )
    rows = []
    for plan in plans:
        suffered = 0.0
        for track in plan.tracks:
            for role, stem, rate in stems[track.track_id]:
                cents = track.shift_cents if is_pitched(role) else 0.0
                key = (f"{track.track_id}/{role}", round(track.ratio, 4), round(cents, 1))
                if key not in bent:
                    bent[key] = _row(role, stem, rate, track.ratio, cents)[1]
                suffered += bent[key]
        rows.append((plan.cost.stretch + plan.cost.pitch, suffered))
    return rows


def _stems(piece: Piece) -> Iterator[tuple[str, Pcm, int]]:
    rate = piece.song.sample_rate
    for name, role in _ROLES.items():
        if name in piece.song.stems:
            yield role, _loudest(np.asarray(piece.song.stems[name], np.float32), rate), rate


def _bends(role: str, bends: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Those that this role is ever given."""
    return [(ratio, cents) for ratio, cents in bends if not cents or is_pitched(role)]


def _row(role: str, stem: Pcm, rate: int, ratio: float, cents: float) -> tuple[float, float]:
    """What is predicted, and what is measured."""
    restored = _bent(_bent(stem, rate, ratio, cents), rate, 1 / ratio, -cents)
    return stretch_damage(role, ratio) + pitch_damage(role, cents), _distance(stem, restored, rate)


def _rank_correlation(rows: Sequence[tuple[float, float]]) -> float:
    predicted, measured = zip(*rows, strict=True)
    return float(stats.spearmanr(predicted, measured).statistic)


def _loudest(stem: Pcm, rate: int) -> Pcm:
    """The few seconds of it that have most power."""
    size = _SECONDS * rate
    power = np.append(0.0, np.cumsum(np.square(stem[:, 0], dtype=np.float64)))
    start = int(np.argmax(power[size:] - power[:-size]))
    return stem[start : start + size]


def _bent(stem: Pcm, rate: int, ratio: float, cents: float) -> Pcm:
    """Played `ratio` times as fast, so many cents higher."""
    frames = round(len(stem) / ratio)
    piece = Stretch(((0, 0.0), (frames, len(stem) / rate)))
    return np.concatenate(list(perform_piece(ArraySource(stem, rate), piece, rate, cents=cents)))


def _distance(stem: Pcm, restored: Pcm, rate: int) -> float:
    """By how much loudness in bands of the mel scale differs, as a share of the stem's own."""
    edge, length = round(_EDGE_SECONDS * rate), min(len(stem), len(restored))
    one, other = (_loudness(pcm[edge : length - edge, 0], rate) for pcm in (stem, restored))
    return float(np.abs(one - other).sum() / one.sum())


def _loudness(mono: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """(bands, moments)."""
    power = np.square(np.abs(signal.stft(mono.astype(np.float64), nperseg=_WINDOW, noverlap=_WINDOW * 3 // 4)[2]))
    return np.asarray((_mel_bands(rate) @ power) ** _LOUDNESS)


def _mel_bands(rate: int) -> NDArray[np.float64]:
    """Triangles, (bands, bins)."""
    low, high = (np.log10(1 + hertz / 700) for hertz in _HERTZ)
    edges = 700 * (10 ** np.linspace(low, high, _BANDS + 2) - 1)
    bins = np.fft.rfftfreq(_WINDOW, 1 / rate)
    rising, falling = np.diff(edges)[:-1, None], np.diff(edges)[1:, None]
    bands: NDArray[np.float64] = np.maximum(
        0.0, np.minimum((bins - edges[:-2, None]) / rising, (edges[2:, None] - bins) / falling)
    )
    return bands
