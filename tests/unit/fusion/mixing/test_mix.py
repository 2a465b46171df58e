"""Sums, lengths, levels: what a mix is made of."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from services.fusion.mixing import (
    Cancelled,
    InvalidPart,
    Mix,
    Outcome,
    Part,
    Target,
    mix,
    output_frames,
    output_rate,
    sum_parts,
)
from tests.songs import compose

Pcm = NDArray[np.float32]


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "mix.f32"


def _noise(frames: int, channels: int = 2, seed: int = 0, level: float = 0.1) -> Pcm:
    return (level * np.random.default_rng(seed).standard_normal((frames, channels))).astype(np.float32)


def _sine(rate: int, seconds: float, hertz: float = 1000.0, peak: float = 0.5) -> Pcm:
    time = np.arange(round(rate * seconds)) / rate
    return (peak * np.sin(2 * np.pi * hertz * time)).astype(np.float32)[:, None]


def _written(path: Path, stored: NDArray[np.int32], subtype: str = "PCM_24") -> Path:
    """A file of these 32-bit samples; a 24-bit one takes their upper bits."""
    soundfile.write(path, stored, 44_100, subtype=subtype)
    return path


def _sum(*parts: Part) -> Pcm:
    blocks: list[Pcm] = []
    sum_parts(parts, blocks.append)
    return np.concatenate(blocks)


def _raw(mixed: Mix) -> Pcm:
    return np.concatenate(list(mixed.blocks(0.0)))


def test_stereo_parts_add_up_exactly() -> None:
    first, second = _noise(50_001, seed=1), _noise(20_000, seed=2)
    expected = first.astype(np.float64)
    expected[:20_000] += second
    summed = _sum(Part.of_pcm(first, 44_100), Part.of_pcm(second, 44_100))
    assert summed.dtype == np.float32
    assert np.array_equal(summed, expected.astype(np.float32))


def test_the_stems_of_a_song_give_its_mix() -> None:
    song = compose(seconds=4)
    summed = _sum(*(Part.of_pcm(stem, song.sample_rate) for stem in song.stems.values()))
    assert np.abs(summed - song.mix).max() < 1e-6


def test_gain_is_in_decibels() -> None:
    pcm = _noise(1000)
    assert np.allclose(_sum(Part.of_pcm(pcm, 44_100, gain_db=-6.0206)), pcm / 2, atol=1e-6)
    assert np.allclose(_sum(Part.of_pcm(pcm, 44_100, gain_db=12.0)), pcm * 3.98107, atol=1e-5)


@pytest.mark.parametrize("pan", [-1.0, -0.7, -0.2, 0.0, 0.4, 1.0])
def test_mono_pans_at_constant_power(pan: float) -> None:
    pcm = _noise(2000, channels=1)
    panned = _sum(Part.of_pcm(pcm, 44_100, pan=pan))
    assert np.square(panned).sum() == pytest.approx(np.square(pcm).sum(), rel=1e-5)
    left, right = np.abs(panned).sum(axis=0)
    assert (left > right) == (pan < 0) or pan == 0
    if pan == 0:
        assert np.allclose(panned, pcm * np.sqrt(0.5), atol=1e-7)
    if abs(pan) == 1:
        assert np.allclose(panned[:, 0 if pan < 0 else 1], pcm[:, 0], atol=1e-7)
        assert np.abs(panned[:, 1 if pan < 0 else 0]).max() < 1e-7


def test_stereo_in_the_middle_is_untouched() -> None:
    pcm = _noise(2000)
    assert np.array_equal(_sum(Part.of_pcm(pcm, 44_100)), pcm)


def test_stereo_panned_hard_loses_nothing() -> None:
    pcm = _noise(2000)
    right = _sum(Part.of_pcm(pcm, 44_100, pan=1.0))
    assert np.abs(right[:, 0]).max() < 1e-7
    assert np.allclose(right[:, 1], pcm.sum(axis=1), atol=1e-6)


@pytest.mark.parametrize("pan", [-0.6, 0.3, 0.9])
def test_stereo_pans_at_constant_power(pan: float) -> None:
    pcm = _noise(200_000)  # channels without correlation: their powers add
    panned = _sum(Part.of_pcm(pcm, 44_100, pan=pan))
    assert np.square(panned).sum() == pytest.approx(np.square(pcm).sum(), rel=0.01)
    assert (np.square(panned[:, 0]).sum() > np.square(panned[:, 1]).sum()) == (pan < 0)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [([44_100], 44_100), ([22_050, 8_000], 44_100), ([44_100, 48_000], 48_000), ([96_000], 48_000)],
)
def test_the_rate_of_a_mix(rates: list[int], expected: int) -> None:
    assert output_rate([Part.of_pcm(_noise(10), rate) for rate in rates]) == expected


@pytest.mark.parametrize("rate", [8_000, 22_050, 32_000, 44_100, 96_000, 192_000])
@pytest.mark.parametrize("frames", [1, 999, 100_003])
def test_other_rates_keep_length_and_pitch(rate: int, frames: int) -> None:
    part = Part.of_pcm(_sine(rate, 15, 440.0)[:frames], rate)
    at_48k = Part.of_pcm(_noise(1, level=0.0), 48_000)
    summed = _sum(part, at_48k)
    assert len(summed) == output_frames([part, at_48k]) == max(1, (2 * frames * 48_000 + rate) // (2 * rate))
    if frames > 10_000:
        expected = _sine(48_000, 60, 440.0)[: len(summed)] * np.sqrt(0.5)
        assert np.abs(summed - expected)[500:-500].max() < 1e-4


def test_rates_lengths_and_channels_mix() -> None:
    long = Part.of_pcm(_sine(44_100, 2.0, 300.0), 44_100)
    short = Part.of_pcm(np.repeat(_sine(48_000, 0.5, 700.0), 2, axis=1), 48_000)
    summed = _sum(long, short)
    assert len(summed) == 96_000
    alone = _sine(48_000, 2.0, 300.0) * np.sqrt(0.5)
    assert np.allclose(summed[25_000:-500], alone[25_000:-500], atol=1e-4)
    both = alone[500:23_000] + _sine(48_000, 0.5, 700.0)[500:23_000]
    assert np.allclose(summed[500:23_000], both, atol=1e-4)


def test_a_muted_part_is_silent_but_keeps_its_place() -> None:
    heard = _noise(1000)

    def never() -> Iterator[Pcm]:
        raise AssertionError("a muted part is not read")

    muted = Part(never, 48_000, 2, 5000, muted=True)
    summed = _sum(Part.of_pcm(heard, 48_000), muted)
    assert len(summed) == 5000
    assert np.array_equal(summed[:1000], heard)
    assert not summed[1000:].any()


def test_a_quiet_song_is_raised_to_the_target(scratch: Path) -> None:
    mixed = mix([Part.of_pcm(_noise(5 * 44_100, level=0.02), 44_100)], scratch)
    assert mixed.loudness_lufs is not None
    assert mixed.level.outcome is Outcome.LOUDNESS
    assert mixed.loudness_lufs + mixed.level.gain_db == pytest.approx(-14.0)


def test_a_loud_song_is_lowered_to_the_target(scratch: Path) -> None:
    mixed = mix([Part.of_pcm(_noise(5 * 44_100, level=0.9, seed=n), 44_100) for n in range(4)], scratch)
    assert mixed.level.outcome is Outcome.LOUDNESS
    assert mixed.level.gain_db < -10


def test_peaks_limit_the_level(scratch: Path) -> None:
    clicks = np.zeros((5 * 44_100, 2), np.float32)
    clicks[::22_050] = 0.9
    mixed = mix([Part.of_pcm(clicks, 44_100)], scratch)
    assert mixed.level.outcome is Outcome.TRUE_PEAK
    assert mixed.true_peak_dbtp is not None
    assert -1.2 < mixed.true_peak_dbtp + mixed.level.gain_db <= -1.0


def test_another_target(scratch: Path) -> None:
    pcm = _noise(3 * 44_100, level=0.05)
    mixed = mix([Part.of_pcm(pcm, 44_100)], scratch, Target(loudness_lufs=-23.0, true_peak_dbtp=-2.0))
    assert mixed.loudness_lufs is not None
    assert mixed.loudness_lufs + mixed.level.gain_db == pytest.approx(-23.0)


@pytest.mark.parametrize("frames", [1, 44_100])
def test_silence_stays_silence(scratch: Path, frames: int) -> None:
    mixed = mix([Part.of_pcm(np.zeros((frames, 2), np.float32), 44_100)], scratch)
    assert (mixed.level.gain_db, mixed.level.outcome) == (0.0, Outcome.SILENCE)
    assert mixed.loudness_lufs is None
    assert mixed.true_peak_dbtp is None
    assert _raw(mixed).shape == (frames, 2)


def test_everything_muted_is_silence(scratch: Path) -> None:
    mixed = mix([Part.of_pcm(_noise(1000), 44_100, muted=True)], scratch)
    assert mixed.level.outcome is Outcome.SILENCE
    assert mixed.frames == 1000


def test_a_whisper_is_not_raised(scratch: Path) -> None:
    mixed = mix([Part.of_pcm(_noise(44_100, level=1e-5), 44_100)], scratch)
    assert (mixed.level.gain_db, mixed.level.outcome) == (0.0, Outcome.SILENCE)


@pytest.mark.parametrize("seconds", [0.01, 0.1, 0.39])
def test_less_than_a_gating_block_has_a_level_too(scratch: Path, seconds: float) -> None:
    mixed = mix([Part.of_pcm(_sine(44_100, seconds, peak=0.9), 44_100)], scratch)
    assert mixed.loudness_lufs is not None
    assert mixed.true_peak_dbtp is not None
    assert mixed.true_peak_dbtp + mixed.level.gain_db <= -1.0


def test_the_same_parts_give_the_same_mix(tmp_path: Path) -> None:
    parts = [Part.of_pcm(_noise(30_000), 32_000, pan=0.3), Part.of_pcm(_noise(40_000, 1), 48_000)]
    first, second = mix(parts, tmp_path / "a"), mix(parts, tmp_path / "b")
    assert first.level == second.level
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_files_are_read_block_by_block(tmp_path: Path, scratch: Path) -> None:
    pcm = _noise(100_000)
    soundfile.write(tmp_path / "stem.flac", pcm, 48_000, subtype="PCM_24")
    part = Part.of_file(tmp_path / "stem.flac", gain_db=-3.0, name="vocals")
    assert (part.sample_rate, part.channels, part.frames) == (48_000, 2, 100_000)
    assert np.allclose(_raw(mix([part], scratch)), pcm * 10 ** (-3 / 20), atol=1e-6)


@pytest.mark.parametrize("scale_bits", [0, 1, 5])
def test_a_stem_sounds_as_loud_as_it_was_before_it_was_stored(tmp_path: Path, scale_bits: int) -> None:
    steps = np.random.default_rng(3).integers(-(1 << 23), 1 << 23, (20_000, 2), dtype=np.int32)
    part = Part.of_file(_written(tmp_path / "stem.flac", steps << 8), scale_bits=scale_bits)
    assert np.array_equal(np.concatenate(list(part.read())), steps * 2.0 ** (scale_bits - 23))


def test_loud_stems_and_their_residual_are_the_track(tmp_path: Path) -> None:
    track = np.random.default_rng(4).integers(-(1 << 23), 1 << 23, (20_000, 2), dtype=np.int32)
    stem = track[::-1] << 3  # three bits over full scale
    stem_file = _written(tmp_path / "stem.flac", (stem >> 3) << 8)
    residual_file = _written(tmp_path / "residual.wav", track - stem, "PCM_32")
    parts = Part.of_file(stem_file, scale_bits=3), Part.of_file(residual_file, scale_bits=8)
    assert np.allclose(_sum(*parts), track / 2.0**23, atol=1e-6)


@pytest.mark.parametrize("size", [1, 1000, 16_384, 70_000])
@pytest.mark.parametrize("rate", [32_000, 48_000])
def test_the_blocks_of_a_source_make_no_difference(size: int, rate: int) -> None:
    pcm = _noise(40_000 if size > 1 else 2_000)

    def blocks() -> Iterator[Pcm]:
        return (pcm[start : start + size] for start in range(0, len(pcm), size))

    assert np.allclose(_sum(Part(blocks, rate, 2, len(pcm))), _sum(Part.of_pcm(pcm, rate)), atol=1e-6)


def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    def peak(seconds: int) -> int:
        def blocks() -> Iterator[Pcm]:
            return (np.full((4_410, 2), 0.1, np.float32) for _ in range(seconds * 10))

        parts = [Part(blocks, 44_100, 2, seconds * 44_100) for _ in range(2)]
        parts.append(Part(lambda: (b[:4_000] for b in blocks()), 40_000, 2, seconds * 40_000))
        tracemalloc.start()
        try:
            mix(parts, tmp_path / f"{seconds}.f32")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(60) < peak(10) + 1_000_000
    assert peak(60) < 20_000_000


def test_progress_rises_to_one(scratch: Path) -> None:
    heard: list[float] = []
    mix([Part.of_pcm(_noise(100_000), 44_100)], scratch, progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert len(heard) > 3


def test_cancelling_leaves_nothing(scratch: Path) -> None:
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        mix([Part.of_pcm(_noise(100_000), 44_100)], scratch, cancelled=lambda: next(asked))
    assert not scratch.exists()


@pytest.mark.parametrize(
    ("gain_db", "pan", "message"),
    [
        (12.1, 0.0, "gain"),
        (-61.0, 0.0, "gain"),
        (float("nan"), 0.0, "gain"),
        (0.0, 1.5, "pan"),
        (0.0, float("nan"), "pan"),
    ],
)
def test_settings_out_of_range(gain_db: float, pan: float, message: str) -> None:
    with pytest.raises(InvalidPart, match=f"drums of Song: a {message} lies between"):
        Part.of_pcm(_noise(10), 44_100, name="drums of Song", gain_db=gain_db, pan=pan)


def test_what_cannot_be_mixed_is_refused(scratch: Path) -> None:
    with pytest.raises(InvalidPart, match="1 or 2 channels, not 3"):
        Part.of_pcm(_noise(10, channels=3), 44_100)
    with pytest.raises(InvalidPart, match="shape"):
        Part.of_pcm(np.zeros(10, np.float32), 44_100)
    with pytest.raises(InvalidPart, match="no audio"):
        Part.of_pcm(_noise(10), 0)
    with pytest.raises(InvalidPart, match="at least one part"):
        mix([], scratch)
    with pytest.raises(InvalidPart, match="at least one part"):
        mix([Part.of_pcm(_noise(0), 44_100)], scratch)
    assert not scratch.exists()


@pytest.mark.parametrize("rate", [32_000, 44_100])
@pytest.mark.parametrize("declared", [1, 16_384, 32_768, 40_000])
def test_parts_that_are_not_as_long_as_declared(scratch: Path, declared: int, rate: int) -> None:
    pcm = _noise(20_000)
    part = Part(lambda: iter([pcm[:10_000], pcm[10_000:]]), rate, 2, declared, name="bass")
    with pytest.raises(InvalidPart, match=r"bass: (more than|ended after)"):
        mix([part], scratch)
    assert not scratch.exists()


def test_parts_that_deliver_something_else(scratch: Path) -> None:
    broken = _noise(1000)
    broken[500, 0] = np.inf
    with pytest.raises(InvalidPart, match="not finite"):
        mix([Part.of_pcm(broken, 44_100)], scratch)
    with pytest.raises(InvalidPart, match="in 1 channels"):
        mix([Part(lambda: iter([broken]), 44_100, 1, 1000)], scratch)
