"""Uploading: a file is measured, announced, sent to the object store, and declared complete."""

import asyncio
import hashlib
import io
import mimetypes
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
from puremusic.ingest.v1 import ingest_pb2
from puremusic.ingest.v1.ingest_pb2 import Upload

from cli.client import methods
from cli.client.api import Api
from cli.client.errors import ApiError, Refused, Unavailable, from_response, not_delivered
from cli.client.retrying import backoff

__all__ = ["Source", "Span", "measure", "send", "spans"]

Sent = Callable[[int], None]
"""Is told how many more bytes are through; fewer than none when a part has to be sent again."""

_BLOCK = 1 << 18
_PARTS_AT_ONCE = 4
_ROUNDS = 5


@dataclass(frozen=True)
class Source:
    """A file to upload, as it was when it was measured."""

    path: Path
    size: int
    sha256: str
    mime_type: str


@dataclass(frozen=True)
class Span:
    """A part of a file and the address that takes it."""

    number: int
    url: str
    start: int
    size: int


async def measure(path: Path) -> Source:
    """Read a file once, for its size and its hash."""
    size, sha256 = await asyncio.to_thread(_hash, path)
    return Source(path, size, sha256, mimetypes.guess_type(path.name)[0] or "application/octet-stream")


def spans(parts: Upload.PartsUpload, size: int) -> list[Span]:
    """Return which bytes of a file of `size` belong to the parts that are missing."""
    planned = [
        Span(part.number, part.url, (part.number - 1) * parts.part_size, part.size_bytes) for part in parts.missing
    ]
    for span in planned:
        if span.start < 0 or span.size <= 0 or span.start + span.size > size:
            raise Refused(
                "OTHER_FILE", f"Part {span.number} is beyond the end of the file: this is not the file that was begun."
            )
    return planned


async def send(api: Api, source: Source, upload: Upload, sent: Sent) -> None:
    """Send the bytes that are missing, again where it breaks, with fresh addresses each time."""
    rounds = 0
    while True:
        rounds += 1
        failure = await (_send_parts if upload.WhichOneof("method") == "parts" else _send_form)(
            api, source, upload, sent
        )
        if failure is None:
            return
        if rounds >= _ROUNDS or not isinstance(failure, Unavailable):
            raise failure
        await api.pause(backoff(rounds))
        upload = await api.call(methods.GET_UPLOAD, ingest_pb2.GetUploadRequest(track_id=upload.track_id))


async def _send_form(api: Api, source: Source, upload: Upload, sent: Sent) -> ApiError | None:
    with _Counted(source.path, sent) as file:
        form = {"file": (source.path.name, file, source.mime_type)}
        request = api.objects.build_request("POST", upload.post.url, data=dict(upload.post.fields), files=form)
        return await _sent(api, request, file)


async def _send_parts(api: Api, source: Source, upload: Upload, sent: Sent) -> ApiError | None:
    slots = asyncio.Semaphore(_PARTS_AT_ONCE)

    async def one(span: Span) -> ApiError | None:
        async with slots:
            return await _send_part(api, source.path, span, sent)

    outcomes = await asyncio.gather(*map(one, spans(upload.parts, source.size)))
    # What can't be mended by another round comes first.
    return min(filter(None, outcomes), key=lambda failure: isinstance(failure, Unavailable), default=None)


async def _send_part(api: Api, path: Path, span: Span, sent: Sent) -> ApiError | None:
    with _Counted(path, sent) as file:
        headers = {"content-length": str(span.size)}
        request = api.objects.build_request("PUT", span.url, content=_read(file, span), headers=headers)
        return await _sent(api, request, file)


async def _read(file: "_Counted", span: Span) -> AsyncIterator[bytes]:
    file.seek(span.start)
    left = span.size
    while left:
        block = file.read(min(_BLOCK, left))
        if not block:
            raise Refused("FILE_CHANGED", "The file became shorter while it was being sent.")
        left -= len(block)
        yield block


async def _sent(api: Api, request: httpx.Request, file: "_Counted") -> ApiError | None:
    """Send to the object store, and return what went wrong; `Unavailable` where another round may help."""
    failure: ApiError | None
    try:
        failure = _verdict(await api.objects.send(request))
    except httpx.TransportError as error:
        failure = not_delivered(error, f"{request.url.scheme}://{request.url.netloc.decode()}")
    except Refused as error:
        failure = error
    if failure:
        file.take_back()
    return failure


def _verdict(response: httpx.Response) -> ApiError | None:
    if not response.is_error:
        return None
    status, code = response.status_code, from_response(response).code
    if status in (403, 408, 429) or status >= 500:
        # 403 also says that the address has run out; the next round has a fresh one.
        return Unavailable("UPLOAD_INTERRUPTED", f"The object store answered {status}.", code=code)
    return Refused("UPLOAD_REFUSED", f"The object store refused the bytes ({status}).", code=code)


class _Counted(io.FileIO):
    """A file that tells how much of it was read."""

    def __init__(self, path: Path, sent: Sent) -> None:
        super().__init__(path)
        self._sent = sent
        self._count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        block = super().read(size) or b""
        self._count += len(block)
        self._sent(len(block))
        return block

    def take_back(self) -> None:
        """What was read did not arrive."""
        self._sent(-self._count)
        self._count = 0


def _hash(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return file.tell(), digest.hexdigest()
