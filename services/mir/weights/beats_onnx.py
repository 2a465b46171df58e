"""BeatNet's three networks as one ONNX model.

Each is a convolution along frequency, a linear layer and two LSTM layers forward in time (M. Heydari, F. Cwitkowitz, Z. Duan:
"BeatNet: CRNN and particle filtering for online joint beat, downbeat and meter tracking", ISMIR 2021; `BeatNet.model.BDA`).
Each was trained without another of the data sets; their probabilities are averaged.
"""

from collections.abc import Sequence
from typing import Final

from services.mir.weights.checkpoint import State
from services.mir.weights.graph import Graph, lstm_constants, part

NOTICE: Final = (
    "The networks of BeatNet 1.1.3 by Mojtaba Heydari, Frank Cwitkowitz and Zhiyao Duan (https://github.com/mjhydri/BeatNet), "
    "licensed under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/). Changed: three of them averaged in one ONNX file."
)

_LAYERS: Final = 2
_CELLS: Final = 150
_BANDS: Final = 272
_FLAT: Final = 262  # two channels of (272 - 10 + 1) // 2


def beats_onnx(states: Sequence[State]) -> bytes:
    """The model: `spectra` (frames, 272) to `classes` (frames, 3), the probabilities of beat, downbeat and neither.

    `hidden` and `cell` (networks x 2, 1, 150) are the LSTMs' state before the first frame, zeros at a song's beginning;
    `hidden_after` and `cell_after` carry on from the last: a song in pieces is heard exactly as in one.
    """
    graph = Graph()
    count = len(states) * _LAYERS
    hidden = graph.nodes("Split", count, "hidden", axis=0)
    cells = graph.nodes("Split", count, "cell", axis=0)
    classes = []
    for index, state in enumerate(states):
        layers = slice(index * _LAYERS, (index + 1) * _LAYERS)
        classes.append(_one(graph, state, hidden, cells, layers))
    graph.result(graph.node("Mean", *classes), "classes")
    graph.result(graph.node("Concat", *hidden, axis=0), "hidden_after")
    graph.result(graph.node("Concat", *cells, axis=0), "cell_after")
    memory = (count, 1, _CELLS)
    return graph.serialised(
        {"spectra": ("frames", _BANDS), "hidden": memory, "cell": memory},
        {"classes": ("frames", 3), "hidden_after": memory, "cell_after": memory},
        NOTICE,
    )


def _one(graph: Graph, state: State, hidden: list[str], cells: list[str], layers: slice) -> str:
    """One network's probabilities (frames, 3); its layers' states in `hidden` and `cells` become those after it."""
    value = graph.node("Unsqueeze", "spectra", graph.constant([1]))
    value = graph.node("Conv", value, graph.constant(state["conv1.weight"]), graph.constant(state["conv1.bias"]))
    value = graph.node("MaxPool", graph.node("Relu", value), kernel_shape=[2], strides=[2])
    value = graph.node("Reshape", value, graph.constant([-1, _FLAT]))
    value = _linear(graph, value, part(state, "linear0"))
    value = graph.node("Unsqueeze", value, graph.constant([1]))
    for layer, place in enumerate(range(layers.start, layers.stop)):
        weights = lstm_constants(graph, part(state, "lstm"), [f"l{layer}"])
        heard, hidden[place], cells[place] = graph.nodes(
            "LSTM", 3, value, *weights, "", hidden[place], cells[place], hidden_size=_CELLS
        )
        value = graph.node("Squeeze", heard, graph.constant([1]))
    value = graph.node("Squeeze", value, graph.constant([1]))
    return graph.node("Softmax", _linear(graph, value, part(state, "linear")), axis=1)


def _linear(graph: Graph, value: str, state: State) -> str:
    return graph.node("Gemm", value, graph.constant(state["weight"]), graph.constant(state["bias"]), transB=1)
