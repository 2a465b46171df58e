"""Songs through both ways of listening, in processes; what librosa said is kept, since it does not change."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from importlib import import_module
from itertools import count
from multiprocessing import get_context
from time import process_time
from typing import Any, Final

from bench.mir.collection import HOME, Pcm, Piece, generation
from tests.songs.scoring import Answer, Scores, of_analysis, score

__all__ = ["WHOLE", "Heard", "begin", "hear", "ours"]

_KEPT_VERSION: Final = 2  # of what is kept of librosa; counts up with bench/mir/librosa_defaults.py
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

WHOLE: Final = "bench.mir.ours:whole"
FIRST: Final = "bench.mir.ours:first"
"""What is heard without the chord network, which answers what librosa's defaults answer. Beside the whole analysis only."""

_slot: list[Any] = []  # holds this process's lock open


@dataclass(frozen=True)
class Heard:
    """A song, and per way ("ours", perhaps "first", "librosa") what it said and how right that was."""

    piece: Piece
    answers: dict[str, Answer]
    scores: dict[str, Scores]


def hear(pieces: Sequence[Piece], analysis: str, jobs: int, *, fresh: bool) -> Iterator[Heard]:
    """Every song by both ways, in order. `analysis` is "module:function", (pcm, rate) -> findings.Analysis."""
    work = [(piece, analysis, fresh) for piece in pieces]
    os.environ.update(dict.fromkeys(_THREADS, "1"))  # read when the processes load numpy
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=begin) as pool:
        yield from pool.map(_hear_one, work)


def begin() -> None:
    """Take a numba cache that no other process is writing."""
    for number in count():
        folder = HOME / "numba" / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        _slot.append(lock)
        os.environ["NUMBA_CACHE_DIR"] = str(folder.resolve())
        return


def _hear_one(work: tuple[Piece, str, bool]) -> Heard:
    piece, analysis, fresh = work
    answers = {"ours": ours(analysis)(*piece.sound())}
    if analysis == WHOLE:
        answers["first"] = ours(FIRST)(*piece.sound())
    answers["librosa"] = _librosa(piece, fresh=fresh)
    return Heard(piece, answers, {way: score(answer, piece.truth) for way, answer in answers.items()})


def ours(name: str) -> Callable[[Pcm, int], Answer]:
    """The analysis of this name, "module:function", as one that answers."""
    analyse = _function(name)

    def listen(pcm: Pcm, rate: int) -> Answer:
        began = process_time()
        found = analyse(pcm, rate)
        return of_analysis(found, process_time() - began)

    return listen


def _function(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def _librosa(piece: Piece, *, fresh: bool) -> Answer:
    kept = HOME / "librosa" / f"{generation()}-{_KEPT_VERSION}" / f"{piece.seed}.json"
    if kept.is_file() and not fresh:
        return _restored(json.loads(kept.read_text()))
    from bench.mir import librosa_defaults  # after the numba cache has its place

    answer = librosa_defaults.listen(*piece.sound())
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(asdict(answer)))
    part.replace(kept)
    return answer


def _restored(said: dict[str, Any]) -> Answer:
    """Lists back to tuples."""
    return Answer(**{name: _tuple(value) for name, value in said.items()})


def _tuple(value: Any) -> Any:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value
