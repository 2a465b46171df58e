"""Where pieces begin, end and meet."""

from __future__ import annotations

import numpy as np
import pytest

from services.fusion.mixing.arrangement import Arrangement, Piece
from services.fusion.mixing.joints import cuts
from services.fusion.mixing.sources import ArraySource, Pcm
from tests.unit.fusion.mixing.arranged import RATE, noise, performed, voice, whole

SECOND = RATE
EDGE = round(0.005 * RATE)


def _tone(seconds: float = 4.0, hertz: float = 100.3) -> Pcm:
    wave = 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE + 1)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def _piece(start: int, end: int, second: float, speed: float = 1.0) -> Piece:
    return Piece(((start, second), (end, second + speed * (end - start) / RATE)))


def _heard(source: Pcm, *pieces: Piece, frames: int | None = None) -> Pcm:
    song = Arrangement(RATE, frames or pieces[-1].end, (voice("a", *pieces),))
    return performed(song, {"a": ArraySource(source, RATE)})


def _roughness(pcm: Pcm) -> float:
    """How far the signal turns at most from one frame to the next: clicks stand out of a low tone."""
    return float(np.abs(np.diff(pcm[:, 0], 2)).max())


def test_a_whole_source_keeps_its_edges() -> None:
    pcm = noise(50_000)
    assert np.array_equal(_heard(pcm, whole(50_000)), pcm)


def test_a_piece_from_the_middle_comes_in_before_its_first_frame_and_keeps_its_attack() -> None:
    heard = _heard(_tone(), _piece(SECOND, 2 * SECOND, 1.0), frames=3 * SECOND)
    tone = _tone()
    assert np.array_equal(heard[SECOND : 2 * SECOND - EDGE], tone[SECOND : 2 * SECOND - EDGE])
    assert not heard[: SECOND - EDGE].any()
    assert heard[SECOND - EDGE : SECOND].any()
    assert not heard[2 * SECOND :].any()
    assert _roughness(heard) < 0.01 < _roughness(tone[SECOND + 10 :] * (np.arange(3 * SECOND - 10) > 99)[:, None])


def test_at_the_songs_beginning_a_piece_comes_in_within_a_millisecond() -> None:
    heard = _heard(_tone(), _piece(0, SECOND, 1.0))
    assert np.array_equal(heard[44 : SECOND - EDGE], _tone()[SECOND + 44 : 2 * SECOND - EDGE])
    assert np.abs(heard[0]).max() < 0.02


@pytest.mark.parametrize("again", [0.5, 1.0, 1.503])
def test_loops_meet_without_a_click(again: float) -> None:
    heard = _heard(
        _tone(), _piece(0, SECOND, 0.0), _piece(SECOND, 2 * SECOND, again), _piece(2 * SECOND, 3 * SECOND, again)
    )
    assert _roughness(heard) < 0.01
    assert np.array_equal(heard[SECOND : 2 * SECOND - EDGE], _tone()[round(again * RATE) :][: SECOND - EDGE])


def test_pieces_that_go_on_are_not_cut() -> None:
    pcm = noise(2 * SECOND)
    assert np.array_equal(_heard(pcm, _piece(0, SECOND, 0.0), _piece(SECOND, 2 * SECOND, 1.0)), pcm)


def test_a_stretched_piece_runs_up_as_fast_as_it_begins() -> None:
    source = ArraySource(_tone(), RATE)
    piece = Piece(((SECOND, 1.0), (2 * SECOND, 2.1), (3 * SECOND, 3.0)))
    (cut,) = cuts([piece], source, RATE)
    (frame, second), *others = cut.piece.anchors
    assert frame == SECOND - EDGE
    assert (1.0 - second) / EDGE == pytest.approx(1.1 / SECOND)
    assert tuple(others) == piece.anchors[1:]
    assert (cut.fade_in, cut.fade_out) == (EDGE, EDGE)


def test_what_lies_outside_the_source_is_silence() -> None:
    pcm = noise(SECOND, seed=3)
    heard = _heard(pcm, _piece(1_000, 1_000 + 3 * SECOND, -1.0))
    assert np.array_equal(heard[1_000 + SECOND : 1_000 + 2 * SECOND], pcm)
    assert np.count_nonzero(heard.any(axis=1)) == SECOND
