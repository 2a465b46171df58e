"""The learned networks, run by onnxruntime: what they believe of every frame.

`make weights` puts their files in place; docs/analysis.md says whose work they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from services.mir.analysis.activations import (
    BEAT_FRAMES_PER_SECOND,
    CHORD_FRAMES_PER_SECOND,
    BeatActivations,
    ChordActivations,
)
from services.mir.analysis.excerpts import gated_level
from services.mir.analysis.harmony.chroma import chord_chroma
from services.mir.analysis.harmony.spectra import chord_frames, chord_spectra
from services.mir.analysis.network_files import BEATS, CHORDS, NetworkFile
from services.mir.analysis.preparation import Mono
from services.mir.analysis.progress import IsCancelled, Progress, check, never, unheard
from services.mir.analysis.rhythm.spectra import beat_frames, beat_spectra

__all__ = [
    "BEAT_FRAMES_PER_SECOND",
    "CHORD_FRAMES_PER_SECOND",
    "BeatActivations",
    "ChordActivations",
    "Networks",
    "NetworksCorrupt",
    "NetworksMissing",
    "load_networks",
]


_BEAT_CHUNK: Final = 20 * BEAT_FRAMES_PER_SECOND
_BEAT_LEVEL: Final = 0.15  # RMS
_MOST_GAIN: Final = 300.0  # what needs more is silence
_CHORD_CHUNK: Final = round(45 * CHORD_FRAMES_PER_SECOND)
_CHORD_CONTEXT: Final = round(2 * CHORD_FRAMES_PER_SECOND)
_CHORD_CLASSES: Final = (73, 13, 4)  # triad, bass, seventh
_FAINTEST: Final = 1e-3  # a magnitude: that of a sine at about -90 dBFS
_LAYERS: Final = 6
_CELLS: Final = 150


class NetworksMissing(Exception):
    """A network's file is not there; the message says how it comes there."""


class NetworksCorrupt(Exception):
    """A network's file is not the one that belongs there; the message says how to get the right one."""


class Networks:
    """The loaded networks. Any number of threads may ask at once; each runs on its own thread alone."""

    def __init__(self, beats: ort.InferenceSession, chords: ort.InferenceSession) -> None:
        self._beats = beats
        self._chords = chords
        self._tidily = _tidily()

    def beat_activations(
        self, mono: Mono, progress: Progress = unheard, cancelled: IsCancelled = never
    ) -> BeatActivations:
        """Where beats and downbeats are: float32 (frames, 2), as `BeatActivations` says.

        The network remembers from one piece of the signal to the next, so the pieces leave no seams. It was trained on
        mastered music, so what is quieter or louder is brought to that level.

        Raises:
            Cancelled: if `cancelled` answers True.
        """
        frames = beat_frames(len(mono))
        heard = np.zeros((frames, 2), np.float32)
        gain = min(_BEAT_LEVEL / max(gated_level(mono), 1e-9), _MOST_GAIN)
        hidden = cell = np.zeros((_LAYERS, 1, _CELLS), np.float32)
        for start in range(0, frames, _BEAT_CHUNK):
            check(cancelled)
            stop = min(start + _BEAT_CHUNK, frames)
            inputs = {"spectra": beat_spectra(mono, start, stop, gain), "hidden": hidden, "cell": cell}
            classes, hidden, cell = self._beats.run(["classes", "hidden_after", "cell_after"], inputs)
            heard[start:stop] = np.column_stack([classes[:, 0] + classes[:, 1], classes[:, 1]])
            progress(stop / frames)
        return heard

    def chord_activations(
        self, mono: Mono, tuning_cents: float, progress: Progress = unheard, cancelled: IsCancelled = never
    ) -> ChordActivations:
        """Which chords sound, as `ChordActivations` says; `tuning_cents` is the deviation from A = 440 Hz.

        The network compares each frame with the whole of what it is given. Longer songs are given to it in overlapping
        pieces of at most 45 s, of which the middles are kept, so that memory does not grow with the song.

        Raises:
            Cancelled: if `cancelled` answers True.
        """
        frames = chord_frames(len(mono))
        heard = ChordActivations(*(np.zeros((frames, classes), np.float32) for classes in (*_CHORD_CLASSES, 12)))
        for start, stop in _pieces(frames):
            check(cancelled)
            before, after = max(start - _CHORD_CONTEXT, 0), min(stop + _CHORD_CONTEXT, frames)
            spectra = chord_spectra(mono, tuning_cents, before, after)
            check(cancelled)
            heard.chroma[start:stop] = chord_chroma(spectra)[start - before : stop - before]
            for part, found in zip(
                (heard.triad, heard.bass, heard.seventh), self._chord_probabilities(spectra), strict=True
            ):
                part[start:stop] = found[start - before : stop - before]
            progress(stop / frames)
        return heard

    def _chord_probabilities(self, spectra: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        if spectra.max() >= _FAINTEST:
            heard: list[NDArray[np.float32]] = self._chords.run(
                ["triad", "bass", "seventh"], {"spectra": spectra}, self._tidily
            )
            return heard
        # The network hears no levels, only differences: in silence it would invent chords.
        return [np.tile(np.eye(1, classes, dtype=np.float32), (len(spectra), 1)) for classes in _CHORD_CLASSES]


def load_networks(folder: Path) -> Networks:
    """The networks from the files that `python -m services.mir.weights --into FOLDER` makes.

    Raises:
        NetworksMissing: a file is not there.
        NetworksCorrupt: a file's SHA-256 is not the pinned one.
    """
    return Networks(_session(folder, BEATS), _session(folder, CHORDS))


def _session(folder: Path, network: NetworkFile) -> ort.InferenceSession:
    path = folder / network.name
    advice = f"`make weights`, or `python -m services.mir.weights --into {folder}`, makes it."
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise NetworksMissing(f"{path} is missing: {advice}") from None
    if hashlib.sha256(content).hexdigest() != network.sha256:
        raise NetworksCorrupt(f"{path} is not the file that belongs there: {advice}")
    return ort.InferenceSession(content, _options(), providers=["CPUExecutionProvider"])


def _tidily() -> ort.RunOptions:
    """A long piece's memory is given back after it: between pieces, other parts of the analysis need theirs."""
    options = ort.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def _options() -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return options


def _pieces(frames: int) -> Iterator[tuple[int, int]]:
    """Pieces of about equal length, none longer than _CHORD_CHUNK."""
    count = -(-frames // _CHORD_CHUNK)
    edges = [frames * index // count for index in range(count + 1)] if count else [0]
    return pairwise(edges)
