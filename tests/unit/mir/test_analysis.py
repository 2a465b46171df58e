"""Analysis against songs whose truth is known, and against what is no song at all."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from services.mir.analysis import analysing
from services.mir.analysis.analysing import Recording, analyse_recording, warmed_up
from services.mir.analysis.findings import Analysis, Finding, KeyName, Silence
from services.mir.analysis.networks import Networks, load_networks
from services.mir.analysis.preparation import InvalidAudio, prepare, prepare_blocks
from services.mir.analysis.progress import Cancelled
from tests.songs import Song, compose

RATE = 22_050
Pcm = NDArray[np.float32]
WEIGHTS = Path(".puremusic/weights/mir")  # `make weights` fills it
Mode = Literal["major", "minor"]

# None of these seeds took part in fitting the analysis.
UNSEEN = tuple(range(1000, 1018))


@cache
def _networks() -> Networks:
    return load_networks(WEIGHTS)


def analyse(pcm: Pcm, rate: int) -> Analysis:
    return analysing.analyse(pcm, rate, _networks())


@cache
def _song(seed: int) -> Song:
    """One of a spread of tempi (63-187 BPM) and of all keys, every third one detuned."""
    tempo = 63 + (seed * 37 % 125)
    mode: Mode = "minor" if seed % 2 else "major"
    cents = (seed % 7 - 3) * 12.0 if seed % 3 == 0 else 0.0
    return compose(
        tempo_bpm=tempo,
        tonic=seed * 5 % 12,
        mode=mode,
        seconds=20,
        sample_rate=RATE,
        channels=1,
        seed=seed,
        cents=cents,
    )


@cache
def _heard(seed: int) -> Analysis:
    return analyse(_song(seed).mix, RATE)


def _noise(seconds: float, seed: int = 0) -> Pcm:
    samples = 0.1 * np.random.default_rng(seed).standard_normal((round(seconds * RATE), 1))
    return samples.astype(np.float32)


def test_tempo_is_right_on_most_songs_and_related_on_all() -> None:
    ratios = np.array([_tempo(_heard(seed)) / _song(seed).truth.tempo_bpm for seed in UNSEEN])
    right = np.abs(ratios - 1) < 0.04
    related = np.min([np.abs(ratios / level - 1) for level in (0.5, 1, 2)], axis=0) < 0.04
    assert right.mean() >= 0.8
    assert related.all()
    assert np.median(np.abs(ratios[right] - 1)) < 0.002


def test_key_is_right_on_nearly_all_songs() -> None:
    right = [_key_name(_heard(seed)) == _true_key(_song(seed)) for seed in UNSEEN]
    assert np.mean(right) >= 0.9


def test_what_it_is_sure_of_is_right() -> None:
    heard = [(_heard(seed), _song(seed).truth) for seed in UNSEEN]
    tempo = [abs(a.tempo.bpm / t.tempo_bpm - 1) < 0.04 for a, t in heard if a.tempo and a.tempo.confidence > 0.8]
    key = [a.key.name.tonic == t.tonic for a, t in heard if a.key and a.key.confidence > 0.8]
    assert len(tempo) >= 5
    assert np.mean(tempo) >= 0.9
    assert len(key) >= 5
    assert all(key)


@pytest.mark.parametrize(
    ("tempo", "tonic", "mode"), [(96.0, 9, "minor"), (124.0, 0, "major"), (110.5, 6, "minor"), (140.0, 3, "major")]
)
def test_full_format_songs(tempo: float, tonic: int, mode: Mode) -> None:
    """Stereo at 44.1 kHz, as real tracks come."""
    song = compose(tempo_bpm=tempo, tonic=tonic, mode=mode, seconds=15, seed=77)
    heard = analyse(song.mix, song.sample_rate)
    assert _tempo(heard) == pytest.approx(tempo, rel=0.01)
    assert _key_name(heard) == KeyName(tonic, mode)
    assert heard.seconds == 15.0
    assert heard.tuning_cents == pytest.approx(0, abs=3)
    assert heard.beats is not None
    assert heard.beats.seconds[0] == pytest.approx(0, abs=0.01), "a track that is cut at its first beat begins with it"
    assert heard.beats.positions[0] == 1


def test_tuning_is_found_to_a_few_cents() -> None:
    detuned = [seed for seed in UNSEEN if seed % 3 == 0]
    for seed in detuned:
        assert _heard(seed).tuning_cents == pytest.approx((seed % 7 - 3) * 12.0, abs=4)


def test_candidates_share_the_belief() -> None:
    tempo = _heard(UNSEEN[0]).tempo
    assert tempo is not None
    assert tempo.candidates[0].bpm == tempo.bpm
    assert sum(candidate.share for candidate in tempo.candidates) == pytest.approx(1)
    shares = [candidate.share for candidate in tempo.candidates]
    assert shares == sorted(shares, reverse=True)


def test_the_runner_up_is_another_key() -> None:
    key = _heard(UNSEEN[0]).key
    assert key is not None
    assert key.runner_up != key.name


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.6, 3.0, 20.0])
def test_silence_has_nothing(seconds: float) -> None:
    heard = analyse(np.zeros((round(seconds * RATE), 2), np.float32), RATE)
    assert heard == Analysis(heard.seconds, silence=Silence(head_seconds=heard.seconds), absences=heard.absences)
    assert set(heard.absences) == set(get_args(Finding))
    assert set(heard.absences.values()) == {"silent"}
    assert heard.seconds == pytest.approx(seconds)


@pytest.mark.parametrize("seconds", [0.1, 2.0, 3.0, 12.0, 40.0])
def test_noise_has_neither_tempo_nor_key(seconds: float) -> None:
    heard = analyse(_noise(seconds), RATE)
    assert heard.tempo is None
    assert heard.key is None
    assert heard.tuning_cents is None
    assert heard.loudness.integrated_lufs is not None


def test_a_held_note_has_no_tempo() -> None:
    time = np.arange(10 * RATE) / RATE
    heard = analyse((0.3 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)[:, None], RATE)
    assert heard.tempo is None
    assert heard.key is None or heard.key.confidence < 0.3


def test_drums_alone_have_a_tempo_but_no_sure_key() -> None:
    drums = compose(tempo_bpm=118, seconds=20, sample_rate=RATE, channels=1).stems["drums"]
    heard = analyse(drums, RATE)
    assert heard.tempo is not None
    assert 118 in [pytest.approx(candidate.bpm, rel=0.04) for candidate in heard.tempo.candidates]
    assert heard.tempo.bpm / 118 in (pytest.approx(0.5, rel=0.01), pytest.approx(1, rel=0.01))
    assert heard.key is None or heard.key.confidence < 0.3


def test_a_pad_without_a_pulse_has_a_key() -> None:
    song = compose(tempo_bpm=60, tonic=7, seconds=16, sample_rate=RATE, channels=1, seed=5)
    heard = analyse(song.stems["chords"] + song.stems["bass"], RATE)
    assert _key_name(heard) == KeyName(7, "major")


@pytest.mark.parametrize("seconds", [0.1, 0.3, 0.6, 1.0, 1.9, 2.1])
def test_very_short_audio_is_no_trouble(seconds: float) -> None:
    song = compose(seconds=seconds, sample_rate=RATE, channels=2)
    heard = analyse(song.mix, RATE)
    assert heard.seconds == pytest.approx(seconds, abs=1e-4)
    assert heard.loudness.integrated_lufs is not None
    if seconds < 2:
        assert heard.tempo is None
    if seconds < 0.5:
        assert heard.key is None


@pytest.mark.parametrize("rate", [8_000, 11_025, 48_000, 96_000])
def test_other_sample_rates_hear_the_same(rate: int) -> None:
    song = _song(UNSEEN[1])
    heard = analyse(soxr.resample(song.mix, RATE, rate), rate)
    assert _tempo(heard) == pytest.approx(_tempo(_heard(UNSEEN[1])), rel=0.005)
    assert _key_name(heard) == _key_name(_heard(UNSEEN[1]))
    assert heard.seconds == pytest.approx(20, abs=1e-3)


def test_level_does_not_matter() -> None:
    seed = UNSEEN[2]
    soft = analyse(_song(seed).mix * np.float32(0.01), RATE)
    assert _tempo(soft) == pytest.approx(_tempo(_heard(seed)), rel=0.005)
    assert _key_name(soft) == _key_name(_heard(seed))


def test_the_same_audio_is_heard_the_same() -> None:
    assert analyse(_song(UNSEEN[3]).mix, RATE) == _heard(UNSEEN[3])


def test_blocks_are_heard_as_the_whole() -> None:
    song = compose(seconds=6, seed=8)
    blocks = [song.mix[start : start + 1_111] for start in range(0, len(song.mix), 1_111)]
    whole, parts = prepare(song.mix, 44_100), prepare_blocks(blocks, 44_100, 2)
    assert np.allclose(whole.mono, parts.mono, atol=1e-5)
    assert len(whole.mono) == 6 * RATE
    assert whole.seconds == parts.seconds == 6.0
    assert parts.loudness == whole.loudness


def test_progress_rises_from_start_to_end() -> None:
    heard: list[float] = []
    analyse_recording(Recording(prepare(_song(UNSEEN[4]).mix, RATE)), _networks(), heard.append)
    assert heard == sorted(heard)
    assert heard[0] > 0
    assert heard[-1] == 1.0
    assert len(heard) >= 4


@pytest.mark.parametrize("after", [0, 1, 3, 5])
def test_cancelling_stops_it(after: int) -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > after

    with pytest.raises(Cancelled):
        analyse_recording(Recording(prepare(_song(UNSEEN[4]).mix, RATE)), _networks(), cancelled=cancelled)
    assert asked == after + 1


def test_what_is_no_audio_is_refused() -> None:
    broken = np.zeros((RATE, 2), np.float32)
    broken[100, 1] = np.nan
    with pytest.raises(InvalidAudio, match="not finite"):
        analyse(broken, RATE)
    with pytest.raises(InvalidAudio, match="shape"):
        analyse(np.zeros(RATE, np.float32), RATE)
    with pytest.raises(InvalidAudio, match="0 channels"):
        analyse(np.zeros((RATE, 0), np.float32), RATE)
    with pytest.raises(InvalidAudio, match="0 Hz"):
        analyse(np.zeros((RATE, 1), np.float32), 0)
    with pytest.raises(InvalidAudio, match="a block"):
        prepare_blocks([np.zeros((5, 1), np.float32)], RATE, 2)


def test_warming_up_is_quiet() -> None:
    warmed_up(WEIGHTS)


def test_keys_are_spelt_as_musicians_do() -> None:
    assert str(KeyName(1, "major")) == "Db major"
    assert str(KeyName(1, "minor")) == "C# minor"
    assert str(KeyName(9, "minor")) == "A minor"


def _tempo(heard: Analysis) -> float:
    assert heard.tempo is not None
    assert 0 <= heard.tempo.confidence <= 1
    return heard.tempo.bpm


def _key_name(heard: Analysis) -> KeyName:
    assert heard.key is not None
    assert 0 <= heard.key.confidence <= 1
    return heard.key.name


def _true_key(song: Song) -> KeyName:
    return KeyName(song.truth.tonic, song.truth.mode)
