"""`fusion suggest | compatibility | rank | rename | receipt`."""

import json
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import MessageToDict
from puremusic.fusion.v1 import fusion_pb2

from cli import matching_options as options
from cli import stem_expressions, wishes
from cli.client import methods
from cli.desk import Desk, Json, run
from cli.fusion_shown import described, plan_rows
from cli.lookup import fusion_id, track_id, track_ids, tracks
from cli.output import as_dict, short
from cli.selecting import selected
from cli.wishes import MatchWords

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="How songs go together, before and after they are fused.")

Track = Annotated[str, typer.Argument(help="Its id, the beginning of its id, or its title.")]
Roles = Annotated[str, typer.Option(help="Which of its stems, with commas: vocals,drums,…")]
Named = Annotated[str, typer.Argument(help="Id, beginning of the id, or title.")]


@app.command()
def suggest(
    context: typer.Context,
    selection: options.Selection,
    match: options.Match = wishes.Matched.FULL,
    bpm: options.Bpm = None,
    tempo_of: options.TempoOf = "",
    key: options.Key = "",
    key_of: options.KeyOf = "",
    arrange: options.Arrange = False,
    length: options.Length = "",
    count: Annotated[int, typer.Option(help="At most so many plans.")] = 3,
    as_json: Json = False,
) -> None:
    """Say how stems could be brought together, what it costs and why; nothing is rendered."""
    words = MatchWords(match, bpm, tempo_of, key, key_of, arrange)

    async def action(desk: Desk) -> None:
        request = fusion_pb2.SuggestFusionRequest(
            stems=await selected(desk.api, stem_expressions.parse(selection)),
            match=await wishes.match_of(desk.api, words),
            length=wishes.length_of(length),
            count=count,
        )
        found = await desk.api.call(methods.SUGGEST_FUSION, request)
        rows = [row for plan in found.plans for row in plan_rows(plan)]
        desk.out.result(found, lambda: desk.out.table(("what", "how"), rows))

    run(context, action, as_json=as_json)


@app.command()
def compatibility(
    context: typer.Context,
    track: Track,
    other: Track,
    roles: Roles = "",
    other_roles: Roles = "",
    as_json: Json = False,
) -> None:
    """Say how well the stems of one track (its vocals) go over those of another."""

    async def action(desk: Desk) -> None:
        first, second = await track_ids(desk.api, [track, other])
        request = fusion_pb2.GetCompatibilityRequest(
            track_id=first, other_track_id=second, roles=_words(roles), other_roles=_words(other_roles)
        )
        found = await desk.api.call(methods.GET_COMPATIBILITY, request)
        rows = [("score", f"{found.score:.2f}"), *(("why", reason.message) for reason in found.reasons)]
        desk.out.result(found, lambda: desk.out.table(("what", "heard"), rows))

    run(context, action, as_json=as_json)


@app.command()
def rank(
    context: typer.Context,
    track: Track,
    role: Annotated[str, typer.Option(help="Which of its stems.")] = "vocals",
    as_json: Json = False,
) -> None:
    """Say which of your tracks fit a stem of this one, best first."""

    async def action(desk: Desk) -> None:
        request = fusion_pb2.RankTracksRequest(track_id=await track_id(desk.api, track), role=role)
        found = await desk.api.call(methods.RANK_TRACKS, request)
        titles = {each.id: each.title for each in await tracks(desk.api)}
        desk.out.result(
            as_dict(found),
            lambda: desk.out.table(
                ("track", "title", ("score", "right"), "why"), (_ranked(each, titles) for each in found.tracks)
            ),
        )

    run(context, action, as_json=as_json)


@app.command()
def rename(
    context: typer.Context,
    fusion: Named,
    title: Annotated[str, typer.Argument(help="What it is called from now on.")],
    as_json: Json = False,
) -> None:
    """Give a fusion another title; what is downloaded from now on is called so."""

    async def action(desk: Desk) -> None:
        request = fusion_pb2.UpdateFusionRequest(
            fusion=fusion_pb2.Fusion(fusion_id=await fusion_id(desk.api, fusion), title=title),
            update_mask=FieldMask(paths=["title"]),
        )
        renamed = await desk.api.call(methods.UPDATE_FUSION, request)
        desk.out.result(renamed, lambda: desk.out.say(described(renamed)))

    run(context, action, as_json=as_json)


@app.command()
def receipt(
    context: typer.Context,
    fusion: Named,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Where to save it; else it is printed.")] = None,
) -> None:
    """Show how a fusion was made, to the sample; `fuse --receipt` makes it again."""

    async def action(desk: Desk) -> None:
        request = fusion_pb2.GetReceiptRequest(fusion_id=await fusion_id(desk.api, fusion))
        answer = await desk.api.call(methods.GET_RECEIPT, request)
        document = MessageToDict(answer.receipt)
        if output is None:
            desk.out.line(document)
        else:
            output.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
            desk.out.say(str(output))

    run(context, action, as_json=output is None)


def _words(roles: str) -> list[str]:
    return [role.strip() for role in roles.split(",") if role.strip()]


def _ranked(found: fusion_pb2.Compatibility, titles: dict[str, str]) -> tuple[str, ...]:
    why = found.reasons[0].message if found.reasons else ""
    return short(found.other_track_id), titles.get(found.other_track_id, "-"), f"{found.score:.2f}", why
