"""The weights step: a network's verified weights in a directory, wherever they come from."""

import hashlib
import os
import tempfile
from pathlib import Path

from rich.console import Console
from safetensors import SafetensorError, safe_open

from services.separation.engine.architecture import from_metadata
from services.separation.engine.errors import WeightsCorrupt
from services.separation.engine.registry import NetworkCard
from services.separation.weights.sources import SourceFailed, sources_of


class WeightsUnobtainable(Exception):
    """No source delivered the pinned weights; the message lists each and why."""


def obtain(card: NetworkCard, into: Path, mirror: str | None, console: Console) -> Path:
    """Makes sure that a network's verified weights lie in `into`.

    The file appears whole or not at all, so any number of these may run at once, also beside workers that load it. Where
    no digest is pinned, that of what was fetched is written down beside it, and holds from then on.

    Args:
        card: the network.
        into: the weights directory; made if it is missing.
        mirror: a path or http(s) address that is tried before the published sources: see `sources_of`.
        console: hears what is going on.

    Returns:
        The weights file.

    Raises:
        WeightsUnobtainable: every source failed.
        OSError: the directory cannot be written.
    """
    target = card.weights_file(into)
    if target.is_file():
        if sha256_of(target) == card.digest(into):
            console.print(f"{card.name}: present and {_checked(card)}.")
            return target
        console.print(f"{card.name}: the file there is not the published model; fetching it again.")
    into.mkdir(parents=True, exist_ok=True)
    failures = []
    for label, fetch in sources_of(card, mirror).items():
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=into) as directory:
            try:
                candidate = fetch(Path(directory), console)
                digest = _acceptable(card, candidate)
            except SourceFailed as failure:
                failures.append(f"  - {label}: {failure}")
                console.print(f"{card.name}: {label} failed.")
                continue
            if not card.verified:
                # First, so that whoever finds the new weights finds what they should be.
                _write_down(digest, Path(directory) / "digest", card.digest_file(into))
            _publish(candidate, target)
        console.print(f"{card.name}: fetched from {label} and {_checked(card)}.")
        return target
    tried = "\n".join(failures) or "  - no source is known"
    wanted = f"safetensors, SHA-256 {card.weights_sha256}" if card.verified else f"safetensors, or {card.checkpoint}"
    raise WeightsUnobtainable(
        f"The weights of {card.name} could not be fetched. Tried:\n{tried}\n"
        f"Give your own copy with --source PATH_OR_URL ({wanted})."
    )


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _checked(card: NetworkCard) -> str:
    """How much is known of weights that passed."""
    return "verified" if card.verified else "unchanged, but unverified: no full SHA-256 of it is published"


def _acceptable(card: NetworkCard, candidate: Path) -> str:
    """The candidate's digest, if it may be used as the card's weights."""
    digest = sha256_of(candidate)
    if card.verified and digest != card.weights_sha256:
        raise SourceFailed(f"its safetensors file has the SHA-256 {digest}, not {card.weights_sha256}")
    if card.architecture is None:
        _require_architecture(card, candidate)
    return digest


def _require_architecture(card: NetworkCard, candidate: Path) -> None:
    """Raise SourceFailed unless the file says what network it holds, and that it has the card's stems."""
    try:
        with safe_open(candidate, framework="numpy") as content:
            architecture = from_metadata(content.metadata() or {})
    except (SafetensorError, WeightsCorrupt) as error:
        raise SourceFailed(f"its safetensors file cannot be used: {error}") from error
    stems = architecture.arguments.get("sources", next(iter(architecture.positional), None))
    if stems != list(card.stems):
        raise SourceFailed(f"it makes the stems {stems}, not {list(card.stems)}")


def _write_down(digest: str, draft: Path, target: Path) -> None:
    draft.write_text(f"{digest}\n", "ascii")
    _publish(draft, target)


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
