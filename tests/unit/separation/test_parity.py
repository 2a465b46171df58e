"""The real weights on real music: the sound of the reference, without seams, and stems worth listening to."""

import numpy as np
import pytest
import torch
from demucs.apply import apply_model
from demucs.htdemucs import HTDemucs

from services.separation.engine.inference import DirectInference
from services.separation.engine.stems import separate
from services.separation.engine.track import Pcm
from services.separation.engine.windows import stride_of
from tests.servers.real_music import MusdbClip
from tests.unit.separation.networks import RATE, STEMS, alone


def test_equals_the_reference(htdemucs: DirectInference, clip: MusdbClip, separated: dict[str, Pcm]) -> None:
    assert isinstance(htdemucs.network, HTDemucs)
    mix = torch.from_numpy(clip.mix.T.copy())
    mono = mix.mean(0)
    mean, deviation = mono.mean(), mono.std() + 1e-8
    reference = apply_model(htdemucs.network, ((mix - mean) / deviation)[None], shifts=0, overlap=0.25)[0] * deviation
    for expected, (name, stem) in zip(reference.numpy(), separated.items(), strict=True):
        np.testing.assert_allclose(stem, expected.T, atol=1e-5, rtol=0, err_msg=name)


@pytest.mark.parametrize(("name", "least"), [("drums", 9.0), ("bass", 2.5), ("vocals", 4.0)])
def test_stems_are_the_true_ones(clip: MusdbClip, separated: dict[str, Pcm], name: str, least: float) -> None:
    assert signal_to_distortion(clip.stems[name], separated[name]) >= least


def test_stems_have_the_shape_of_the_track(clip: MusdbClip, separated: dict[str, Pcm]) -> None:
    assert tuple(separated) == STEMS
    for stem in separated.values():
        assert stem.shape == clip.mix.shape
        assert stem.dtype == np.float32


@pytest.mark.parametrize("heard", ["music", "a steady tone"])
def test_windows_leave_no_seams(htdemucs: DirectInference, clip: MusdbClip, heard: str) -> None:
    """Where a window begins and where one ends, nothing is more sudden than in the tenths of a second around it."""
    size = htdemucs.card.window_frames
    music = np.tile(clip.mix, (2, 1))[: 8 * RATE] if heard == "music" else tone(8 * RATE)
    for name, stem in separate(alone(htdemucs), music, RATE).items():
        for border in (stride_of(size), size):
            seam, around = suddenness(stem, border)
            assert seam <= around, f"{name} at {border}"


def tone(frames: int) -> Pcm:
    """A at 220 Hz with three overtones, on both channels."""
    time = np.arange(frames) / RATE
    wave = sum(0.2 / number * np.sin(2 * np.pi * 220 * number * time) for number in range(1, 5))
    return np.repeat(np.asarray(wave, dtype=np.float32)[:, None], 2, axis=1)


def suddenness(stem: Pcm, border: int) -> tuple[float, float]:
    """The greatest second difference in the 6 frames about `border`, and in the fifth of a second about these."""
    second = np.abs(np.diff(stem[border - RATE // 10 : border + RATE // 10].astype(np.float64), n=2, axis=0)).max(
        axis=1
    )
    middle = len(second) // 2
    seam = slice(middle - 3, middle + 3)
    return float(second[seam].max()), float(np.delete(second, seam).max())


def signal_to_distortion(true: Pcm, estimate: Pcm) -> float:
    """SDR in dB over the whole clip, as the Music Demixing Challenge defines it."""
    distortion = np.sum((true - estimate) ** 2, dtype=np.float64)
    return float(10 * np.log10(np.sum(true**2, dtype=np.float64) / distortion))
