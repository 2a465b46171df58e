"""One URL to one file, with a progress bar."""

import http.client
import urllib.request
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

_BLOCK: Final = 1 << 20
_SILENCE_SECONDS: Final = 60.0


class DownloadFailed(Exception):
    """The bytes did not arrive; the message says why."""


def progress_bar(console: Console) -> Progress:
    """A bar that counts bytes, their speed and the time they still need."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
    )


def download(url: str, target: Path, label: str, console: Console) -> None:
    """Streams `url` into `target`.

    Proxies and certificate authorities are taken from the environment, as Python and OpenSSL know them
    (`HTTPS_PROXY`, `SSL_CERT_FILE`, `SSL_CERT_DIR`).

    Raises:
        DownloadFailed: not an HTTP address, refused, or the connection ended early.
    """
    if not is_url(url):
        raise DownloadFailed(f"{url!r} is not an http or https address")
    request = urllib.request.Request(url, headers={"User-Agent": "puremusic"})  # noqa: S310 - scheme checked above
    try:
        with urllib.request.urlopen(request, timeout=_SILENCE_SECONDS) as response:  # noqa: S310 - the same
            _receive(response, target, label, console)
    except (OSError, http.client.HTTPException) as error:
        raise DownloadFailed(f"the download failed: {error}") from error


def is_url(source: str) -> bool:
    """Whether `source` is an http or https address (and not a path)."""
    return source.startswith(("https://", "http://"))


def _receive(response: http.client.HTTPResponse, target: Path, label: str, console: Console) -> None:
    expected = response.length
    with progress_bar(console) as bar, target.open("wb") as file:
        task = bar.add_task(label, total=expected)
        while block := response.read(_BLOCK):
            file.write(block)
            bar.advance(task, len(block))
        received = file.tell()
    # A connection that breaks looks like the end to whoever reads in blocks.
    if expected is not None and received != expected:
        raise DownloadFailed(f"the connection ended after {received} of {expected} bytes")
