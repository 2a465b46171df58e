"""A receipt that was edited can't keep a worker busy for ever."""

from dataclasses import replace

import pytest

from chassis.errors import InvalidInput
from services.fusion import reach
from services.fusion.mixing.arrangement import Arrangement, Piece, Voice

VOICE = Voice("vocals", "s", (Piece(((0, 0.0), (4000, 1.0))),))
SONG = Arrangement(1000, 4000, (VOICE,))


def playing(*anchors: tuple[int, float]) -> Arrangement:
    """A song with a piece along these anchors."""
    return replace(SONG, voices=(replace(VOICE, pieces=(Piece(anchors),)),))


@pytest.mark.parametrize(
    "song",
    [
        SONG,
        playing((0, -1.0), (4000, 15.0)),
        replace(SONG, frames=3_700_000),
        replace(SONG, voices=(VOICE,) * reach.MOST_VOICES),
    ],
)
def test_what_planning_makes_is_within_reach(song: Arrangement) -> None:
    reach.check(song)


@pytest.mark.parametrize(
    ("song", "told"),
    [
        (replace(SONG, frames=3_700_001), "longer"),
        (replace(SONG, voices=(VOICE,) * (reach.MOST_VOICES + 1)), "voices"),
        (playing((0, 0.0), (4000, 40.0)), "vocals"),
        (playing((0, 0.0), (2000, 2.0), (4000, 2.1)), "vocals"),
        (playing((0, 1e300), (4000, 1.1e300)), "far away"),
    ],
)
def test_what_is_out_of_reach_is_refused(song: Arrangement, told: str) -> None:
    with pytest.raises(InvalidInput, match=told) as refused:
        reach.check(song)
    assert refused.value.reason == "RECEIPT_OUT_OF_REACH"
