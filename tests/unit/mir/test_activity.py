"""When stems play, against songs that were written down, and against what separation leaves in a stem."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from services.mir.analysis.activity import active_spans, hear_stem
from services.mir.analysis.findings import Loudness, Span
from services.mir.analysis.preparation import RATE, prepare
from tests.songs import compose

Mono = NDArray[np.float32]


@cache
def _stems() -> dict[str, Mono]:
    song = compose(tempo_bpm=120, seconds=16, sample_rate=RATE, channels=1, seed=3)
    return {name: pcm[:, 0] for name, pcm in song.stems.items()}


def _only(stem: Mono, *spans: tuple[float, float]) -> Mono:
    """A stem that is mute but for some spans."""
    seconds = np.arange(len(stem)) / RATE
    open_ = np.any([(seconds >= start) & (seconds < end) for start, end in spans], axis=0)
    return np.where(open_, stem, np.float32(0))


def _mix(**changed: Mono) -> Mono:
    mix: Mono = np.sum(list((_stems() | changed).values()), axis=0)
    return mix


@pytest.mark.parametrize("stem", ["drums", "bass", "chords"])
@pytest.mark.parametrize("spans", [[(0.0, 16.0)], [(4.0, 12.0)], [(0.0, 6.0), (10.0, 16.0)]])
def test_stems_play_when_they_were_written_to(stem: str, spans: list[tuple[float, float]]) -> None:
    played = _only(_stems()[stem], *spans)
    heard = active_spans(played, _mix(**{stem: played}))
    assert len(heard) == len(spans)
    for found, (start, end) in zip(heard, spans, strict=True):
        assert found.start == pytest.approx(start, abs=0.3)
        assert found.end == pytest.approx(end, abs=0.6)


@pytest.mark.parametrize("bleed_db", [-30.0, -40.0])
def test_bleed_is_not_playing(bleed_db: float) -> None:
    """What is left of the others in a separated stem, while it plays and while it does not."""
    leak = 10 ** (bleed_db / 20)
    played = _only(_stems()["lead"], (4.0, 9.0))
    mix = _mix(lead=played)
    clean, separated = active_spans(played, mix), active_spans(played + leak * (mix - played), mix)
    assert len(clean) == len(separated)
    for one, other in zip(clean, separated, strict=True):
        assert other.start == pytest.approx(one.start, abs=0.2)
        assert other.end == pytest.approx(one.end, abs=0.4)


def test_a_stem_of_nothing_but_bleed_never_plays() -> None:
    without = _mix(lead=np.zeros_like(_stems()["lead"]))
    assert active_spans(0.02 * without, without) == ()


def test_short_gaps_are_closed_and_short_noises_dropped() -> None:
    tone = (0.3 * np.sin(2 * np.pi * 300 * np.arange(10 * RATE) / RATE)).astype(np.float32)
    heard = active_spans(_only(tone, (1.0, 2.0), (2.8, 4.0), (6.0, 6.2)), tone)
    assert len(heard) == 1
    assert heard[0].start == pytest.approx(1.0, abs=0.05)
    assert heard[0].end == pytest.approx(4.0, abs=0.05)


def test_a_soft_voice_is_heard_where_the_band_rests() -> None:
    tone = (0.3 * np.sin(2 * np.pi * 300 * np.arange(6 * RATE) / RATE)).astype(np.float32)
    voice = np.concatenate([0.05 * tone, 0.3 * tone])
    band = np.concatenate([0.0 * tone, tone])
    assert active_spans(voice, voice + band)[0] == Span(0.0, 12.0)


@pytest.mark.parametrize("frames", [0, 1, 100, RATE])
def test_silence_never_plays(frames: int) -> None:
    silence = np.zeros(frames, np.float32)
    assert active_spans(silence, silence) == ()


def test_a_stem_may_be_a_little_longer_than_its_mix() -> None:
    tone = (0.3 * np.sin(2 * np.pi * 300 * np.arange(3 * RATE) / RATE)).astype(np.float32)
    assert active_spans(tone, tone[:-500])[0].end == pytest.approx((3 * RATE - 500) / RATE)


def test_a_stem_has_its_own_loudness() -> None:
    song = compose(seconds=5, sample_rate=RATE, channels=1, seed=3)
    mix = prepare(song.mix, RATE)
    found = hear_stem("bass", prepare(song.stems["bass"], RATE), mix)
    assert found.stem == "bass"
    assert found.active
    assert (found.loudness.integrated_lufs or 0) < (mix.loudness.integrated_lufs or 0)
    assert hear_stem("other", prepare(0 * song.mix, RATE), mix).loudness == Loudness()
