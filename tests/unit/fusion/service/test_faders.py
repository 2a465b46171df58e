"""What a fusion may be asked for: faders within their ranges, and not too many of them."""

import math

import pytest

from chassis.errors import InvalidInput
from services.fusion import deciding, faders
from services.fusion.faders import GAIN_DB, MAX_STEMS, PAN
from services.fusion.mixing.planning.wish import StemWish, Wish


@pytest.mark.parametrize("gain", [-60.0, -0.0, 12.0])
@pytest.mark.parametrize("pan", [-1.0, 0.0, 1.0])
def test_what_is_in_range_is_accepted(gain: float, pan: float) -> None:
    faders.check([gain], [pan])


@pytest.mark.parametrize("gain", [-60.01, 12.01, math.inf, -math.inf, math.nan, 1e300])
def test_gains_out_of_range_are_named(gain: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        faders.check([0.0, gain], [0.0, 0.0])
    assert refused.value.reason == "GAIN_OUT_OF_RANGE"
    assert refused.value.metadata == {"gain_db": str(gain)}


@pytest.mark.parametrize("pan", [-1.01, 1.01, math.inf, -math.inf, math.nan])
def test_pans_out_of_range_are_named(pan: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        faders.check([0.0, 0.0], [0.0, pan])
    assert refused.value.reason == "PAN_OUT_OF_RANGE"
    assert refused.value.metadata == {"pan": str(pan)}


def test_there_is_a_stem_and_not_too_many() -> None:
    faders.check([0.0] * MAX_STEMS, [0.0] * MAX_STEMS)
    for count, reason in ((0, "NO_STEMS"), (MAX_STEMS + 1, "TOO_MANY_STEMS")):
        with pytest.raises(InvalidInput) as refused:
            faders.check([0.0] * count, [0.0] * count)
        assert refused.value.reason == reason


@pytest.mark.parametrize(("gain", "pan"), [(GAIN_DB[0], PAN[0]), (GAIN_DB[1], PAN[1])])
def test_what_the_service_accepts_can_be_planned(gain: float, pan: float) -> None:
    wish = Wish((StemWish("stem", "track", "vocals", 4.0, 44_100, gain_db=gain, pan=pan),))
    _, arrangement = deciding.decided(wish, deciding.unheard(wish), 1)
    assert [(voice.gain_db, voice.pan) for voice in arrangement.voices] == [(gain, pan)]
