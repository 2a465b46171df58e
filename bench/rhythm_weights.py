"""`python -m bench.rhythm_weights`: learns what speaks for a downbeat and for a reading of the metre, from the tuning half.

Writes services/mir/analysis/rhythm/learned.py. What the networks hear of a song is kept under .puremusic/bench/rhythm.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import mir_eval
import numpy as np
import scipy.optimize
from numpy.typing import NDArray

from bench.mir.collection import HOME, Piece, collection, generation
from services.mir.analysis.harmony import estimate_tuning, harmonic_change
from services.mir.analysis.network_files import BEATS, CHORDS
from services.mir.analysis.networks import Networks, load_networks
from services.mir.analysis.preparation import prepare
from services.mir.analysis.rhythm.bars import neighbourhoods
from services.mir.analysis.rhythm.decoding import FRAMES_PER_SECOND
from services.mir.analysis.rhythm.evidence import Heard, listen
from services.mir.analysis.rhythm.levels import Level, levels
from services.mir.analysis.rhythm.onsets import onset_bands
from services.mir.analysis.rhythm.readings import readings

__all__ = ["main"]

Array = NDArray[np.float64]

_LEARNED: Final = Path("services/mir/analysis/rhythm/learned.py")
_WEIGHTS: Final = Path(".puremusic/weights/mir")
_PRIOR_DOWNBEAT: Final = 30.0  # precision of the weights' prior, in units of songs' beats
_PRIOR_READING: Final = 16.0  # the same, of standardised features, in units of songs
_FOLDS: Final = 4  # readings are learnt from downbeats that were learnt from other songs
_RIGHT: Final = 0.75  # F-measure from which beats are those of the song
_AS_GOOD: Final = 0.03  # and levels so close to the best are as right
_METRES: Final = {(4, 4): 4, (3, 4): 3, (6, 8): 2}
_PER_LINE: Final = 15


@dataclass(frozen=True)
class _Song:
    """The levels at which a song of known truth could be counted, and how right each is, as F-measure."""

    piece: Piece
    heard: Heard
    levels: list[Level]
    right: Array


@dataclass(frozen=True)
class _Choice:
    """The features (readings, n) of a song's readings, and which of them are right (readings,)."""

    features: Array
    right: NDArray[np.bool_]


def main(words: Sequence[str] | None = None) -> None:
    """Learn both sets of weights and write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--songs", type=int, default=1200, help="how many songs, counted before every other one is left out"
    )
    pieces = collection(parser.parse_args(words).songs, "tuning")
    networks = load_networks(_WEIGHTS)
    parts = [_HEAD]
    for name, harmonic, sentence in _SETS:
        songs = [_song(piece, networks, harmonic=harmonic) for piece in pieces]
        parts.append(_shown(name, *_learn(songs), sentence))
    _LEARNED.write_text("\n".join(parts))


def _heard(piece: Piece, networks: Networks) -> dict[str, Any]:
    """What a song's readings are made of, kept until the songs or the networks change."""
    kept = HOME / "rhythm" / f"{generation()}-{BEATS.sha256[:6]}-{CHORDS.sha256[:6]}" / f"{piece.seed}.npz"
    if not kept.is_file():
        mono = prepare(*piece.sound()).mono
        chords = networks.chord_activations(mono, estimate_tuning(mono) or 0.0)
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, beats=networks.beat_activations(mono), onsets=onset_bands(mono), change=harmonic_change(chords))
    with np.load(kept) as found:
        return dict(found)


def _song(piece: Piece, networks: Networks, *, harmonic: bool) -> _Song:
    kept = _heard(piece, networks)
    heard = listen(kept["beats"], kept["onsets"], kept["change"] if harmonic else None)
    found = levels(heard)
    true = np.asarray(piece.truth.beats)
    right = [mir_eval.beat.f_measure(true, level.beats / FRAMES_PER_SECOND) for level in found]
    return _Song(piece, heard, found, np.array(right))


def _learn(songs: Sequence[_Song]) -> tuple[Array, float, Array]:
    """The weights of downbeats, their bias, and the weights of readings."""
    choices: list[_Choice] = []
    for fold in range(_FOLDS):
        weights, bias = _learn_downbeats([song for n, song in enumerate(songs) if n % _FOLDS != fold])
        choices += [_choice(song, weights, bias) for song in songs[fold::_FOLDS]]
    return *_learn_downbeats(songs), _learn_readings([choice for choice in choices if choice.right.any()])


def _learn_downbeats(songs: Iterable[_Song]) -> tuple[Array, float]:
    """Logistic regression on every beat of the levels that are right."""
    examples = [_downbeats(song) for song in songs if song.right.max() >= _RIGHT]
    features = np.concatenate([features for features, _ in examples])
    true = np.concatenate([true for _, true in examples])

    def loss(weights: Array) -> tuple[float, Array]:
        odds = features @ weights[:-1] + weights[-1]
        error = 1 / (1 + np.exp(-odds)) - true
        prior = _PRIOR_DOWNBEAT * np.append(weights[:-1], 0.0)
        total = (np.logaddexp(0, odds) - true * odds).sum() + 0.5 * prior @ weights
        return float(total), np.append(features.T @ error, error.sum()) + prior

    found = _minimum(loss, features.shape[1] + 1)
    return found[:-1], float(found[-1])


def _downbeats(song: _Song) -> tuple[Array, Array]:
    """Features (beats, n) within the song, and 1 for each downbeat (beats,)."""
    level, truth = song.levels[int(song.right.argmax())], song.piece.truth
    seconds = level.beats / FRAMES_PER_SECOND
    within = (seconds > truth.beats[0] - 0.1) & (seconds < truth.beats[-1] + 0.1)
    near = np.abs(seconds[:, None] - np.asarray(truth.downbeats)).min(axis=1) < 0.07
    return neighbourhoods(level.strengths)[within].astype(np.float64), near[within].astype(np.float64)


def _choice(song: _Song, weights: Array, bias: float) -> _Choice:
    every = readings(song.heard, song.levels, weights.astype(np.float32), bias)
    beats_right = np.repeat(song.right >= max(_RIGHT, song.right.max() - _AS_GOOD), len(_METRES))
    metre_right = np.array([reading.beats_per_bar == _METRES[song.piece.truth.metre] for reading in every])
    return _Choice(np.stack([reading.features for reading in every]).astype(np.float64), beats_right & metre_right)


def _learn_readings(choices: Sequence[_Choice]) -> Array:
    """Conditional logit: the share of the right readings among all of a song's."""
    scale = np.maximum(np.concatenate([choice.features for choice in choices]).std(axis=0), 0.05)

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = 0.5 * _PRIOR_READING * weights @ weights, _PRIOR_READING * weights
        for choice in choices:
            scores = choice.features @ (weights / scale)
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            right = np.where(choice.right, shares, 0.0)
            total -= np.log(right.sum())
            slope = slope + choice.features.T @ (shares - right / right.sum()) / scale
        return float(total), slope

    weights: Array = _minimum(loss, len(scale)) / scale
    return weights


def _minimum(loss: Callable[[Array], tuple[float, Array]], size: int) -> Array:
    found: Array = scipy.optimize.minimize(loss, np.zeros(size), jac=True, method="L-BFGS-B").x
    return found


def _shown(name: str, downbeat: Array, bias: float, reading: Array, sentence: str) -> str:
    rows = f"    downbeat=_row(\n{_rows(downbeat)}    ),\n    reading=_row(\n{_rows(reading)}    ),\n"
    return f'{name}: Final = Weights(\n    downbeat_bias={bias:.3f},\n{rows})  # fmt: skip\n"""{sentence}"""\n'


def _rows(weights: Array) -> str:
    words = [str(round(float(weight), 2) + 0.0) for weight in weights]
    lines = [words[start : start + _PER_LINE] for start in range(0, len(words), _PER_LINE)]
    return "".join(f"        {', '.join(line)},\n" for line in lines)


_SETS: Final = (
    ("HARMONIC", True, "Where harmonic change is known."),
    ("PLAIN", False, "Where it is not."),
)

_HEAD: Final = _LEARNED.read_text().partition("HARMONIC: Final")[0].rstrip("\n") + "\n\n"

if __name__ == "__main__":
    main()
