"""Services share no code, so mir and fusion each have a loudness meter. A song must not measure differently in the two."""

from pathlib import Path

from services.fusion.mixing import loudness as of_fusion
from services.mir.analysis import loudness as of_mir


def test_both_meters_are_the_same_text() -> None:
    assert Path(of_fusion.__file__).read_text() == Path(of_mir.__file__).read_text()
