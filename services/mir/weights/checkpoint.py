"""PyTorch's checkpoints of plain tensors, read as data: nothing that they name is imported or called, and there is no torch.

A pickle is a program: reading one the usual way calls whatever it names. Here it may name three things (an ordered dict, a
tensor, a storage of float32), which become inert, and nothing else. (Layout: PyTorch, "Serialization semantics", for the ZIP
archive of 1.6 and later; `torch.serialization._legacy_load` for the stream of pickles before it.)
"""

import io
import math
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

State = dict[str, NDArray[np.float32]]
"""A network's tensors by their names, contiguous."""

_LEGACY_MAGIC: Final = 0x1950A86A20F9469CFC6C


class CheckpointRefused(Exception):
    """No checkpoint of plain float32 tensors; the message says why."""


@dataclass(frozen=True, slots=True)
class _Storage:
    """A run of float32 numbers, which the checkpoint keeps under `key`."""

    key: str


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A view of a storage; offset and strides count numbers."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_rest: object
) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


_FLOATS: Final = "torch.FloatStorage"
_MEANINGS: Final[Mapping[str, Any]] = {
    "collections.OrderedDict": OrderedDict,
    "torch._utils._rebuild_tensor_v2": _tensor,
    _FLOATS: _FLOATS,
}


class _InertUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if f"{module}.{name}" not in _MEANINGS:
            raise CheckpointRefused(f"it names {module}.{name}")
        return _MEANINGS[f"{module}.{name}"]

    def persistent_load(self, reference: Any) -> _Storage:
        _, kind, key, *_ = reference
        if kind != _FLOATS:
            raise CheckpointRefused("its tensors are not all float32")
        return _Storage(str(key))


def read_state(content: bytes) -> State:
    """Reads the state dict in a checkpoint: the checkpoint itself, or what lies in it under `net`.

    Raises:
        CheckpointRefused: it is none, is damaged, or names what it should not.
    """
    read = _read_archive if content.startswith(b"PK") else _read_stream
    try:
        package, numbers_of = read(io.BytesIO(content))
        state = package.get("net", package)
        return {str(name): _array(tensor, numbers_of(tensor.storage.key)) for name, tensor in state.items()}
    except CheckpointRefused:
        raise
    except Exception as error:
        # Whatever malformed bytes make the readers stumble over.
        raise CheckpointRefused(f"it is no checkpoint of PyTorch ({type(error).__name__}: {error})") from error


NumbersOf = Callable[[str], NDArray[np.float32]]


def _read_archive(file: io.BytesIO) -> tuple[Mapping[str, Any], NumbersOf]:
    archive = zipfile.ZipFile(file)
    members = {name.split("/", 1)[-1]: name for name in archive.namelist()}
    package = _InertUnpickler(io.BytesIO(archive.read(members["data.pkl"]))).load()
    return package, lambda key: np.frombuffer(archive.read(members[f"data/{key}"]), "<f4")


def _read_stream(file: io.BytesIO) -> tuple[Mapping[str, Any], NumbersOf]:
    """Five pickles (magic number, version, machine, content, keys), then each key's count and numbers."""
    magic, _version, _machine, package, keys = (_InertUnpickler(file).load() for _ in range(5))
    if magic != _LEGACY_MAGIC:
        raise CheckpointRefused("it does not begin as a checkpoint of PyTorch does")
    numbers = {key: np.frombuffer(file.read(4 * int.from_bytes(file.read(8), "little")), "<f4") for key in keys}
    return package, numbers.__getitem__


def _array(tensor: _Tensor, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    """A tensor as an array of its own."""
    extents = [(length - 1) * stride for length, stride in zip(tensor.shape, tensor.strides, strict=True)]
    if min((tensor.offset, *extents)) < 0 or math.prod(tensor.shape) > len(numbers):
        raise CheckpointRefused("one of its tensors has an impossible shape")
    if tensor.offset + sum(extents) >= len(numbers):
        raise CheckpointRefused("one of its tensors reaches beyond its storage")
    steps = [stride * numbers.itemsize for stride in tensor.strides]
    view = np.lib.stride_tricks.as_strided(numbers[tensor.offset :], tensor.shape, steps)
    return np.array(view, np.float32, order="C")
