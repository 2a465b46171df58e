"""The real weights on real music: the sound of the reference, and stems worth listening to."""

import numpy as np
import pytest
import torch
from demucs.apply import apply_model
from demucs.htdemucs import HTDemucs

from services.separation.engine.network import Model
from services.separation.engine.resampling import Pcm
from tests.servers.real_music import MusdbClip


def test_equals_the_reference(htdemucs: Model, clip: MusdbClip, separated: dict[str, Pcm]) -> None:
    assert isinstance(htdemucs.network, HTDemucs)
    mix = torch.from_numpy(clip.mix.T.copy())
    mono = mix.mean(0)
    mean, deviation = mono.mean(), mono.std() + 1e-8
    reference = apply_model(htdemucs.network, ((mix - mean) / deviation)[None], shifts=0, overlap=0.25)[0]
    reference = reference * deviation + mean
    for expected, (name, stem) in zip(reference.numpy(), separated.items(), strict=True):
        np.testing.assert_allclose(stem, expected.T, atol=1e-5, rtol=0, err_msg=name)


@pytest.mark.parametrize(("name", "least"), [("drums", 9.0), ("bass", 2.5), ("vocals", 4.0)])
def test_stems_are_the_true_ones(clip: MusdbClip, separated: dict[str, Pcm], name: str, least: float) -> None:
    assert signal_to_distortion(clip.stems[name], separated[name]) >= least


def test_stems_have_the_shape_of_the_track(clip: MusdbClip, separated: dict[str, Pcm]) -> None:
    assert list(separated) == ["drums", "bass", "other", "vocals"]
    for stem in separated.values():
        assert stem.shape == clip.mix.shape
        assert stem.dtype == np.float32


def signal_to_distortion(true: Pcm, estimate: Pcm) -> float:
    """SDR in dB over the whole clip, as the Music Demixing Challenge defines it."""
    distortion = np.sum((true - estimate) ** 2, dtype=np.float64)
    return float(10 * np.log10(np.sum(true**2, dtype=np.float64) / distortion))
