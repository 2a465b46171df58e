"""Services share no code, so mir and fusion each have names of keys. One key must not have two."""

import pytest

from services.fusion.mixing.planning.material import Key
from services.fusion.mixing.planning.wording import key_name
from services.mir.analysis.findings import KeyName


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("tonic", range(12))
def test_fusion_calls_a_key_as_mir_does(tonic: int, mode: str) -> None:
    assert key_name(Key(tonic, mode)) == str(KeyName(tonic, mode))  # type: ignore[arg-type]  # parametrised over its literals
