"""What the networks hear, and that it is the same in pieces as in one."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from services.mir.analysis import networks as module
from services.mir.analysis.harmony.spectra import chord_frames, chord_spectra
from services.mir.analysis.networks import Networks, NetworksCorrupt, NetworksMissing, load_networks
from services.mir.analysis.preparation import RATE, Mono
from services.mir.analysis.progress import Cancelled
from services.mir.analysis.rhythm.spectra import BANDS, HOP, beat_frames, beat_spectra
from tests.songs import compose

WEIGHTS: Final = Path(".puremusic/weights/mir")  # `make weights` fills it

C_MAJOR: Final = (130.81, 261.63, 329.63, 392.0)
A_MINOR: Final = (110.0, 220.0, 261.63, 329.63)


@pytest.fixture(scope="module")
def networks() -> Networks:
    return load_networks(WEIGHTS)


def chord(pitches: tuple[float, ...], seconds: float, cents: float = 0.0) -> Mono:
    at = np.arange(int(seconds * RATE)) / RATE
    partials = [np.sin(2 * np.pi * pitch * 2 ** (cents / 1200) * k * at) / k for pitch in pitches for k in (1, 2, 3)]
    return np.asarray(0.03 * np.sum(partials, axis=0), np.float32)


def strokes(seconds: float, bpm: float) -> Mono:
    at = np.arange(int(seconds * RATE)) / RATE
    since = at % (60 / bpm)
    noise = np.random.default_rng(1).normal(0, 0.5, len(at))
    return (noise * np.exp(-80 * since) * (since < 0.05)).astype(np.float32)


def progression(bars: int, cents: float = 0.0) -> Mono:
    """C major and A minor in turn, two seconds each."""
    return np.concatenate([chord((C_MAJOR, A_MINOR)[bar % 2], 2.0, cents) for bar in range(bars)])


def by_hand(mono: Mono) -> NDArray[np.float64]:
    """BeatNet's features as madmom's parts describe them, term by term: slow, and nothing shared with ours."""
    size, bins = 1411, 705
    at = np.arange(size)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * at / (size - 1))
    transform = np.exp(-2j * np.pi * np.outer(at, np.arange(bins)) / size)
    frames = [
        [mono[i] if 0 <= i < len(mono) else 0.0 for i in range(centre - 705, centre + 706)]
        for centre in range(0, len(mono), 441)
    ]
    magnitudes = np.abs((np.array(frames) * window) @ transform)
    pitches = [440 * 2 ** (step / 24) for step in range(-200, 200)]
    nearest = [min(range(bins), key=lambda k, p=p: abs(k * RATE / 1410 - p)) for p in pitches if 30 <= p <= 17_000]  # type: ignore[misc]  # mypy knows no default of a lambda
    centres = sorted(set(nearest))
    bands = []
    for low, middle, high in zip(centres, centres[1:], centres[2:], strict=False):
        rising = {k: (k - low) / (middle - low) for k in range(low, middle)}
        weights = rising | {k: (high - k) / (high - middle) for k in range(middle, high)}
        bands.append(sum(weight * magnitudes[:, k] for k, weight in weights.items()) / sum(weights.values()))
    spectra = np.log10(1 + np.array(bands).T)
    growth = np.maximum(np.diff(spectra, axis=0, prepend=spectra[:1]), 0)
    return np.hstack([spectra, growth])


def test_beat_spectra_are_those_that_the_network_was_trained_on() -> None:
    mono = np.random.default_rng(2).normal(0, 0.2, 4000).astype(np.float32)
    spectra = beat_spectra(mono, 0, beat_frames(len(mono)))
    assert spectra.shape == (10, 2 * BANDS)
    np.testing.assert_allclose(spectra, by_hand(mono), atol=1e-5)


@pytest.mark.parametrize("samples", [0, 1, 441, 442, 5000])
def test_signals_of_any_length_have_spectra(samples: int) -> None:
    mono = np.full(samples, 0.1, np.float32)
    assert beat_frames(samples) == -(-samples // HOP)
    if samples:
        assert beat_spectra(mono, 0, beat_frames(samples)).shape == (beat_frames(samples), 2 * BANDS)
        assert chord_spectra(mono, 0.0, 0, chord_frames(samples)).shape == (1 + samples // 512, 252)


def test_spectra_do_not_depend_on_which_frames_are_asked_for_together() -> None:
    mono = strokes(6.0, 133.0) + chord(C_MAJOR, 6.0)
    frames = beat_frames(len(mono))
    pieces = [beat_spectra(mono, start, min(start + 70, frames)) for start in range(0, frames, 70)]
    np.testing.assert_allclose(np.concatenate(pieces), beat_spectra(mono, 0, frames), atol=1e-5)
    frames = chord_frames(len(mono))
    pieces = [chord_spectra(mono, 12.0, start, min(start + 90, frames)) for start in range(0, frames, 90)]
    np.testing.assert_allclose(np.concatenate(pieces), chord_spectra(mono, 12.0, 0, frames), atol=1e-4)


@pytest.mark.parametrize("cents", [-40.0, 25.0])
def test_chord_spectra_follow_the_tuning(cents: float) -> None:
    detuned = chord_spectra(chord(A_MINOR, 3.0, cents), cents, 40, 90).mean(0)
    np.testing.assert_allclose(detuned, chord_spectra(chord(A_MINOR, 3.0), 0.0, 40, 90).mean(0), atol=0.02)


@pytest.mark.parametrize("bpm", [88.0, 120.0])
def test_beats_are_where_the_strokes_are(networks: Networks, bpm: float) -> None:
    heard = networks.beat_activations(strokes(15.0, bpm))
    assert heard.shape == (750, 2)
    assert (heard[:, 1] <= heard[:, 0]).all()
    beat = heard[:, 0]
    peaks = 1 + np.flatnonzero((beat[1:-1] > 0.3) & (beat[1:-1] > beat[:-2]) & (beat[1:-1] >= beat[2:]))
    expected = np.arange(1, 15 * bpm / 60) * 60 / bpm
    late = [np.abs(peaks / 50 - at).min() for at in expected]
    assert np.mean(np.array(late) <= 0.02) > 0.9
    assert len(peaks) <= len(expected) + 1


def test_a_quiet_track_has_the_beats_of_a_loud_one(networks: Networks) -> None:
    mono = np.concatenate([np.zeros(3 * RATE, np.float32), strokes(6.0, 110.0)])
    np.testing.assert_allclose(
        networks.beat_activations(np.float32(0.01) * mono), networks.beat_activations(mono), atol=1e-3
    )


@pytest.mark.parametrize("cents", [0.0, 40.0])
def test_chords_are_heard_in_their_tuning(networks: Networks, cents: float) -> None:
    heard = networks.chord_activations(progression(6, cents), cents)
    middles = [round((2 * bar + 1) * module.CHORD_FRAMES_PER_SECOND) for bar in range(6)]
    assert heard.triad[middles].argmax(1).tolist() == [1, 1 + 12 + 9] * 3
    assert heard.bass[middles].argmax(1).tolist() == [1, 1 + 9] * 3
    assert heard.seventh[middles[::2]].argmax(1).tolist() == [0] * 3, "of A minor the third partial of C may be one"
    for part in (heard.triad, heard.bass, heard.seventh):
        np.testing.assert_allclose(part.sum(1), 1, atol=1e-4)


def test_beats_are_the_same_in_pieces(networks: Networks, monkeypatch: pytest.MonkeyPatch) -> None:
    mono = strokes(30.0, 97.0)
    monkeypatch.setattr(module, "_BEAT_CHUNK", 10_000)
    whole = networks.beat_activations(mono)
    monkeypatch.setattr(module, "_BEAT_CHUNK", 333)
    np.testing.assert_allclose(networks.beat_activations(mono), whole, atol=1e-4)


def test_chords_are_nearly_the_same_in_pieces(networks: Networks, monkeypatch: pytest.MonkeyPatch) -> None:
    mono = progression(12)
    whole = networks.chord_activations(mono, 0.0)
    monkeypatch.setattr(module, "_CHORD_CHUNK", 400)
    monkeypatch.setattr(module, "_CHORD_CONTEXT", 200)
    pieces = networks.chord_activations(mono, 0.0)
    assert np.abs(pieces.triad - whole.triad).mean() < 0.01
    assert np.mean(pieces.triad.argmax(1) == whole.triad.argmax(1)) > 0.98


@pytest.mark.parametrize("level", [0.0, 1e-5])
def test_nothing_is_heard_in_silence(networks: Networks, level: float) -> None:
    silence = level * chord(C_MAJOR, 5.0)
    # The first frames of anything startle it a little.
    assert networks.beat_activations(silence)[50:].max() < 0.1
    heard = networks.chord_activations(silence, 0.0)
    assert (heard.triad.argmax(1) == 0).all()
    assert (heard.bass.argmax(1) == 0).all()


@pytest.mark.parametrize("samples", [0, 1, 700])
def test_the_shortest_signals_have_activations(networks: Networks, samples: int) -> None:
    mono = np.full(samples, 0.1, np.float32)
    assert networks.beat_activations(mono).shape == (beat_frames(samples), 2)
    assert networks.chord_activations(mono, 0.0).triad.shape == (chord_frames(samples), 73)


@pytest.mark.parametrize("listen", ["beat_activations", "chord_activations"])
def test_progress_reaches_the_end_and_cancelling_ends_it(networks: Networks, listen: str) -> None:
    mono = strokes(25.0, 100.0)
    arguments: tuple[Any, ...] = (mono,) if listen == "beat_activations" else (mono, 0.0)
    told: list[float] = []
    getattr(networks, listen)(*arguments, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    with pytest.raises(Cancelled):
        getattr(networks, listen)(*arguments, cancelled=lambda: True)


@pytest.mark.parametrize("name", ["beats.onnx", "chords.onnx"])
def test_what_is_missing_or_damaged_is_told_with_its_remedy(name: str, tmp_path: Path) -> None:
    shutil.copytree(WEIGHTS, tmp_path, dirs_exist_ok=True)
    damaged = bytearray((tmp_path / name).read_bytes())
    damaged[1000] ^= 1
    (tmp_path / name).write_bytes(damaged)
    with pytest.raises(NetworksCorrupt, match=rf"{name} is not .* make"):
        load_networks(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(NetworksMissing, match=rf"{name} is missing.*services\.mir\.weights --into {tmp_path}"):
        load_networks(tmp_path)


def test_beats_peak_on_those_of_a_composed_song(networks: Networks) -> None:
    song = compose(tempo_bpm=126, tonic=2, mode="minor", seconds=20)
    mono = soxr.resample(song.mix.mean(axis=1), song.sample_rate, RATE).astype(np.float32)
    beat = networks.beat_activations(mono)[:, 0]
    peaks = 1 + np.flatnonzero((beat[1:-1] > 0.2) & (beat[1:-1] > beat[:-2]) & (beat[1:-1] >= beat[2:]))
    at = np.array(song.truth.beats)
    nearest = [np.abs(peaks / 50 - true).min() for true in at[at > 1.0]]
    assert np.mean(np.array(nearest) < 0.07) > 0.9


def test_threads_share_the_networks(networks: Networks) -> None:
    songs = [strokes(4.0, bpm) + chord(pitches, 4.0) for bpm, pitches in ((90.0, C_MAJOR), (140.0, A_MINOR))] * 2
    alone = [(networks.beat_activations(song), networks.chord_activations(song, 0.0).triad) for song in songs[:2]] * 2
    with ThreadPoolExecutor(4) as pool:
        beats = list(pool.map(networks.beat_activations, songs))
        triads = [heard.triad for heard in pool.map(lambda song: networks.chord_activations(song, 0.0), songs)]
    for (beat, triad), together in zip(alone, zip(beats, triads, strict=True), strict=True):
        np.testing.assert_array_equal(together[0], beat)
        np.testing.assert_array_equal(together[1], triad)
