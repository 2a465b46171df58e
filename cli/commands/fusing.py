"""`fuse`."""

import json
import uuid
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf import json_format, struct_pb2
from puremusic.fusion.v1 import fusion_pb2

from cli import matching_options as options
from cli import stem_expressions, wishes
from cli.client import methods, watching
from cli.desk import Desk, Json, Wait, run
from cli.exit_codes import ExitCode
from cli.following import follow, verdict
from cli.fusion_shown import described
from cli.lookup import fusion_id
from cli.selecting import selected
from cli.stem_expressions import ExpressionError
from cli.wishes import MatchWords, OutputWords

__all__ = ["fuse"]

_SELECTION = (
    "For example: a1b2:vocals@-3dB c3d4:drums@L20,bass. Stems are also all, instrumental, acappella; settings -3dB, L30, R100, "
    "mute, solo, +2st, x1.05, at4s, 10s-40s, loop4, loop, in2s, out4s, above80Hz, below9000Hz, fx=hall."
)
_FORMATS = "wav, wav:16, flac:16, mp3, mp3:320, ogg, opus:128, zip (the voices), mp4 (stems for DJs); may be repeated."


def fuse(
    context: typer.Context,
    selection: Annotated[list[str] | None, typer.Argument(metavar="TRACK:STEMS…", help=_SELECTION)] = None,
    title: Annotated[str, typer.Option(help="What to call the new song.")] = "",
    revises: Annotated[str, typer.Option(metavar="FUSION", help="The fusion of which this is a new version.")] = "",
    match: options.Match = None,
    bpm: options.Bpm = None,
    tempo_of: options.TempoOf = "",
    key: options.Key = "",
    key_of: options.KeyOf = "",
    arrange: options.Arrange = False,
    length: options.Length = "",
    balance: Annotated[bool, typer.Option("--balance", help="Bring tracks to where none buries the other.")] = False,
    choice: Annotated[int, typer.Option(help="Which plan of `fusion suggest`; 0: the best.")] = 0,
    speed: Annotated[float, typer.Option(help="Of all stems: so many times as fast, 0.5 to 2.")] = 0.0,
    semitones: Annotated[float, typer.Option(help="Of all stems: so much higher, -12 to 12.")] = 0.0,
    formats: Annotated[list[str] | None, typer.Option("--format", help=_FORMATS)] = None,
    loudness: Annotated[str, typer.Option(help="LUFS, -14 where nothing is said; none: as it is.")] = "",
    peak: Annotated[float | None, typer.Option(help="What no true peak exceeds, dBTP.")] = None,
    rate: Annotated[int, typer.Option(help="Samples a second.")] = 0,
    artist: Annotated[str, typer.Option(help="Who made it; written into the files.")] = "",
    album: Annotated[str, typer.Option(help="Written into the files.")] = "",
    cover: Annotated[bool, typer.Option("--cover", help="Draw a cover from the song, into the files.")] = False,
    preview: Annotated[str, typer.Option(metavar="START[+SECONDS]", help="Only this part: 30+15.")] = "",
    receipt: Annotated[Path | None, typer.Option(help="Make again what this receipt says, instead of stems.")] = None,
    wait: Wait = True,
    as_json: Json = False,
) -> None:
    """Make a new song of stems: TRACK:STEM[@SETTING…],…"""
    words = MatchWords(match, bpm, tempo_of, key, key_of, arrange)
    files = OutputWords(tuple(formats or ()), loudness, peak, rate, artist, album, cover)

    async def wish(desk: Desk) -> fusion_pb2.CreateFusionRequest:
        choices = stem_expressions.parse(selection or [])
        request = fusion_pb2.CreateFusionRequest(
            title=title,
            length=wishes.length_of(length),
            output=wishes.output_of(files),
            preview=wishes.preview_of(preview),
            choice=choice,
            balance=balance,
            idempotency_key=uuid.uuid4().hex,
        )
        request.stems.extend(await selected(desk.api, choices))
        for stem in request.stems:
            stem.speed, stem.semitones = stem.speed or speed, stem.semitones or semitones
        if asked := await wishes.match_of(desk.api, words):
            request.match.CopyFrom(asked)
        request.parent_fusion_id = revises and await fusion_id(desk.api, revises)
        return request

    async def action(desk: Desk) -> ExitCode:
        if (receipt is None) == (not selection):
            desk.out.wrong("USAGE", "Say either TRACK:STEMS… or --receipt FILE.")
            return ExitCode.USAGE
        if receipt is not None:
            again = fusion_pb2.CreateFusionFromReceiptRequest(
                receipt=_receipt(receipt),
                title=title,
                encodings=wishes.encodings(formats or ()),
                idempotency_key=uuid.uuid4().hex,
            )
            return await _made(desk, await desk.api.call(methods.CREATE_FROM_RECEIPT, again), wait=wait)
        return await _made(desk, await desk.api.call(methods.CREATE_FUSION, await wish(desk)), wait=wait)

    run(context, action, as_json=as_json)


async def _made(desk: Desk, asked: fusion_pb2.Fusion, *, wait: bool) -> ExitCode:
    about = asked.fusion_id
    board = await follow(desk.out, desk.api, watching.jobs_ended([about]), [about], {}) if wait else None
    if board and verdict(board) is ExitCode.OK:
        asked = await desk.api.call(methods.GET_FUSION, fusion_pb2.GetFusionRequest(fusion_id=about))
    for notice in (*asked.plan.warnings, *asked.result.warnings):
        desk.out.note(f"{notice.message} ({notice.code})", style="yellow")
    desk.out.result(asked, lambda: desk.out.say(described(asked)))
    return verdict(board) if board else ExitCode.OK


def _receipt(path: Path) -> struct_pb2.Struct:
    try:
        return json_format.Parse(path.read_text(encoding="utf-8"), struct_pb2.Struct())
    except (json_format.ParseError, UnicodeDecodeError, json.JSONDecodeError):
        raise ExpressionError(f"{path} is no receipt: `puremusic fusion receipt FUSION -o FILE` makes one.") from None
