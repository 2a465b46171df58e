"""`tracks`, `stems`, `usage`."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from puremusic.gateway.v1 import gateway_pb2
from puremusic.separation.v1 import separation_pb2
from puremusic.separation.v1.separation_pb2 import Stem

from cli.client import Api, methods
from cli.desk import Desk, Json, run
from cli.fetching import Fetch, fetch
from cli.lookup import track_id
from cli.moments import day, length, megabytes
from cli.output import Output, as_dict, short
from cli.progress import KINDS
from cli.stem_types import name_of

__all__ = ["StemFormat", "stems", "tracks", "usage"]


class Order(StrEnum):
    """How the library is sorted."""

    NEWEST = "newest"
    OLDEST = "oldest"
    TITLE = "title"
    TEMPO = "tempo"
    KEY = "key"
    DURATION = "duration"


class StemFormat(StrEnum):
    """What a stem can be had as."""

    FLAC = "flac"
    WAV = "wav"
    MP3 = "mp3"


Residual = Annotated[
    bool, typer.Option("--residual", help="Also what the stems leave of the track: all together add up to it exactly.")
]


def tracks(
    context: typer.Context,
    search: Annotated[str, typer.Option(help="Part of the title or the file's name.")] = "",
    order: Annotated[Order, typer.Option(help="How to sort.")] = Order.NEWEST,
    limit: Annotated[int, typer.Option(help="At most so many; 0: all.", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """List your tracks with what is known of them."""
    request = gateway_pb2.ListCardsRequest(
        page_size=200, search=search, order=gateway_pb2.CardOrder.Value(f"CARD_ORDER_{order.name}")
    )

    async def action(desk: Desk) -> None:
        cards = await desk.api.items(methods.LIST_CARDS, request, lambda page: page.cards, limit)
        columns = ("track", "title", "status", ("length", "right"), ("tempo", "right"), "key", "stems", "uploaded")
        document = {"tracks": [as_dict(card) for card in cards]}
        desk.out.result(document, lambda: desk.out.table(columns, map(_row, cards)))

    run(context, action, as_json=as_json)


def stems(
    context: typer.Context,
    track: Annotated[str, typer.Argument(help="Id, beginning of the id, or title.")],
    download: Annotated[Path | None, typer.Option(help="Save them all in this directory.", file_okay=False)] = None,
    audio_format: Annotated[StemFormat, typer.Option("--format", help="What to save them as.")] = StemFormat.FLAC,
    residual: Residual = False,
    as_json: Json = False,
) -> None:
    """List the stems of a track, or save them."""

    async def action(desk: Desk) -> None:
        request = separation_pb2.ListStemsRequest(track_id=await track_id(desk.api, track))
        answer = await desk.api.call(methods.LIST_STEMS, request)
        found = list(answer.stems)
        if residual:
            found += await _residuals(desk.api, found)
        _note_those_being_made(desk.out, answer.in_progress)
        saved = await _save(desk, found, download, audio_format) if download else []
        shown = {
            "stems": [as_dict(stem) for stem in found],
            "inProgress": [as_dict(each) for each in answer.in_progress],
            "files": [str(path) for path in saved],
        }
        paths = [str(path) for path in saved] or ["-"] * len(found)
        rows = [_stem_row(stem, path) for stem, path in zip(found, paths, strict=True)]
        columns = ("stem", "type", "model", ("length", "right"), ("size", "right"), "file")
        desk.out.result(shown, lambda: desk.out.table(columns, rows))

    run(context, action, as_json=as_json)


def usage(context: typer.Context, as_json: Json = False) -> None:
    """Show what your work has cost."""

    async def action(desk: Desk) -> None:
        used = await desk.api.call(methods.GET_USAGE, gateway_pb2.GetUsageRequest())
        rows = [
            (
                KINDS.get(each.kind, "job"),
                str(each.jobs),
                str(each.completed),
                str(each.failed),
                f"{each.engine_seconds:.1f} s",
                megabytes(each.bytes_read),
                megabytes(each.bytes_written),
            )
            for each in used.kinds
        ]
        right = [(name, "right") for name in ("jobs", "completed", "failed", "computing", "read", "written")]

        def draw() -> None:
            desk.out.say(
                f"{used.tracks} tracks, {megabytes(used.stored_bytes)} stored, {used.engine_seconds:.1f} s of computing"
            )
            desk.out.table(["kind", *right], rows)

        desk.out.result(used, draw)

    run(context, action, as_json=as_json)


async def _save(desk: Desk, found: list[Stem], folder: Path, wanted: StemFormat) -> list[Path]:
    several = len({stem.separation_id for stem in found}) > 1
    audio_format = separation_pb2.AudioFormat.Value(f"AUDIO_FORMAT_{wanted.name}")
    wishes = []
    for stem in found:
        request = separation_pb2.GetStemDownloadUrlRequest(stem_id=stem.stem_id, format=audio_format)
        answer = await desk.api.call(methods.GET_STEM_DOWNLOAD, request)
        into = folder / short(stem.separation_id) if several else folder
        into.mkdir(parents=True, exist_ok=True)
        # A residual may come as WAV where FLAC could not hold it.
        ending = Path(answer.filename).suffix or f".{wanted}"
        wishes.append(Fetch(answer.url, into / f"{name_of(stem.type)}{ending}", answer.size_bytes))
    return await fetch(desk.api, desk.out, wishes)


async def _residuals(api: Api, stems: Iterable[Stem]) -> list[Stem]:
    """Return what each of these stems' separations left of the track."""
    separations = [
        await api.call(methods.GET_SEPARATION, separation_pb2.GetSeparationRequest(separation_id=each))
        for each in dict.fromkeys(stem.separation_id for stem in stems)
    ]
    return [each.residual for each in separations if each.HasField("residual")]


def _note_those_being_made(out: Output, in_progress: Iterable[separation_pb2.StemsInProgress]) -> None:
    for each in in_progress:
        names = ", ".join(map(name_of, each.stem_types))
        out.note(f"Being made by {each.model}: {names}; playable: {length(each.playable_seconds)}")


def _row(card: gateway_pb2.TrackCard) -> tuple[str, ...]:
    status = gateway_pb2.CardStatus.Name(card.status).removeprefix("CARD_STATUS_").lower().replace("_", " ")
    return (
        short(card.track_id),
        card.title,
        f"{status}: {card.failure.reason}" if card.failure.reason else status,
        length(card.duration_seconds),
        f"{card.tempo_bpm:.1f}" if card.HasField("tempo_bpm") else "-",
        card.key or "-",
        ",".join(stem.type for stem in card.stems) or "-",
        day(card.create_time),
    )


def _stem_row(stem: Stem, path: str) -> tuple[str, ...]:
    return (
        short(stem.stem_id),
        name_of(stem.type),
        stem.model,
        length(stem.duration_seconds),
        megabytes(stem.size_bytes),
        path,
    )
