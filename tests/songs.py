"""Songs with exact truth, synthesised from a seed.

A song is four stems (drums, bass, chords, a lead that hums) over a four-bar chord loop in 4/4, together with
everything an analysis should find in it: tempo, key, beats, downbeats and chords, known because they were put
there. The mix is the sum of the stems, sample by sample. The same arguments give the same samples.

    song = compose(tempo_bpm=96, tonic=9, mode="minor", seconds=30)
    write(song.mix, song.sample_rate, Path("song.flac"))

Tests and `make demo` share it; it needs numpy, and soundfile to write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeVar

import numpy as np
import soundfile
from numpy.typing import NDArray

__all__ = ["PITCH_CLASSES", "Chord", "Mode", "Song", "Truth", "compose", "write"]

Mode = Literal["major", "minor"]
Pcm = NDArray[np.float32]
Signal = NDArray[np.float64]
_Option = TypeVar("_Option")

PITCH_CLASSES: Final = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

_BEATS_PER_BAR: Final = 4
_STEPS_PER_BAR: Final = 16
_PEAK: Final = 0.8  # of the mix; the stems are scaled with it, so that they still sum to it
_WRITE_FRAMES: Final = 16_384  # libsndfile's lossy encoders do not survive long songs in one piece

_SCALES: Final[Mapping[Mode, tuple[int, ...]]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
}
# Four bars each, as (semitones above the tonic, quality). All begin on the tonic, so that the key is the key.
_PROGRESSIONS: Final[Mapping[Mode, tuple[tuple[tuple[int, str], ...], ...]]] = {
    "major": (
        ((0, "maj"), (7, "maj"), (9, "min"), (5, "maj")),
        ((0, "maj"), (9, "min"), (5, "maj"), (7, "maj")),
        ((0, "maj"), (5, "maj"), (0, "maj"), (7, "maj")),
        ((0, "maj"), (4, "min"), (5, "maj"), (7, "maj")),
    ),
    "minor": (
        ((0, "min"), (8, "maj"), (5, "min"), (7, "maj")),
        ((0, "min"), (5, "min"), (0, "min"), (7, "min")),
        ((0, "min"), (10, "maj"), (8, "maj"), (7, "maj")),
        ((0, "min"), (8, "maj"), (5, "min"), (7, "min")),
    ),
}
_INTERVALS: Final = {"maj": (0, 4, 7), "min": (0, 3, 7)}

# One bar of sixteenths each: x is struck, o is struck softly.
_KICKS: Final = ("x.....x.x.......", "x.......x.x.....", "x...x...x...x...", "x..x....x.......")
_HATS: Final = ("x.o.x.o.x.o.x.o.", "xooox.o.xooox.o.", "o.x.o.x.o.x.o.x.")
_SNARE: Final = "....x.......x..."
_FILL: Final = "....x.....o.xooo"
_BASSES: Final = ("x..x..x.x..x..x.", "x.......x..x....", "x.x.x.x.x.x.x.x.", "x.....x.x.....x.")
_COMPS: Final = ("x...............", "x.....x.....x...", "..x...x...x...x.", "x.......x.......")


@dataclass(frozen=True)
class Chord:
    """A chord: `start` and `end` in seconds, `root` a pitch class from 0 (C) to 11, quality maj or min."""

    start: float
    end: float
    root: int
    quality: str


@dataclass(frozen=True)
class Truth:
    """What was put into a song: times in seconds, tonic as a pitch class 0 (C) to 11."""

    tempo_bpm: float
    tonic: int
    mode: Mode
    beats: tuple[float, ...]
    downbeats: tuple[float, ...]
    chords: tuple[Chord, ...]

    @property
    def key(self) -> str:
        """The key's name, as in "A minor"."""
        return f"{PITCH_CLASSES[self.tonic]} {self.mode}"


@dataclass(frozen=True)
class Song:
    """A mix and its stems, float32 in [-1, 1], each (frames, channels), and the truth about them."""

    mix: Pcm
    stems: Mapping[str, Pcm]
    sample_rate: int
    truth: Truth


@dataclass(frozen=True)
class _Score:
    """What every player reads: the grid in seconds, the chords bar by bar, and the room to play into."""

    tempo_bpm: float
    tonic: int
    mode: Mode
    chords: tuple[Chord, ...]
    cents: float
    sample_rate: int
    frames: int

    @property
    def step(self) -> float:
        """Seconds per sixteenth."""
        return 60.0 / self.tempo_bpm / 4

    def at(self, bar: int, step: int) -> int:
        """The frame in which a sixteenth begins."""
        return round((bar * _STEPS_PER_BAR + step) * self.step * self.sample_rate)

    def hertz(self, midi: float) -> float:
        """The frequency of a MIDI note under this song's tuning."""
        return float(440.0 * 2 ** ((midi - 69 + self.cents / 100) / 12))


def compose(
    *,
    tempo_bpm: float = 120.0,
    tonic: int = 0,
    mode: Mode = "major",
    seconds: float = 30.0,
    sample_rate: int = 44_100,
    channels: int = 2,
    seed: int = 0,
    cents: float = 0.0,
) -> Song:
    """Compose a song of `round(seconds * sample_rate)` frames in 1 or 2 channels.

    `cents` detunes every pitched part from A = 440 Hz; drums stay. The first beat falls on the first frame.

    Raises:
        ValueError: if the tempo is not 30-300 BPM, the tonic not 0-11, there is no length, or there are
            neither 1 nor 2 channels.
    """
    if not 30 <= tempo_bpm <= 300 or not 0 <= tonic <= 11 or seconds <= 0 or channels not in (1, 2):
        raise ValueError("a song has 30-300 BPM, a tonic of 0-11, a length, and 1 or 2 channels")
    rng = np.random.default_rng(seed)
    chords = _harmony(rng, tempo_bpm, tonic, mode, seconds)
    score = _Score(tempo_bpm, tonic, mode, chords, cents, sample_rate, round(seconds * sample_rate))
    players: Mapping[str, Callable[[np.random.Generator, _Score], Signal]] = {
        "drums": _play_drums,
        "bass": _play_bass,
        "chords": _play_chords,
        "lead": _play_lead,
    }
    stems = {name: play(rng, score) for name, play in players.items()}
    return _finish(stems, score, channels, seconds)


def write(pcm: Pcm, sample_rate: int, path: Path) -> Path:
    """Write PCM (frames, channels) to `path`; the suffix decides: .wav and .flac in 24 bits, .mp3 (V0), .ogg.

    Raises:
        ValueError: if the suffix is none of these.
    """
    formats: Mapping[str, dict[str, object]] = {
        ".wav": {"format": "WAV", "subtype": "PCM_24"},
        ".flac": {"format": "FLAC", "subtype": "PCM_24"},
        ".mp3": {"format": "MP3", "bitrate_mode": "VARIABLE", "compression_level": 0.0},
        ".ogg": {"format": "OGG", "subtype": "VORBIS"},
    }
    if path.suffix not in formats:
        raise ValueError(f"{path.name}: songs are written as {', '.join(formats)}")
    with soundfile.SoundFile(path, "w", samplerate=sample_rate, channels=pcm.shape[1], **formats[path.suffix]) as out:
        for start in range(0, len(pcm), _WRITE_FRAMES):
            out.write(pcm[start : start + _WRITE_FRAMES])
    return path


def _harmony(rng: np.random.Generator, tempo_bpm: float, tonic: int, mode: Mode, seconds: float) -> tuple[Chord, ...]:
    """One chord per bar: a four-bar loop until the song is over."""
    loop = _choose(rng, _PROGRESSIONS[mode])
    bar = 60.0 / tempo_bpm * _BEATS_PER_BAR
    count = int(np.ceil(seconds / bar - 1e-9))
    return tuple(
        Chord(n * bar, min((n + 1) * bar, seconds), (tonic + loop[n % 4][0]) % 12, loop[n % 4][1]) for n in range(count)
    )


def _finish(stems: Mapping[str, Signal], score: _Score, channels: int, seconds: float) -> Song:
    """Bring the stems to the asked channels and to a common level, and write down the truth."""
    fade = min(score.frames, score.sample_rate // 20)
    end = np.ones((score.frames, 1))
    end[score.frames - fade :, 0] = np.linspace(1.0, 0.0, fade)
    shaped = {n: s * end if channels == 2 else s.mean(axis=1, keepdims=True) * end for n, s in stems.items()}
    peak = float(np.abs(np.sum(list(shaped.values()), axis=0)).max())
    pcm = {name: (stem * (_PEAK / peak)).astype(np.float32) for name, stem in shaped.items()}
    mix: Pcm = np.asarray(np.sum(list(pcm.values()), axis=0), np.float32)
    beat = 60.0 / score.tempo_bpm
    beats = tuple(n * beat for n in range(int(np.ceil(seconds / beat - 1e-9))))
    truth = Truth(score.tempo_bpm, score.tonic, score.mode, beats, beats[::_BEATS_PER_BAR], score.chords)
    return Song(mix, pcm, score.sample_rate, truth)


# --- players ---


def _play_drums(rng: np.random.Generator, score: _Score) -> Signal:
    """Kick, snare and hi-hat; a fill in every fourth bar."""
    rate = score.sample_rate
    kick, snare, hat = _kick(rate), _snare(rng, rate), _hat(rng, rate)
    kicks, hats = _choose(rng, _KICKS), _choose(rng, _HATS)
    out = np.zeros((score.frames, 2))
    for bar in range(len(score.chords)):
        snares = _FILL if bar % 4 == 3 else _SNARE
        for pattern, sound, level, pan in (
            (kicks, kick, 1.0, 0.0),
            (snares, snare, 0.7, 0.0),
            (hats, hat, 0.3, 0.3),
        ):
            for step, weight in _strikes(pattern):
                velocity = level * weight * rng.uniform(0.9, 1.0)
                _add(out, score.at(bar, step), sound * velocity, pan)
    return out


def _play_bass(rng: np.random.Generator, score: _Score) -> Signal:
    """Roots, with the fifth for the last note of a bar; round, without much above 1 kHz."""
    pattern = _choose(rng, _BASSES)
    out = np.zeros((score.frames, 2))
    for bar, chord in enumerate(score.chords):
        strikes = _strikes(pattern)
        for n, (step, weight) in enumerate(strikes):
            following = strikes[n + 1][0] if n + 1 < len(strikes) else _STEPS_PER_BAR
            midi = 28 + (chord.root - 28) % 12 + (7 if n and n == len(strikes) - 1 else 0)
            length = (following - step) * score.step * 0.92
            note = _pluck(score.hertz(midi), length, score.sample_rate, partials=7, tilt=1.3, ring=1.2)
            _add(out, score.at(bar, step), 0.9 * weight * note, 0.0)
    return out


def _play_chords(rng: np.random.Generator, score: _Score) -> Signal:
    """An electric piano in close position, one voice to the left, one to the right, in a little room."""
    pattern = _choose(rng, _COMPS)
    out = np.zeros((score.frames, 2))
    for bar, chord in enumerate(score.chords):
        strikes = _strikes(pattern)
        for n, (step, weight) in enumerate(strikes):
            following = strikes[n + 1][0] if n + 1 < len(strikes) else _STEPS_PER_BAR
            length = (following - step) * score.step
            for interval, pan in zip(_INTERVALS[chord.quality], (0.0, -0.6, 0.6), strict=True):
                midi = 55 + (chord.root + interval - 55) % 12
                note = _pluck(score.hertz(midi), length, score.sample_rate, partials=9, tilt=1.1, ring=1.5)
                _add(out, score.at(bar, step), 0.42 * weight * note, pan)
    return _reverberate(out, score.sample_rate, rng, wet=0.25)


def _play_lead(rng: np.random.Generator, score: _Score) -> Signal:
    """A hummed melody: two bars of phrase, chord notes on strong beats, steps of the scale between."""
    out = np.zeros((score.frames, 2))
    scale = [60 + n for n in range(-3, 17) if (n - score.tonic) % 12 in _SCALES[score.mode]]
    place = len(scale) // 2
    for bar, chord in enumerate(score.chords):
        for beat, beats in _phrase(rng, breathe=bar % 2 == 1):
            place = int(np.clip(place + rng.integers(-2, 3), 1, len(scale) - 2))
            if beat % 2 == 0:
                place = _nearest_chord_note(scale, place, chord)
            length = beats * 4 * score.step * 0.95
            note = _hum(rng, score.hertz(scale[place]), length, score.sample_rate)
            _add(out, score.at(bar, round(beat * 4)), 0.8 * note, 0.0)
    return _reverberate(out, score.sample_rate, rng, wet=0.2)


def _phrase(rng: np.random.Generator, *, breathe: bool) -> list[tuple[float, float]]:
    """One bar of melody as (beat, length in beats); a bar that breathes ends early."""
    rhythms = (
        ((0, 1.0), (1, 0.5), (1.5, 0.5), (2, 1.0), (3, 1.0)),
        ((0, 1.5), (1.5, 0.5), (2, 2.0)),
        ((0, 0.5), (0.5, 0.5), (1, 1.0), (2, 0.5), (2.5, 1.5)),
    )
    notes = rhythms[int(rng.integers(len(rhythms)))]
    return [(beat, length) for beat, length in notes if not breathe or beat < 2.5]


def _nearest_chord_note(scale: Sequence[int], place: int, chord: Chord) -> int:
    tones = {(chord.root + interval) % 12 for interval in _INTERVALS[chord.quality]}
    places = [n for n, midi in enumerate(scale) if midi % 12 in tones]
    return min(places, key=lambda n: abs(n - place)) if places else place


# --- instruments: each returns mono float64, about 1 at its loudest ---


def _kick(rate: int) -> Signal:
    t = np.arange(round(0.25 * rate)) / rate
    sweep = 48 * t + 110 / 28 * (1 - np.exp(-28 * t))  # falls from 158 to 48 Hz
    body: Signal = np.sin(2 * np.pi * sweep) * np.exp(-14 * t)
    return body * _edges(len(t), rate, attack=0.0008)


def _snare(rng: np.random.Generator, rate: int) -> Signal:
    t = np.arange(round(0.2 * rate)) / rate
    rattle = np.diff(rng.standard_normal(len(t) + 1)) * 0.35 * np.exp(-22 * t)
    body: Signal = np.sin(2 * np.pi * 185 * t) * np.exp(-30 * t) * 0.6 + rattle
    return body * _edges(len(t), rate, attack=0.0005)


def _hat(rng: np.random.Generator, rate: int) -> Signal:
    t = np.arange(round(0.06 * rate)) / rate
    hiss: Signal = np.diff(rng.standard_normal(len(t) + 2), n=2) * 0.35 * np.exp(-70 * t)
    return hiss * _edges(len(t), rate, attack=0.0003)


def _pluck(hertz: float, seconds: float, rate: int, *, partials: int, tilt: float, ring: float) -> Signal:
    """A struck string: partials fall off by `n ** -tilt`, the high ones die sooner."""
    t = np.arange(max(1, round(seconds * rate))) / rate
    out = np.zeros(len(t))
    for n in range(1, partials + 1):
        if n * hertz < 0.45 * rate:
            out += np.sin(2 * np.pi * n * hertz * t) * n**-tilt * np.exp(-ring * n**0.6 * t)
    return out * 0.6 * _edges(len(t), rate, attack=0.004, release=0.03)


def _hum(rng: np.random.Generator, hertz: float, seconds: float, rate: int) -> Signal:
    """A voice on a vowel: partials under three formants, a vibrato that sets in late, a breath of noise."""
    t = np.arange(max(1, round(seconds * rate))) / rate
    depth = 0.012 * np.clip((t - 0.2) / 0.3, 0, 1)
    scoop = -0.03 * np.exp(-t / 0.03)  # singers reach a note from below
    phase = 2 * np.pi * np.cumsum(hertz * (1 + depth * np.sin(2 * np.pi * 5.4 * t) + scoop)) / rate
    formants = _choose(rng, ((730, 1090, 2440), (570, 840, 2410), (530, 1840, 2480)))
    out = 0.01 * rng.standard_normal(len(t))
    for n in range(1, 1 + int(min(0.45 * rate, 4000) // hertz)):
        weight = sum(g / (1 + ((n * hertz - f) / 110) ** 2) for f, g in zip(formants, (1, 0.5, 0.2), strict=True))
        out += (weight + 0.25 / n) * np.sin(n * phase) / n**0.3
    return out * 0.5 * _edges(len(t), rate, attack=0.03, release=0.06)


# --- sound ---


def _choose(rng: np.random.Generator, options: Sequence[_Option]) -> _Option:
    return options[int(rng.integers(len(options)))]


def _strikes(pattern: str) -> list[tuple[int, float]]:
    """(step, weight) of every struck sixteenth of a pattern."""
    return [(step, {"x": 1.0, "o": 0.5}[mark]) for step, mark in enumerate(pattern) if mark != "."]


def _edges(frames: int, rate: int, *, attack: float, release: float = 0.01) -> Signal:
    """An envelope of ones with a linear start and end of the given seconds, so that nothing clicks."""
    n = np.arange(frames)
    rise = np.minimum(1.0, (n + 1) / max(1.0, attack * rate))
    fall = np.minimum(1.0, (frames - n) / max(1.0, release * rate))
    envelope: Signal = rise * fall
    return envelope


def _add(out: Signal, start: int, note: Signal, pan: float) -> None:
    """Add a mono note to a stereo track at constant power, cut off where the song ends."""
    note = note[: max(0, len(out) - start)]
    angle = (pan + 1) * np.pi / 4
    out[start : start + len(note), 0] += note * np.cos(angle)
    out[start : start + len(note), 1] += note * np.sin(angle)


def _reverberate(dry: Signal, rate: int, rng: np.random.Generator, *, wet: float) -> Signal:
    """A room of 0.6 s: decaying noise per channel, convolved block by block, so that long songs fit."""
    length = round(0.6 * rate)
    decay = np.exp(-6.9 * np.arange(length) / length)[:, None]
    room = rng.standard_normal((length, 2)) * decay
    room /= np.sqrt(np.sum(room**2, axis=0))
    size = 1 << 18
    block = size - length
    spectrum = np.fft.rfft(room, size, axis=0)
    out = np.concatenate([dry, np.zeros((length, 2))])
    for start in range(0, len(dry), block):
        part = np.fft.irfft(np.fft.rfft(dry[start : start + block], size, axis=0) * spectrum, axis=0)
        part = part[: len(out) - start]
        out[start : start + len(part)] += wet * part
    return out[: len(dry)]
