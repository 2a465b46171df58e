"""The two songs of a demo: a person's own, or synthesised ones about which everything is known."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Song", "Truth", "chosen", "synthesised"]

_SECONDS: Final = 30.0


@dataclass(frozen=True)
class Truth:
    """What was put into a synthesised song."""

    tempo_bpm: float
    key: str
    duration_seconds: float


@dataclass(frozen=True)
class Song:
    """A song by the letter that a stem expression calls it."""

    letter: str
    path: Path
    truth: Truth | None = None


def chosen(a: Path, b: Path) -> tuple[Song, Song]:
    """Return a person's own songs."""
    return Song("a", a), Song("b", b)


def synthesised(folder: Path) -> tuple[Song, Song]:
    """Write two songs of different tempi and keys."""
    # Only here: whoever brings songs does not wait for numpy. The tests' songs come with the repository, as this does.
    from tests.songs import compose, write

    songs = []
    for letter, tempo, tonic, seed in (("a", 96.0, 9, 3), ("b", 124.0, 4, 7)):
        song = compose(tempo_bpm=tempo, tonic=tonic, mode="minor", seconds=_SECONDS, seed=seed)
        path = write(song.mix, song.sample_rate, folder / f"song {letter.upper()}.flac")
        songs.append(Song(letter, path, Truth(song.truth.tempo_bpm, song.truth.key, _SECONDS)))
    return songs[0], songs[1]
