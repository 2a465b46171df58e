"""More instruments by plain synthesis: pitched ones by the harmonic series, drums by noise and falling sines.

Each returns mono float64, about 1 at its loudest, and begins within a millisecond or two, except the pad.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from tests.songs.sounds import edges, hat, kick, pluck, snare
from tests.songs.truth import Signal

__all__ = ["BASSES", "COMPS", "LEADS", "Instrument", "kit"]

Instrument = Callable[[float, float, int], Signal]
"""A frequency in Hz, seconds and a sample rate become sound."""


def harmonics(hertz: float, seconds: float, rate: int, weights: tuple[float, ...]) -> Signal:
    """A steady tone of the given weights of its first partials, as the powers of one rotating phasor."""
    turn = np.exp(2j * np.pi * hertz / rate * np.arange(max(1, round(seconds * rate))))
    out, power = np.zeros(len(turn)), np.ones(len(turn), complex)
    for n, weight in enumerate(weights, 1):
        power *= turn
        if n * hertz < 0.45 * rate:
            out += weight * power.imag
    return out / sum(weights)


def _shaped(attack: float, release: float, decay: float, weights: tuple[float, ...]) -> Instrument:
    def play(hertz: float, seconds: float, rate: int) -> Signal:
        tone = harmonics(hertz, seconds, rate, weights)
        fading: Signal = 1.6 * tone * np.exp(-decay * np.arange(len(tone)) / rate)
        return fading * edges(len(tone), rate, attack=attack, release=release)

    return play


def _struck(partials: int, tilt: float, ring: float) -> Instrument:
    return lambda hertz, seconds, rate: pluck(hertz, seconds, rate, partials=partials, tilt=tilt, ring=ring)


def _brass(hertz: float, seconds: float, rate: int) -> Signal:
    """Brightens as it swells."""
    dark, bright = (harmonics(hertz, seconds, rate, tuple(n**-tilt for n in range(1, 11))) for tilt in (2.2, 0.8))
    swell: Signal = np.minimum(1.0, np.arange(len(dark)) / (0.06 * rate))
    tone: Signal = dark * (1 - swell) + bright * swell
    return tone * edges(len(dark), rate, attack=0.02, release=0.05)


def _bell(hertz: float, seconds: float, rate: int) -> Signal:
    """A bar struck with a mallet: its overtones are two octaves and, quickly gone, nearly three and a half above."""
    t = np.arange(max(1, round((seconds + 0.5) * rate))) / rate
    out = np.zeros(len(t))
    for ratio, weight, ring in ((1.0, 1.0, 2.5), (4.0, 0.35, 6.0), (10.8, 0.15, 25.0)):
        if ratio * hertz < 0.45 * rate:
            out += weight * np.sin(2 * np.pi * ratio * hertz * t) * np.exp(-ring * t)
    return out * edges(len(t), rate, attack=0.002, release=0.05)


_ORGAN: Final = _shaped(0.006, 0.03, 0.0, (1.0, 0.8, 0.6, 0.5, 0.0, 0.3, 0.0, 0.25))
_PAD: Final = _shaped(0.12, 0.2, 0.0, tuple(n**-1.3 for n in range(1, 9)))
_REED: Final = _shaped(0.025, 0.05, 0.3, (1.0, 0.3, 0.7, 0.25, 0.4, 0.1, 0.2))

COMPS: Final[Mapping[str, Instrument]] = {
    "electric piano": _struck(9, 1.1, 1.5),
    "guitar": _struck(12, 0.8, 3.0),
    "harp": _struck(6, 1.6, 2.0),
    "organ": _ORGAN,
    "pad": _PAD,
    "brass": _brass,
    "bells": _bell,
}
"""What plays chords, by name."""

BASSES: Final[Mapping[str, Instrument]] = {
    "fingered": _struck(7, 1.3, 1.2),
    "picked": _struck(12, 0.9, 2.0),
    "synthetic": _shaped(0.004, 0.03, 0.5, tuple(1.0 / n for n in range(1, 9))),
    "sub": _shaped(0.008, 0.04, 0.2, (1.0, 0.25, 0.1)),
}
"""What plays the bass, by name."""

LEADS: Final[Mapping[str, Instrument]] = {
    "reed": _REED,
    "brass": _brass,
    "guitar": _struck(12, 0.7, 1.0),
    "bells": _bell,
}
"""What plays melodies and does not sing, by name."""


def kit(rng: np.random.Generator, rate: int) -> dict[str, Signal]:
    """A drum kit, tuned and damped by chance: one sound per drum."""
    hiss = hat(rng, rate)
    return {
        "kick": kick(rate) if rng.random() < 0.5 else _drum(rate, rng.uniform(45, 62), 2.2, rng.uniform(9, 22)),
        "snare": snare(rng, rate)
        if rng.random() < 0.5
        else _rattling(rng, rate, rng.uniform(160, 240), rng.uniform(14, 30)),
        "rim": _click(rate, rng.uniform(1200, 2100)),
        "clap": _clap(rng, rate),
        "tom": _drum(rate, rng.uniform(85, 130), 1.5, 9.0),
        "conga": _drum(rate, rng.uniform(190, 260), 1.15, 14.0),
        "hat": 1.2 * hiss,
        "open": _noise(rng, rate, 0.3, 14.0, 2),
        "ride": _ride(rng, rate),
        "crash": _noise(rng, rate, 1.6, 2.6, 1),
        "shaker": 0.8 * _noise(rng, rate, 0.08, 45.0, 2, attack=0.004),
        "tambourine": _noise(rng, rate, 0.12, 32.0, 2),
        "bell": _click(rate, rng.uniform(540, 820), 0.16, 22.0),
    }


def _drum(rate: int, hertz: float, bend: float, decay: float) -> Signal:
    """A skin: its pitch falls from `bend` times the frequency within a few hundredths of a second."""
    t = np.arange(round(0.35 * rate)) / rate
    sweep = hertz * (t + (bend - 1) / 35 * (1 - np.exp(-35 * t)))
    skin: Signal = np.sin(2 * np.pi * sweep) * np.exp(-decay * t)
    return skin * edges(len(t), rate, attack=0.0008)


def _noise(
    rng: np.random.Generator, rate: int, seconds: float, decay: float, order: int, attack: float = 0.0005
) -> Signal:
    """Noise that dies away; the order of its difference says how high it lies."""
    frames = round(seconds * rate)
    hiss: Signal = (
        np.diff(rng.standard_normal(frames + order), n=order) * 0.35 * np.exp(-decay * np.arange(frames) / rate)
    )
    return hiss * edges(frames, rate, attack=attack)


def _rattling(rng: np.random.Generator, rate: int, hertz: float, decay: float) -> Signal:
    noise = _noise(rng, rate, 0.25, decay, 1)
    skin = _drum(rate, hertz, 1.2, 28.0)[: len(noise)]
    return 0.6 * skin + noise


def _click(rate: int, hertz: float, seconds: float = 0.08, decay: float = 60.0) -> Signal:
    """Wood or metal: two partials that do not fit each other."""
    t = np.arange(round(seconds * rate)) / rate
    body: Signal = (
        (np.sin(2 * np.pi * hertz * t) + 0.5 * np.sin(2 * np.pi * 1.48 * hertz * t)) * np.exp(-decay * t) * 0.7
    )
    return body * edges(len(t), rate, attack=0.0005)


def _clap(rng: np.random.Generator, rate: int) -> Signal:
    """Hands that are not quite together."""
    out = np.zeros(round(0.22 * rate))
    for late in (0.0, 0.009, 0.018):
        burst = _noise(rng, rate, 0.2, 28.0, 1)
        at = round(late * rate)
        out[at : at + len(burst)] += burst[: len(out) - at]
    return 0.7 * out


def _ride(rng: np.random.Generator, rate: int) -> Signal:
    t = np.arange(round(0.5 * rate)) / rate
    ring = sum(np.sin(2 * np.pi * hertz * t + rng.uniform(0, 6)) for hertz in (3170, 4210, 5230, 6890)) / 8
    ping: Signal = ring * np.exp(-7 * t) * edges(len(t), rate, attack=0.0005)
    return ping + 0.6 * _noise(rng, rate, 0.5, 12.0, 2)
