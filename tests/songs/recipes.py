"""What kind of song is to be composed: drawn from a seed, so that a set of songs holds music of all kinds.

Even seeds are for tuning an analysis, odd ones for reporting on it; both are drawn alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tests.songs.grooves import GROOVES, Groove
from tests.songs.sounds import choose
from tests.songs.truth import Mode

__all__ = ["Recipe", "draw_recipe"]

TempoShape = Literal["steady", "drift", "ramp", "step"]
ChordRhythm = Literal["bar", "two bars", "half", "uneven", "anticipated"]
Intro = Literal["full", "sparse", "drums"]
Lead = Literal["voice", "instrument", "none"]
Sounds = Literal["plain", "gm"]

_SLOWEST, _FASTEST = 58.0, 192.0  # BPM
_OFF_THE_BEAT: Final = ("offbeats", "skank", "oom-pah-pah")  # chords that need a bass on the beat
_GROOVES_BY_METRE: Final = {
    metre: tuple(groove for groove in GROOVES.values() if groove.metre == metre) for metre in ((4, 4), (3, 4), (6, 8))
}


@dataclass(frozen=True)
class Recipe:
    """The traits of a song; every one of them shows in its truth.

    Attributes:
        bpm: the notated beat's tempo where the song begins, 60-190.
        tempo_shape, tempo_change: how the tempo goes: `drift` wanders by about the given share, `ramp` ends and `step`
            goes on at the given ratio.
        groove: one of GROOVES by name; it brings the metre.
        drums: whether there are any; without them the groove only says how the others play.
        swing: the share of a beat that its first half takes.
        looseness: standard deviation of the players' timing, in milliseconds.
        modulation: semitones up by which the key moves; 0 for none.
        pickup: beats before the first downbeat.
        sounds: `gm` uses fluidsynth where it is installed, and plain synthesis where it is not.
        drums_db: level of the drums against the band; `wet`: reverberation; `lead_silence`: seconds before the first sound.
    """

    bpm: float
    tempo_shape: TempoShape
    tempo_change: float
    groove: str
    drums: bool
    swing: float
    looseness: float
    tonic: int
    mode: Mode
    cents: float
    modulation: int
    sevenths: bool
    borrowed: bool
    chord_rhythm: ChordRhythm
    comp: str
    bass: bool
    lead: Lead
    pickup: int
    intro: Intro
    breakdown: bool
    sounds: Sounds
    drums_db: float
    wet: float
    lead_silence: float
    seconds: float

    @property
    def style(self) -> Groove:
        """The groove itself."""
        return GROOVES[self.groove]

    @property
    def metre(self) -> tuple[int, int]:
        """The time signature."""
        return self.style.metre

    @property
    def beats_per_bar(self) -> int:
        """In 6/8 two dotted quarters."""
        return 2 if self.metre == (6, 8) else self.metre[0]

    @property
    def steps_per_beat(self) -> int:
        """Of the patterns: sixteenths."""
        return 6 if self.metre == (6, 8) else 4


def draw_recipe(seed: int) -> Recipe:
    """The recipe that belongs to a seed."""
    rng = np.random.default_rng([seed, 1])
    groove, bpm = _draw_groove(rng)
    shape, change = _draw_tempo_shape(rng)
    drums = bool(rng.random() < 0.8)
    comp = choose(rng, groove.comps if drums else tuple(c for c in groove.comps if c != "pad"))
    lead: Lead = choose(rng, ("voice", "voice", "voice", "instrument", "instrument", "none"))
    pickups = (0, 0, 0, 1) if groove.metre == (6, 8) else (0, 0, 0, 1, 2)
    return Recipe(
        bpm=bpm,
        tempo_shape=shape,
        tempo_change=_playable(bpm, shape, change),
        groove=groove.name,
        drums=drums,
        swing=float(rng.uniform(*groove.swing)),
        looseness=float(choose(rng, (0.0, 3.0, 6.0, 9.0))),
        tonic=int(rng.integers(12)),
        mode=choose(rng, ("major", "minor")),
        cents=float(rng.uniform(-40, 40)) if rng.random() < 0.6 else 0.0,
        modulation=int(choose(rng, (1, 2, 3, 5, 7, 10))) if rng.random() < 0.2 else 0,
        sevenths=bool(rng.random() < 0.35),
        borrowed=bool(rng.random() < 0.3),
        chord_rhythm=_draw_chord_rhythm(rng, groove, drums=drums),
        comp=comp,
        bass=comp in _OFF_THE_BEAT or bool(rng.random() < 0.9),
        lead=lead,
        pickup=choose(rng, pickups) if lead != "none" else 0,
        intro=choose(rng, ("full", "full", "full", "sparse", "sparse", "drums" if drums else "sparse")),
        breakdown=bool(rng.random() < 0.2),
        sounds=choose(rng, ("plain", "gm")),
        drums_db=float(rng.uniform(-9, 5)),
        wet=float(rng.uniform(0.05, 0.4)),
        lead_silence=float(choose(rng, (0.0, rng.uniform(0.1, 1.5)))),
        seconds=float(rng.uniform(32, 44)),
    )


def _draw_groove(rng: np.random.Generator) -> tuple[Groove, float]:
    """A groove and its tempo: all the tempi of a metre are equally likely, whatever the number of styles that fit."""
    grooves = _GROOVES_BY_METRE[choose(rng, ((4, 4), (4, 4), (4, 4), (3, 4), (6, 8)))]
    slowest, fastest = min(groove.tempi[0] for groove in grooves), max(groove.tempi[1] for groove in grooves)
    bpm = float(rng.uniform(slowest, fastest))
    return choose(rng, [groove for groove in grooves if groove.tempi[0] <= bpm <= groove.tempi[1]]), bpm


def _draw_tempo_shape(rng: np.random.Generator) -> tuple[TempoShape, float]:
    shape: TempoShape = choose(rng, ("steady", "steady", "steady", "drift", "drift", "ramp", "step"))
    changes = {
        "steady": 1.0,
        "drift": float(rng.uniform(0.01, 0.03)),
        "ramp": float(choose(rng, (rng.uniform(0.85, 0.94), rng.uniform(1.06, 1.18)))),
        "step": float(choose(rng, (rng.uniform(0.78, 0.92), rng.uniform(1.08, 1.25)))),
    }
    return shape, changes[shape]


def _playable(bpm: float, shape: TempoShape, change: float) -> float:
    """What is at 190 BPM does not speed up, nor what is at 60 slow down: it goes the other way."""
    leaves = shape in ("ramp", "step") and not _SLOWEST <= bpm * change <= _FASTEST
    return 1 / change if leaves else change


def _draw_chord_rhythm(rng: np.random.Generator, groove: Groove, *, drums: bool) -> ChordRhythm:
    """Fast music changes chords less often; what nobody plays the beat against cannot be ahead of it."""
    slow = groove.tempi[0] < 100
    rhythms: tuple[ChordRhythm, ...] = ("bar", "bar", "half" if slow else "two bars", "uneven", "anticipated")
    rhythm = choose(rng, rhythms)
    return "bar" if rhythm == "anticipated" and not drums else rhythm
