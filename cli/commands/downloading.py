"""`download`."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from puremusic.fusion.v1 import fusion_pb2
from puremusic.ingest.v1 import ingest_pb2

from cli.client import Api, NotFound, Refused, methods
from cli.client.downloads import plain_name
from cli.desk import Desk, Json, run
from cli.fetching import Fetch, fetch
from cli.fusion_formats import FORMATS
from cli.lookup import find, fusions, is_full, tracks

__all__ = ["Format", "download"]


class Format(StrEnum):
    """What a song can be had as."""

    WAV = "wav"
    MP3 = "mp3"
    FLAC = "flac"
    OGG = "ogg"
    OPUS = "opus"
    ZIP = "zip"
    MP4 = "mp4"
    ORIGINAL = "original"


Song = Annotated[str, typer.Argument(metavar="FUSION|TRACK", help="Id, beginning of the id, or title.")]
Into = Annotated[Path | None, typer.Option("--output", "-o", help="Where to save it; else its own name, here.")]
As = Annotated[
    Format | None,
    typer.Option("--format", help="A fusion: what it was made as. A track: original, or flac for the master."),
]


def download(
    context: typer.Context,
    song: Song,
    output: Into = None,
    audio_format: As = None,
    as_json: Json = False,
) -> None:
    """Save a finished fusion or a track. Without --format the ending of -o decides."""
    wanted = Wanted(audio_format, output.suffix.lower() if output else "")

    async def action(desk: Desk) -> None:
        answer = await _address(desk.api, song, wanted)
        into = output or _free(Path(plain_name(answer.filename)))
        await fetch(desk.api, desk.out, [Fetch(answer.url, into, answer.size_bytes)])
        desk.out.result({"file": str(into), "sizeBytes": str(into.stat().st_size)}, lambda: desk.out.say(str(into)))

    run(context, action, as_json=as_json)


@dataclass(frozen=True)
class Wanted:
    """What it is to be saved as: what was said, and the ending of the name that it is to have."""

    format: Format | None
    suffix: str


async def _address(
    api: Api, song: str, wanted: Wanted
) -> fusion_pb2.GetDownloadUrlResponse | ingest_pb2.GetDownloadUrlResponse:
    if is_full(song):
        try:
            return await _fusion_address(api, song, wanted)
        except NotFound:
            return await _track_address(api, song, wanted)
    fused, uploaded = await fusions(api), await tracks(api)
    identity = find(song, [*fused, *uploaded], "fusion or track")
    if any(each.id == identity for each in fused):
        return await _fusion_address(api, identity, wanted)
    return await _track_address(api, identity, wanted)


async def _fusion_address(api: Api, identity: str, wanted: Wanted) -> fusion_pb2.GetDownloadUrlResponse:
    name = wanted.format or wanted.suffix.removeprefix(".")
    if name and name not in FORMATS:
        had = ", ".join(FORMATS)
        raise Refused("NOT_THAT_FORMAT", f"A fusion is had as {had}, not {name}.", code="INVALID_ARGUMENT")
    request = fusion_pb2.GetDownloadUrlRequest(
        fusion_id=identity, format=FORMATS.get(name, fusion_pb2.FUSION_FORMAT_UNSPECIFIED)
    )
    return await api.call(methods.GET_FUSION_DOWNLOAD, request)


async def _track_address(api: Api, identity: str, wanted: Wanted) -> ingest_pb2.GetDownloadUrlResponse:
    original = ingest_pb2.GetDownloadUrlRequest(track_id=identity, file=ingest_pb2.TRACK_FILE_ORIGINAL)
    master = ingest_pb2.GetDownloadUrlRequest(track_id=identity, file=ingest_pb2.TRACK_FILE_MASTER)
    if wanted.format is Format.FLAC:
        return await api.call(methods.GET_TRACK_DOWNLOAD, master)
    answer = await api.call(methods.GET_TRACK_DOWNLOAD, original)
    its_own = Path(answer.filename).suffix.lower()
    if wanted.format is Format.ORIGINAL or (wanted.format is None and wanted.suffix in ("", its_own)):
        return answer
    if wanted.format is None and wanted.suffix == ".flac":
        return await api.call(methods.GET_TRACK_DOWNLOAD, master)
    raise Refused(
        "NOT_THAT_FORMAT",
        f"A track is had as it was uploaded ({its_own or 'as it is'}) or as flac.",
        code="INVALID_ARGUMENT",
    )


def _free(path: Path) -> Path:
    if path.exists():
        raise Refused("FILE_EXISTS", f"{path} is there already: say where to save it with -o.", code="ALREADY_EXISTS")
    return path
