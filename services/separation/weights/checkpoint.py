"""demucs' own checkpoints (`.th`) read without executing anything of them, and without torch.

A checkpoint is a ZIP archive that torch wrote: a pickle (`data.pkl`) of `{klass, args, kwargs, state, …}` and one file
of raw numbers per storage. A pickle is a program: reading one the usual way calls whatever it names. Here nothing that
it names is looked up, imported or called; each name becomes an inert `_Named`, each call an instance that only
remembers its arguments, and afterwards the few that are understood are read as data.

(Layout: PyTorch, "Serialization semantics"; contents: `demucs.states.serialize_model`.)
"""

import io
import math
import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.separation.engine.architecture import CLASSES, Architecture

_KINDS: Final = {path: name for name, path in CLASSES.items()}

_NUMBERS: Final = {
    "torch.HalfStorage": "<f2",
    "torch.FloatStorage": "<f4",
    "torch.DoubleStorage": "<f8",
    "torch.LongStorage": "<i8",
    "torch.IntStorage": "<i4",
    "torch.BoolStorage": "|b1",
}


class CheckpointRefused(Exception):
    """No checkpoint of a network that this program builds; the message says why."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint holds.

    Attributes:
        architecture: what the network is built as.
        state: its tensors by their names; those of floating point are float32, whatever they were stored as.
    """

    architecture: Architecture
    state: dict[str, NDArray[Any]]


def read_checkpoint(file: Path) -> Checkpoint:
    """Reads a demucs checkpoint as data.

    Raises:
        CheckpointRefused: it is none, a quantised one, of a class this program does not build, or holds what it should not.
        OSError: the file cannot be read.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return _read(archive)
    except CheckpointRefused:
        raise
    except OSError:
        raise
    except Exception as error:
        # Whatever a malformed archive or pickle makes the readers stumble over.
        raise CheckpointRefused(f"it is no checkpoint of demucs ({type(error).__name__}: {error})") from error


class _Named:
    """Something that a pickle named. The class stands for the name, an instance for a call of it."""

    path = ""
    arguments: tuple[Any, ...] = ()

    def __new__(cls, *arguments: Any, **_named: Any) -> "_Named":
        call = super().__new__(cls)
        call.arguments = arguments
        return call

    def __init__(self, *_arguments: Any, **_named: Any) -> None:
        pass

    def __call__(self, *_arguments: Any, **_named: Any) -> "_Named":
        return self

    def __setstate__(self, _state: object) -> None:
        pass

    def __setitem__(self, _key: object, _value: object) -> None:
        pass

    def append(self, _item: object) -> None:
        pass

    def extend(self, _items: object) -> None:
        pass


class _Table(dict[Any, Any]):
    """An OrderedDict of the pickle."""

    def __setstate__(self, _state: object) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Stored:
    """A storage: `count` numbers of `dtype` in the archive's member `key`."""

    dtype: str
    key: str
    count: int


class _InertUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type:
        path = f"{module}.{name}"
        return _Table if path == "collections.OrderedDict" else type("_Named", (_Named,), {"path": path})

    def persistent_load(self, reference: Any) -> _Stored:
        _storage, kind, key, _location, count = reference
        if kind.path not in _NUMBERS:
            raise CheckpointRefused(f"its tensors are of an unknown kind ({kind.path})")
        return _Stored(_NUMBERS[kind.path], str(key), int(count))


def _read(archive: zipfile.ZipFile) -> Checkpoint:
    members = {name.split("/", 1)[1]: name for name in archive.namelist() if "/" in name}
    if "data.pkl" not in members:
        raise CheckpointRefused("it is no checkpoint of PyTorch (there is no data.pkl in it)")
    if "byteorder" in members and archive.read(members["byteorder"]) != b"little":
        raise CheckpointRefused("its numbers are not little-endian")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
        # torch never compresses; what does may grow without bounds.
        raise CheckpointRefused("its archive is compressed")
    package = _InertUnpickler(io.BytesIO(archive.read(members["data.pkl"]))).load()
    state = package["state"]
    if state.get("__quantized"):
        raise CheckpointRefused(
            "it is quantised (diffq), which is not supported; take the model without _q in its name"
        )
    storages = {key: archive.read(name) for key, name in members.items() if key.startswith("data/")}
    return Checkpoint(_architecture(package), {str(name): _array(tensor, storages) for name, tensor in state.items()})


def _architecture(package: Mapping[str, Any]) -> Architecture:
    klass = package["klass"]
    path = klass.path if isinstance(klass, type) and issubclass(klass, _Named) else repr(klass)
    if path not in _KINDS:
        raise CheckpointRefused(f"it is of the class {path}, not one of {', '.join(CLASSES)} of demucs")
    arguments = {str(name): _plain(value) for name, value in package["kwargs"].items()}
    return Architecture(_KINDS[path], arguments, tuple(_plain(value) for value in package["args"]))


def _plain(value: Any) -> Any:
    """A constructor's argument as plain data."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, _Named) and value.path == "fractions.Fraction":
        # Of two whole numbers, or (before Python 3.12) of their text.
        numbers = value.arguments if len(value.arguments) == 2 else str(value.arguments[0])[:40].split("/")
        return Fraction(*(int(number) for number in numbers))
    named = value.path if isinstance(value, _Named) else type(value).__name__
    raise CheckpointRefused(f"its network is constructed with something else than plain data ({named})")


def _array(tensor: Any, storages: Mapping[str, bytes]) -> NDArray[Any]:
    """A tensor of the state as an array of its own, contiguous."""
    if isinstance(tensor, _Named) and tensor.path == "torch._utils._rebuild_parameter":
        tensor = tensor.arguments[0]
    if not isinstance(tensor, _Named) or tensor.path != "torch._utils._rebuild_tensor_v2":
        raise CheckpointRefused("its state holds something else than tensors")
    stored, offset, shape, strides = tensor.arguments[:4]
    numbers = np.frombuffer(storages[f"data/{stored.key}"], stored.dtype, stored.count)
    if offset < 0 or min((*shape, *strides), default=0) < 0:
        raise CheckpointRefused("one of its tensors has a negative shape")
    reach = offset + sum((length - 1) * stride for length, stride in zip(shape, strides, strict=True)) + 1
    if math.prod(shape) > len(numbers) or (math.prod(shape) and reach > len(numbers)):
        raise CheckpointRefused("one of its tensors reaches beyond its storage")
    step = numbers.itemsize
    view = np.lib.stride_tricks.as_strided(numbers[offset:], shape, [stride * step for stride in strides])
    dtype = np.float32 if numbers.dtype.kind == "f" else numbers.dtype.newbyteorder("=")
    return np.array(view, dtype, order="C")
