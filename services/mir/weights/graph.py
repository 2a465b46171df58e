"""ONNX graphs put together from a checkpoint's tensors, node by node."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_OPSET: Final = 17
_IR_VERSION: Final = 8  # of the same age, so that older runtimes read it too

Shape = tuple[int | str, ...]
"""A name stands for a length that each call chooses."""


class Graph:
    """A graph that grows. Values are known by their names; the same steps make the same bytes."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, array: NDArray[Any] | Sequence[int]) -> str:
        """A constant: an array, or whole numbers such as axes and shapes."""
        name = f"c{len(self._constants)}"
        numbers = array if isinstance(array, np.ndarray) else np.array(array, np.int64)
        self._constants.append(numpy_helper.from_array(numbers, name))
        return name

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """The one output of an operator. An input named "" is left out."""
        return self.nodes(operator, 1, *inputs, **attributes)[0]

    def nodes(self, operator: str, outputs: int, *inputs: str, **attributes: Any) -> list[str]:
        """The first `outputs` outputs of an operator."""
        names = [f"n{len(self._nodes)}_{index}" for index in range(outputs)]
        self._nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names

    def result(self, value: str, name: str) -> None:
        """Call a value by the name of an output."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))

    def serialised(self, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape], notice: str) -> bytes:
        """The checked model; inputs and outputs are float32. `notice` says in the file whose work it is."""
        graph = helper.make_graph(self._nodes, "network", _values(inputs), _values(outputs), self._constants)
        opset = helper.make_operatorsetid("", _OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=_IR_VERSION, producer_name="puremusic")
        model.doc_string = notice
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString(deterministic=True)
        return content


def _values(shapes: Mapping[str, Shape]) -> list[onnx.ValueInfoProto]:
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]


def lstm_constants(
    graph: Graph, state: Mapping[str, NDArray[np.float32]], suffixes: Sequence[str]
) -> tuple[str, str, str]:
    """The weights W, R, B of an LSTM operator from PyTorch's `lstm` tensors, one suffix (`l0`, `l0_reverse`) per direction.

    PyTorch keeps its gates in the order input, forget, cell, output; ONNX in the order input, output, forget, cell.
    """

    def stacked(kind: str) -> NDArray[np.float32]:
        return np.stack([_reordered(state[f"{kind}_{suffix}"]) for suffix in suffixes])

    biases = np.concatenate([stacked("bias_ih"), stacked("bias_hh")], axis=1)
    return graph.constant(stacked("weight_ih")), graph.constant(stacked("weight_hh")), graph.constant(biases)


def _reordered(gates: NDArray[np.float32]) -> NDArray[np.float32]:
    input_gate, forget, cell, output = np.split(gates, 4)
    return np.concatenate([input_gate, output, forget, cell])


def part(state: Mapping[str, NDArray[np.float32]], prefix: str) -> dict[str, NDArray[np.float32]]:
    """The tensors of one module, by their names within it."""
    return {name.removeprefix(f"{prefix}."): array for name, array in state.items() if name.startswith(f"{prefix}.")}
