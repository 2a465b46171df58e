"""How likely each chord is in each frame, before time is looked at.

The network's 73 triads and 4 sevenths (J. Jiang, K. Chen, W. Li, G. Xia, "Large-vocabulary chord transcription via
chord structure decomposition", ISMIR 2019), brought to the qualities of `findings.Quality`, and the pitch classes'
resemblance to each chord, as a product of experts: where chords change fast or what plays is strange to the network, the
pitch classes put it right.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from services.mir.analysis.activations import ChordActivations
from services.mir.analysis.harmony.templates import chord_resemblance, faintest_contrast
from services.mir.analysis.harmony.vocabulary import STATES, state_of

__all__ = ["chord_evidence"]

_FAINTEST: Final = 1e-4  # of the network's probabilities, so that no single frame can rule a chord out
_RESEMBLANCE: Final = 6.0  # nats for a correlation of 1
_MAJOR_SEVENTH: Final = 1.0  # nats in its favour: the network hears it too seldom
_CHUNK: Final = 1024  # frames: 24 s; what is computed on the way takes many times the room of the answer


def chord_evidence(heard: ChordActivations) -> NDArray[np.float32]:
    """The log probability of each chord state in each frame: (frames, 73)."""
    evidence = np.zeros((len(heard.triad), STATES), np.float32)
    faintest = faintest_contrast(heard.chroma)
    for first in range(0, len(evidence), _CHUNK):
        frames = slice(first, first + _CHUNK)
        network = _network_probabilities(heard.triad[frames], heard.seventh[frames])
        weighed = np.log(np.maximum(network, _FAINTEST))
        weighed += _RESEMBLANCE * chord_resemblance(heard.chroma[frames], faintest)
        weighed[:, [state_of(root, "major_seventh") for root in range(12)]] += _MAJOR_SEVENTH
        evidence[frames] = log_softmax(weighed, axis=1)
    return evidence


def _network_probabilities(triads: NDArray[np.float32], sevenths: NDArray[np.float32]) -> NDArray[np.float64]:
    """What the network alone believes: (frames, 73), rows sum to about 1.

    Suspended and augmented triads go to the major and minor triad of their root, as much as each of these sounds too.
    """
    triad, seventh = triads.astype(np.float64), sevenths.astype(np.float64)
    nothing = triad[:, :1]
    major, minor, fourth, second, diminished, augmented = (triad[:, 1 + 12 * n : 13 + 12 * n] for n in range(6))
    in_between, leaning = fourth + second, (major + 1e-6) / (major + minor + 2e-6)
    major = major + in_between * leaning + augmented
    minor = minor + in_between * (1 - leaning)
    major_seventh, minor_seventh = seventh[:, 1:2], seventh[:, 2:3]
    plain = 1 - major_seventh - minor_seventh
    states = (
        nothing,
        major * plain,
        minor * (1 - minor_seventh),
        major * minor_seventh,
        major * major_seventh,
        minor * minor_seventh,
        diminished,
    )
    return np.concatenate(states, axis=1)
