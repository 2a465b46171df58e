"""From the ONNX export of HTDemucs to the tensors of `demucs.htdemucs.HTDemucs.state_dict()`, without torch.

Most tensors stand in the graph as initialisers under their own names. The exporter renamed the rest after the
operator they feed (`onnx::MatMul_1234`), but the node that uses one still says by its path which module it came from.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

Tensor = NDArray[np.float32]

# demucs' ScaledEmbedding multiplies by `emb_scale` on the way out, and the export holds the product.
_EMBEDDING_SCALE: Final = np.float32(10)

_RENAMED: Final = "onnx::"


@dataclass(slots=True)
class _Operands:
    """The renamed tensors of one module, by the operator that uses them, in the graph's order."""

    scales: list[Tensor] = field(default_factory=list)
    shifts: list[Tensor] = field(default_factory=list)
    matrices: list[Tensor] = field(default_factory=list)


def state_from_onnx(file: Path) -> dict[str, Tensor]:
    """The state dict of HTDemucs, rebuilt from its ONNX export.

    Args:
        file: the ONNX file. Whether it is the right one, and the result, is for the caller to verify by hash.

    Returns:
        Per state dict key a contiguous float32 array.
    """
    graph = onnx.load(str(file)).graph
    arrays: dict[str, Tensor] = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    state = {name: array for name, array in arrays.items() if _is_own_name(name)}
    modules: defaultdict[str, _Operands] = defaultdict(_Operands)
    for node, array in _renamed_operands(graph, arrays):
        operands = modules[module_path(node.name)]
        if node.op_type == "Expand":
            state["freq_emb.embedding.weight"] = array[0, :, :, 0].T / _EMBEDDING_SCALE
        elif node.op_type == "Mul":
            operands.scales.append(array)
        elif node.op_type == "Add":
            operands.shifts.append(array)
        elif node.op_type == "MatMul":
            operands.matrices.append(array)
    for module, operands in modules.items():
        state.update(_parameters(module, operands))
    return {name: np.ascontiguousarray(array) for name, array in state.items()}


def module_path(node_name: str) -> str:
    """The module a node came from, as the state dict spells it.

    The exporter nests a child under its parent's name again: `/encoder.0/dconv/layers.0/layers.0.1/Mul` is a node of
    `encoder.0.dconv.layers.0.1`.
    """
    path: list[str] = []
    for part in node_name.strip("/").split("/")[:-1]:
        if path and part.startswith(path[-1] + "."):
            path[-1] = part
        else:
            path.append(part)
    return ".".join(path)


def _is_own_name(name: str) -> bool:
    return "." in name and not name.startswith(_RENAMED)


def _renamed_operands(graph: Any, arrays: dict[str, Tensor]) -> Iterator[tuple[Any, Tensor]]:
    for node in graph.node:
        for name in node.input:
            if name.startswith(_RENAMED) and name in arrays:
                yield node, arrays[name]


def _parameters(module: str, operands: _Operands) -> Iterator[tuple[str, Tensor]]:
    """What a module's operands are called in the state dict."""
    if module.endswith("_attn"):
        # Query, key and value are packed: one matrix or three, each the transpose of what torch multiplies with.
        yield f"{module}.in_proj_weight", np.concatenate([matrix.T for matrix in operands.matrices])
        if operands.shifts:
            yield f"{module}.in_proj_bias", np.concatenate([shift.reshape(-1) for shift in operands.shifts])
        return
    for matrix in operands.matrices:
        yield f"{module}.weight", matrix.T
    for scale in operands.scales:
        # A normalisation scales and shifts; a LayerScale only scales.
        yield f"{module}.{'weight' if operands.shifts else 'scale'}", scale.reshape(-1)
    for shift in operands.shifts:
        yield f"{module}.bias", shift.reshape(-1)
