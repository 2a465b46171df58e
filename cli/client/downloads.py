"""Downloading: a presigned address into a file, which is there whole or not at all."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import httpx

from cli.client.api import Api
from cli.client.errors import ApiError, Unavailable, from_response, not_delivered
from cli.client.retrying import backoff

__all__ = ["Received", "plain_name", "save"]

Received = Callable[[int], None]
_TRIES = 5


def plain_name(suggested: str) -> str:
    """Return a file name to save under, whatever path the other side suggests."""
    name = PurePosixPath(suggested.replace("\\", "/")).name.lstrip(".")
    return name or "download"


async def save(api: Api, url: str, into: Path, received: Received) -> None:
    """Fetch an address into a file; a download that breaks goes on where it was."""
    draft = into.with_name(f".{into.name}.part")
    draft.unlink(missing_ok=True)
    try:
        await _fetch(api, url, draft, received)
        draft.replace(into)
    finally:
        draft.unlink(missing_ok=True)


async def _fetch(api: Api, url: str, draft: Path, received: Received) -> None:
    tries = 0
    while True:
        tries += 1
        try:
            return await _go_on(api, url, draft, received)
        except Unavailable:
            if tries >= _TRIES:
                raise
        await api.pause(backoff(tries))


async def _go_on(api: Api, url: str, draft: Path, received: Received) -> None:
    have = draft.stat().st_size if draft.exists() else 0
    headers = {"range": f"bytes={have}-"} if have else {}
    try:
        async with api.objects.stream("GET", url, headers=headers) as response:
            if response.is_error:
                await response.aread()
                raise _refused(response)
            if have and response.status_code != httpx.codes.PARTIAL_CONTENT:
                received(-have)
                have = 0
            with draft.open("ab" if have else "wb") as file:
                async for block in response.aiter_bytes():
                    file.write(block)
                    received(len(block))
    except httpx.TransportError as error:
        raise not_delivered(error, "The object store") from error


def _refused(response: httpx.Response) -> ApiError:
    error = from_response(response)
    return type(error)(error.reason, f"The object store answered {response.status_code}.", code=error.code)
