"""What can be written, and how a contradiction is put to a person."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from services.fusion.mixing import DEFAULT_ENCODINGS, Encoding, Format, InvalidEncoding
from services.fusion.mixing.rendering.encoder import encode, refuse_too_long
from services.fusion.mixing.rendering.quantising import Quantiser


@pytest.mark.parametrize(
    ("wish", "reason", "advice"),
    [
        ({"format": Format.FLAC, "bits": 32}, "BITS_NOT_POSSIBLE", "16 or 24"),
        ({"format": Format.WAV, "bits": 20}, "BITS_NOT_POSSIBLE", "16, 24 or 32"),
        ({"format": Format.MP3, "bits": 24}, "BITS_NOT_POSSIBLE", "WAV or FLAC"),
        ({"format": Format.MP3, "quality": 10}, "QUALITY_NOT_POSSIBLE", "0 to 9"),
        ({"format": Format.WAV, "quality": 5}, "QUALITY_NOT_POSSIBLE", "MP3 or Ogg Vorbis"),
        ({"format": Format.MP3, "bitrate_kbps": 333}, "BITRATE_NOT_POSSIBLE", "256 or 320"),
        ({"format": Format.OPUS, "bitrate_kbps": 8}, "BITRATE_NOT_POSSIBLE", "32 to 510"),
        ({"format": Format.OGG, "bitrate_kbps": 192}, "BITRATE_NOT_POSSIBLE", "MP3 or Opus"),
        ({"format": Format.MP3, "bitrate_kbps": 192, "quality": 0}, "QUALITY_OR_BITRATE", "Leave one of them out"),
        ({"format": Format.OPUS, "sample_rate": 44_100}, "SAMPLE_RATE_NOT_POSSIBLE", "48000"),
        ({"format": Format.MP3, "sample_rate": 96_000}, "SAMPLE_RATE_NOT_POSSIBLE", "44100 or 48000"),
        ({"format": Format.WAV, "sample_rate": 0}, "SAMPLE_RATE_NOT_POSSIBLE", "44100"),
    ],
)
def test_a_contradiction_is_named_with_what_to_do(wish: dict[str, object], reason: str, advice: str) -> None:
    with pytest.raises(InvalidEncoding) as refused:
        Encoding(**wish)  # type: ignore[arg-type]  # as a request's fields come
    assert refused.value.reason == reason
    assert advice in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "of_mix", "rate"),
    [
        (Format.WAV, 44_100, 44_100),
        (Format.OPUS, 44_100, 48_000),
        (Format.MP3, 96_000, 48_000),
        (Format.MP3, 22_050, 32_000),
        (Format.MP3, 44_100, 44_100),
        (Format.OGG, 96_000, 96_000),
    ],
)
def test_without_a_wish_the_rate_is_that_of_the_mix_or_the_next(kind: Format, of_mix: int, rate: int) -> None:
    assert Encoding(kind).rate(of_mix) == rate


def test_a_wav_that_its_header_could_not_count_is_refused() -> None:
    four_hours = 4 * 3600 * 48_000
    with pytest.raises(InvalidEncoding, match="Choose FLAC") as refused:
        refuse_too_long(Encoding(Format.WAV, bits=32), four_hours)
    assert refused.value.reason == "WAV_TOO_LONG"
    refuse_too_long(Encoding(Format.FLAC), four_hours)
    refuse_too_long(Encoding(Format.WAV, bits=16), four_hours)


def test_the_default_is_a_set_of_files_with_names_of_their_own() -> None:
    assert len({encoding.format for encoding in DEFAULT_ENCODINGS}) == len(DEFAULT_ENCODINGS)


@pytest.mark.parametrize(
    ("encoding", "kbps"),
    [
        (Encoding(Format.MP3, bitrate_kbps=320), 320),
        (Encoding(Format.MP3, bitrate_kbps=192), 192),
        (Encoding(Format.OPUS, bitrate_kbps=128), 128),
        (Encoding(Format.OPUS, bitrate_kbps=510), 510),
    ],
    ids=str,
)
def test_files_have_the_bit_rate_that_was_asked_for(encoding: Encoding, kbps: int, tmp_path: Path) -> None:
    rate, seconds = 48_000, 3
    noise = np.random.default_rng(1).uniform(-0.3, 0.3, (seconds * rate, 2)).astype(np.float32)
    assert sum(encode([noise], encoding, rate, tmp_path / "noise")) == len(noise)
    assert (tmp_path / "noise").stat().st_size * 8 / 1000 / seconds == pytest.approx(kbps, rel=0.05)


@pytest.mark.parametrize("kind", [Format.MP3, Format.OGG])
def test_quality_changes_size(kind: Format, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).uniform(-0.3, 0.3, (44_100, 2)).astype(np.float32)
    sizes = []
    for quality in (1, 5):
        list(encode([noise], Encoding(kind, quality=quality), 44_100, tmp_path / "noise"))
        sizes.append((tmp_path / "noise").stat().st_size)
    assert (sizes[0] > sizes[1]) is (kind is Format.MP3)


def test_dither_makes_the_error_independent_of_the_sound() -> None:
    """A tone of half a step, which rounding alone would lose, survives as its own mean."""
    level = np.float32(0.4 / 2**15)
    rounded = Quantiser(16)(np.full((200_000, 2), level)) / 2**31
    assert rounded.mean() == pytest.approx(level, rel=0.02)
    assert np.unique(rounded * 2**15).tolist() == [-1.0, 0.0, 1.0]


def test_samples_that_are_whole_steps_stay_as_they_are() -> None:
    steps = np.arange(-32_768, 32_768, dtype=np.int64)[:, None]
    assert (Quantiser(16)((steps / 2**15).astype(np.float32)) >> 16 == steps).all()


@pytest.mark.parametrize("bits", [16, 24])
def test_what_lies_beyond_full_scale_does_not_wrap_around(bits: int) -> None:
    rounded = Quantiser(bits)(np.array([[1.5, -1.5]], np.float32)) / 2.0**31
    assert rounded == pytest.approx(np.array([[1.0, -1.0]]), abs=2.0 ** (1 - bits))
