"""A loop with exact truth: four stems over four bars of chords in 4/4, at one tempo and in one key.

Drums, bass, chords and a lead that hums. The mix is the sum of the stems, sample by sample. The same arguments give
the same samples. It needs numpy alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.songs import sounds
from tests.songs.sounds import choose, hum, place, pluck, reverberate, strikes
from tests.songs.truth import Chord, Mode, Pcm, Signal, Song, Truth

__all__ = ["compose"]

_BEATS_PER_BAR: Final = 4
_STEPS_PER_BAR: Final = 16
_PEAK: Final = 0.8  # of the mix; the stems are scaled with it, so that they still sum to it

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


def _harmony(rng: np.random.Generator, tempo_bpm: float, tonic: int, mode: Mode, seconds: float) -> tuple[Chord, ...]:
    """One chord per bar: a four-bar loop until the song is over."""
    loop = choose(rng, _PROGRESSIONS[mode])
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
    kick, snare, hat = sounds.kick(rate), sounds.snare(rng, rate), sounds.hat(rng, rate)
    kicks, hats = choose(rng, _KICKS), choose(rng, _HATS)
    out = np.zeros((score.frames, 2))
    for bar in range(len(score.chords)):
        snares = _FILL if bar % 4 == 3 else _SNARE
        for pattern, sound, level, pan in (
            (kicks, kick, 1.0, 0.0),
            (snares, snare, 0.7, 0.0),
            (hats, hat, 0.3, 0.3),
        ):
            for step, weight in strikes(pattern):
                velocity = level * weight * rng.uniform(0.9, 1.0)
                place(out, score.at(bar, step), sound * velocity, pan)
    return out


def _play_bass(rng: np.random.Generator, score: _Score) -> Signal:
    """Roots, with the fifth for the last note of a bar; round, without much above 1 kHz."""
    pattern = choose(rng, _BASSES)
    out = np.zeros((score.frames, 2))
    for bar, chord in enumerate(score.chords):
        struck = strikes(pattern)
        for n, (step, weight) in enumerate(struck):
            following = struck[n + 1][0] if n + 1 < len(struck) else _STEPS_PER_BAR
            midi = 28 + (chord.root - 28) % 12 + (7 if n and n == len(struck) - 1 else 0)
            length = (following - step) * score.step * 0.92
            note = pluck(score.hertz(midi), length, score.sample_rate, partials=7, tilt=1.3, ring=1.2)
            place(out, score.at(bar, step), 0.9 * weight * note, 0.0)
    return out


def _play_chords(rng: np.random.Generator, score: _Score) -> Signal:
    """An electric piano in close position, one voice to the left, one to the right, in a little room."""
    pattern = choose(rng, _COMPS)
    out = np.zeros((score.frames, 2))
    for bar, chord in enumerate(score.chords):
        struck = strikes(pattern)
        for n, (step, weight) in enumerate(struck):
            following = struck[n + 1][0] if n + 1 < len(struck) else _STEPS_PER_BAR
            length = (following - step) * score.step
            for interval, pan in zip(_INTERVALS[chord.quality], (0.0, -0.6, 0.6), strict=True):
                midi = 55 + (chord.root + interval - 55) % 12
                note = pluck(score.hertz(midi), length, score.sample_rate, partials=9, tilt=1.1, ring=1.5)
                place(out, score.at(bar, step), 0.42 * weight * note, pan)
    return reverberate(out, score.sample_rate, rng, wet=0.25)


def _play_lead(rng: np.random.Generator, score: _Score) -> Signal:
    """A hummed melody: two bars of phrase, chord notes on strong beats, steps of the scale between."""
    out = np.zeros((score.frames, 2))
    scale = [60 + n for n in range(-3, 17) if (n - score.tonic) % 12 in _SCALES[score.mode]]
    degree = len(scale) // 2
    for bar, chord in enumerate(score.chords):
        for beat, beats in _phrase(rng, breathe=bar % 2 == 1):
            degree = int(np.clip(degree + rng.integers(-2, 3), 1, len(scale) - 2))
            if beat % 2 == 0:
                degree = _nearest_chord_note(scale, degree, chord)
            length = beats * 4 * score.step * 0.95
            note = hum(rng, score.hertz(scale[degree]), length, score.sample_rate)
            place(out, score.at(bar, round(beat * 4)), 0.8 * note, 0.0)
    return reverberate(out, score.sample_rate, rng, wet=0.2)


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
