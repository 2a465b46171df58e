"""Real music, of which nobody wrote down the truth: where independent ways of listening agree, and where not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import mir_eval
import numpy as np
import soundfile
from numpy.typing import NDArray

from bench.mir import independent, librosa_defaults
from tests.servers.real_music import RealMusicMissing, asc_music_mp3, musdb_clip
from tests.songs.scoring import Answer, events_f, key_name

__all__ = ["Opinion", "agreements", "disagreements", "listen_to_real_music", "shown_agreements"]

_INSTALLED: Final = Path("/usr/share/games/wesnoth")  # Debian's wesnoth-music
_SECONDS: Final = 45
_LEAST_SECONDS: Final = 5
_NEAR: Final = 0.04

Listen = Callable[[NDArray[np.float32], int], Answer]


@dataclass(frozen=True)
class Opinion:
    """What each way says of a file."""

    name: str
    answers: Mapping[str, Answer]


def listen_to_real_music(ours: Listen) -> Iterator[Opinion]:
    """Every real file that is here, 45 s from its first third, heard in three ways."""
    ways: dict[str, Listen] = {"ours": ours, "librosa": librosa_defaults.listen, "third": independent.listen}
    for file in _files():
        pcm, rate = _middle(file)
        yield Opinion(_name(file), {way: listen(pcm, rate) for way, listen in ways.items()})


def _files() -> Iterator[Path]:
    try:
        yield musdb_clip().flac
        yield from sorted(asc_music_mp3().parent.glob("*.mp3"))
    except RealMusicMissing as missing:
        print(missing)
    yield from sorted(file for file in _INSTALLED.glob("*/data/core/music/*.ogg") if _long_enough(file))


def _long_enough(file: Path) -> bool:
    return float(soundfile.info(file).duration) >= _LEAST_SECONDS


def _name(file: Path) -> str:
    return "Falcon 69 (MUSDB)" if file.name == "mix.flac" else file.stem


def _middle(file: Path) -> tuple[NDArray[np.float32], int]:
    info = soundfile.info(file)
    frames = min(info.frames, _SECONDS * info.samplerate)
    start = min(info.frames // 3, info.frames - frames)
    pcm, rate = soundfile.read(file, frames=frames, start=start, dtype="float32", always_2d=True)
    return pcm, rate


def agreements(opinions: Sequence[Opinion]) -> dict[str, dict[str, float | None]]:
    """How often, or how far, every two ways agree, by question and pair."""
    pairs = list(combinations(opinions[0].answers, 2))
    return {
        name: {f"{one} - {other}": _mean(agree, opinions, one, other) for one, other in pairs}
        for name, agree in _AGREEMENTS.items()
    }


def shown_agreements(title: str, found: Mapping[str, Mapping[str, float | None]]) -> str:
    """The agreements as a table."""
    pairs = next(iter(found.values()))
    lines = [title.ljust(32) + "".join(pair.rjust(18) for pair in pairs)]
    for name, row in found.items():
        lines.append(name.ljust(32) + "".join(("-" if f is None else f"{f:.2f}").rjust(18) for f in row.values()))
    return "\n".join(lines)


def disagreements(opinions: Sequence[Opinion]) -> list[str]:
    """A line for every file on which ours is not of both others' opinion."""
    return [line for opinion in opinions if (line := _disagreement(opinion))]


def _mean(
    agree: Callable[[Answer, Answer], float | None], opinions: Sequence[Opinion], one: str, other: str
) -> float | None:
    found = [agree(opinion.answers[one], opinion.answers[other]) for opinion in opinions]
    said = [figure for figure in found if figure is not None]
    return float(np.mean(said)) if said else None


def _tempo(one: Answer, other: Answer) -> float | None:
    if one.bpm is None or other.bpm is None:
        return None
    return float(abs(one.bpm / other.bpm - 1) <= _NEAR)


def _tempo_level(one: Answer, other: Answer) -> float | None:
    """As `_tempo`, whatever the metrical level."""
    if one.bpm is None or other.bpm is None:
        return None
    return float(any(abs(one.bpm / other.bpm / ratio - 1) <= _NEAR for ratio in (1, 2, 3, 1.5, 1 / 2, 1 / 3, 2 / 3)))


def _beats(one: Answer, other: Answer) -> float | None:
    return events_f(one.beats, other.beats) if one.beats and other.beats else None


def _key(one: Answer, other: Answer) -> float | None:
    return float(one.key == other.key) if one.key and other.key else None


def _key_weighted(one: Answer, other: Answer) -> float | None:
    if not one.key or not other.key:
        return None
    return float(mir_eval.key.weighted_score(key_name(*one.key), key_name(*other.key)))


_AGREEMENTS: Final[Mapping[str, Callable[[Answer, Answer], Any]]] = {
    "tempo (4 %)": _tempo,
    "tempo at any metrical level": _tempo_level,
    "beats, F (70 ms)": _beats,
    "key": _key,
    "key, weighted": _key_weighted,
}


def _disagreement(opinion: Opinion) -> str:
    ours, librosa, third = opinion.answers.values()
    parts = []
    if not _tempo(ours, librosa) or not _tempo(ours, third):
        mark = "*" if _tempo(librosa, third) else ""
        parts.append(
            "tempo " + " / ".join("-" if a.bpm is None else f"{a.bpm:.1f}" for a in (ours, librosa, third)) + mark
        )
    if not _key(ours, librosa) or not _key(ours, third):
        mark = "*" if _key(librosa, third) else ""
        parts.append(
            "key " + " / ".join("-" if a.key is None else key_name(*a.key) for a in (ours, librosa, third)) + mark
        )
    return f"  {opinion.name}: {'; '.join(parts)}" if parts else ""
