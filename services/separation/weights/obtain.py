"""The weights step: a model's verified weights in a directory, wherever they come from."""

import hashlib
import os
import tempfile
from pathlib import Path

from rich.console import Console

from services.separation.engine.registry import ModelCard
from services.separation.weights.sources import SourceFailed, sources_of


class WeightsUnobtainable(Exception):
    """No source delivered the pinned weights; the message lists each and why."""


def obtain(card: ModelCard, into: Path, mirror: str | None, console: Console) -> Path:
    """Makes sure that a model's verified weights lie in `into`.

    The file appears whole or not at all, so any number of these may run at once, also beside workers that load it.

    Args:
        card: the model.
        into: the weights directory; made if it is missing.
        mirror: a path or http(s) address of the safetensors file that is tried before the published source.
        console: hears what is going on.

    Returns:
        The weights file.

    Raises:
        WeightsUnobtainable: every source failed.
        OSError: the directory cannot be written.
    """
    target = card.weights_file(into)
    if target.is_file():
        if sha256_of(target) == card.weights_sha256:
            console.print(f"{card.name}: present and verified.")
            return target
        console.print(f"{card.name}: the file there is not the published model; fetching it again.")
    into.mkdir(parents=True, exist_ok=True)
    failures = []
    for label, fetch in sources_of(card, mirror).items():
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=into) as directory:
            try:
                candidate = fetch(Path(directory), console)
                _verify(card, candidate)
            except SourceFailed as failure:
                failures.append(f"  - {label}: {failure}")
                console.print(f"{card.name}: {label} failed.")
                continue
            _publish(candidate, target)
        console.print(f"{card.name}: fetched from {label} and verified.")
        console.print(f"{card.name}: these weights are for {card.licence}.")
        return target
    tried = "\n".join(failures) or "  - no source is known"
    raise WeightsUnobtainable(
        f"The weights of {card.name} could not be fetched. Tried:\n{tried}\n"
        f"Give your own copy with --source PATH_OR_URL (safetensors, SHA-256 {card.weights_sha256})."
    )


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _verify(card: ModelCard, candidate: Path) -> None:
    digest = sha256_of(candidate)
    if digest != card.weights_sha256:
        raise SourceFailed(f"its safetensors file has the SHA-256 {digest}, not {card.weights_sha256}")


def _publish(candidate: Path, target: Path) -> None:
    """Puts the file into place in one step, on disk before it has its name."""
    # Workers run as another user than whoever installed them.
    candidate.chmod(0o644)
    with candidate.open("rb") as file:
        os.fsync(file.fileno())
    candidate.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
