"""General MIDI sounds by fluidsynth, a program beside ours, where it and a soundfont are installed.

On Debian: `apt-get install fluidsynth fluid-soundfont-gm`. All stems are played in one run, one after the other.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from tests.songs.performing import Hit, Performance, Tone
from tests.songs.sounds import choose
from tests.songs.truth import Signal

__all__ = ["play", "soundfont"]

_FONTS: Final = (
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/sounds/sf2/default-GM.sf2",
    "/usr/share/sounds/sf2/TimGM6mb.sf2",
)
_TICKS: Final = 2000  # a second: half a millisecond each
_GAP: Final = 3  # seconds between two stems, in which the first rings out
_DRUM_CHANNEL: Final = 9
_SECONDS: Final = 120.0

_DRUMS: Final = {
    "kick": 36, "snare": 38, "rim": 37, "clap": 39, "tom": 45, "conga": 63, "hat": 42, "open": 46, "ride": 51, "crash": 49,
    "shaker": 70, "tambourine": 54, "bell": 56,
}  # fmt: skip
# Programs counted from 0. Only those which FluidR3 has within about two cents of their pitch, so that the truth is true.
_KITS: Final = (0, 8, 16, 24, 25, 32, 40)
_BASSES: Final = (32, 33, 34, 35, 36, 38)
_HELD: Final = (16, 17, 18, 20, 61)
_COMPS: Final = (0, 4, 6, 11, 12, 16, 18, 24, 25, 27, 46, 61)
_LEADS: Final = (11, 22, 27, 56, 59, 71, 79)
_SPEAKS: Final = 0.004  # seconds from a drum's note to its sound; the shaker takes longer
_SHAKER_SPEAKS: Final = 0.013

Event = tuple[int, bytes]


@cache
def soundfont() -> Path | None:
    """The installed soundfont; None if there is none, or no fluidsynth."""
    fonts = [Path(font) for font in _FONTS if Path(font).is_file()]
    return fonts[0] if fonts and shutil.which("fluidsynth") else None


def play(performance: Performance, frames: int, rate: int, font: Path, rng: np.random.Generator) -> dict[str, Signal]:
    """Every stem of a performance, float64 (frames, 1), dry."""
    programs = {
        "bass": choose(rng, _BASSES),
        "chords": choose(rng, _HELD if performance.recipe.comp == "pad" else _COMPS),
        "lead": choose(rng, _LEADS),
        "drums": choose(rng, _KITS),
    }
    names = [*performance.tones, *(["drums"] if performance.hits else [])]
    period = int(np.ceil(performance.seconds)) + _GAP
    events = [
        event for n, name in enumerate(names) for event in _stem(n, name, programs[name], n * period, performance)
    ]
    sound = _synthesised(_midi_file(events), rate, font)
    return {name: _cut(sound, n * period * rate, frames) for n, name in enumerate(names)}


def _cut(sound: Signal, start: int, frames: int) -> Signal:
    """A piece of a recording, silent where that is over."""
    piece = sound[start : start + frames]
    return np.pad(piece, ((0, frames - len(piece)), (0, 0)))


def _stem(channel: int, name: str, program: int, late: int, performance: Performance) -> Iterator[Event]:
    if name == "drums":
        yield 0, bytes([0xC0 | _DRUM_CHANNEL, program])
        yield from _strokes(performance.hits, late)
        return
    yield 0, bytes([0xC0 | channel, program])
    yield from ((0, message) for message in _detuned(channel, performance.recipe.cents))
    yield from _notes(channel, performance.tones[name], late)


def _detuned(channel: int, cents: float) -> Iterator[bytes]:
    """Registered parameter 1, fine tuning: 8192 steps to a semitone."""
    value = 8192 + round(cents / 100 * 8192)
    for controller, setting in ((101, 0), (100, 1), (6, value >> 7), (38, value & 127)):
        yield bytes([0xB0 | channel, controller, setting])


def _notes(channel: int, tones: Sequence[Tone], late: int) -> Iterator[Event]:
    """Notes; one that is struck again ends just before."""
    struck: dict[int, float] = {}
    for tone in reversed(tones):
        end = min(tone.start + tone.seconds, struck.get(tone.midi, np.inf) - 0.005)
        struck[tone.midi] = tone.start
        yield _tick(late + tone.start), bytes([0x90 | channel, tone.midi, _velocity(tone.velocity)])
        yield _tick(late + max(end, tone.start + 0.02)), bytes([0x80 | channel, tone.midi, 0])


def _strokes(hits: Sequence[Hit], late: int) -> Iterator[Event]:
    for hit in hits:
        struck = late + max(0.0, hit.start - (_SHAKER_SPEAKS if hit.drum == "shaker" else _SPEAKS))
        yield _tick(struck), bytes([0x90 | _DRUM_CHANNEL, _DRUMS[hit.drum], _velocity(hit.velocity)])
        yield _tick(struck + 0.05), bytes([0x80 | _DRUM_CHANNEL, _DRUMS[hit.drum], 0])


def _tick(seconds: float) -> int:
    return round(seconds * _TICKS)


def _velocity(share: float) -> int:
    return int(np.clip(30 + 90 * share, 1, 127))


def _midi_file(events: Sequence[Event]) -> bytes:
    """A Standard MIDI File of format 0, in which a quarter of half a second has a thousand ticks."""
    track, at = bytearray(b"\x00\xff\x51\x03" + (500_000).to_bytes(3, "big")), 0
    for tick, message in sorted(events, key=lambda event: (event[0], event[1][0] & 0xF0 == 0x90)):
        track += _length(tick - at) + message
        at = tick
    track += b"\x00\xff\x2f\x00"
    header = b"MThd" + (6).to_bytes(4, "big") + b"\x00\x00\x00\x01" + (_TICKS // 2).to_bytes(2, "big")
    return header + b"MTrk" + len(track).to_bytes(4, "big") + bytes(track)


def _length(ticks: int) -> bytes:
    """A variable-length quantity: seven bits a byte, the highest first."""
    parts = [ticks & 127]
    while ticks := ticks >> 7:
        parts.append(ticks & 127 | 128)
    return bytes(reversed(parts))


def _synthesised(midi: bytes, rate: int, font: Path) -> Signal:
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder) / "song.mid", Path(folder) / "song.wav"
        score.write_bytes(midi)
        words = ["-n", "-i", "-q", "-R", "0", "-C", "0", "-g", "0.4", "-r", str(rate), "-O", "float", "-T", "wav"]
        words += ["-o", "synth.dynamic-sample-loading=1", "-F", str(sound), str(font), str(score)]
        subprocess.run(["fluidsynth", *words], check=True, capture_output=True, timeout=_SECONDS)
        pcm, _rate = soundfile.read(sound, dtype="float32", always_2d=True)
    played: Signal = (pcm[:, :1] + pcm[:, 1:]).astype(np.float64)
    return played
