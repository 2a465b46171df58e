"""Services share no code, so mir and fusion each have their meters. A song must not measure differently in the two."""

from pathlib import Path

import pytest

from services.fusion.mixing.mastering import loudness as of_fusion
from services.fusion.mixing.mastering.true_peak import TruePeakMeter as PeakMeterOfFusion
from services.mir.analysis import loudness as of_mir
from services.mir.analysis.true_peak import TruePeakMeter as PeakMeterOfMir
from tests.songs import compose


def test_both_loudness_meters_are_the_same_text() -> None:
    assert Path(of_fusion.__file__).read_text() == Path(of_mir.__file__).read_text()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_true_peak_meters_read_the_same(seed: int) -> None:
    mix = compose(seconds=3, seed=seed).mix * 1.2
    ours, theirs = PeakMeterOfMir(2), PeakMeterOfFusion(2)
    for meter in (ours, theirs):
        meter.add(mix)
    assert ours.dbtp() == pytest.approx(theirs.dbtp(), abs=0.01)
