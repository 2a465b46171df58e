"""What the learned networks answer, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["BEAT_FRAMES_PER_SECOND", "CHORD_FRAMES_PER_SECOND", "BeatActivations", "ChordActivations"]

BEAT_FRAMES_PER_SECOND: Final = 50

CHORD_FRAMES_PER_SECOND: Final = 22_050 / 512

BeatActivations = NDArray[np.float32]
"""(frames, 2): the probability of a beat (downbeats included) and of a downbeat; frame k is centred on k/50 s."""


@dataclass(frozen=True)
class ChordActivations:
    """The probabilities of a chord's parts and the pitch classes they were heard in; frame k is centred on k·512/22,050 s.

    All float32; each row of probabilities sums to 1.

    Attributes:
        triad: (frames, 73). Class 0 is no chord, 1 + 12·type + root the others, of the types major, minor, sus4, sus2,
            diminished and augmented and the roots C to B.
        bass: (frames, 13). Class 0 is none, 1 + pitch class the others.
        seventh: (frames, 4): none, major, minor, diminished, above the root.
        chroma: (frames, 12), at least 0: how much each pitch class, C to B, stands out.
    """

    triad: NDArray[np.float32]
    bass: NDArray[np.float32]
    seventh: NDArray[np.float32]
    chroma: NDArray[np.float32]
