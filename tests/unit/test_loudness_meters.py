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
def test_fusions_peak_meter_reads_what_mirs_does_or_a_little_more(seed: int) -> None:
    """It promises a ceiling, so it looks more closely where a song is loud."""
    mix = compose(seconds=3, seed=seed).mix * 1.2
    of_mir, of_fusion = PeakMeterOfMir(2), PeakMeterOfFusion(2)
    for meter in (of_mir, of_fusion):
        meter.add(mix)
    reading, closely = of_mir.dbtp(), of_fusion.dbtp()
    assert reading is not None
    assert closely is not None
    assert reading - 0.001 <= closely <= reading + 0.3
