"""`separate`, `models`."""

import asyncio
import uuid
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from puremusic.separation.v1 import separation_pb2
from puremusic.separation.v1.separation_pb2 import Separation, StemModel

from cli import stem_expressions
from cli.client import methods, watching
from cli.client.watching import Board
from cli.desk import Desk, Json, Wait, run
from cli.early import Early
from cli.exit_codes import ExitCode
from cli.following import follow, verdict
from cli.lookup import track_id
from cli.output import as_dict, short
from cli.stem_types import name_of, type_of

__all__ = ["models", "separate"]


class Quality(StrEnum):
    """How good the stems are to be, for those who don't know models."""

    DRAFT = "draft"
    STANDARD = "standard"
    BEST = "best"


Track = Annotated[str, typer.Argument(help="Id, beginning of the id, or title.")]
Model = Annotated[str, typer.Option(help="A name of `models`; empty: what --quality chooses.")]
As = Annotated[Quality | None, typer.Option("--quality", help="Instead of a model: how good, and so how slow.")]
Stems = Annotated[str, typer.Option(help=f"Which, with commas: {','.join(stem_expressions.TYPES)}; empty: all.")]
StemModels = Annotated[
    list[str] | None,
    typer.Option(
        "--stem-model", metavar="STEM=MODEL", help="One stem by another model: vocals=htdemucs_ft; repeatable."
    ),
]
Meanwhile = Annotated[
    Path | None,
    typer.Option(
        "--early", file_okay=False, help="Save finished pieces of the stems there while the rest is computed."
    ),
]


def separate(
    context: typer.Context,
    track: Track,
    model: Model = "",
    quality: As = None,
    stems: Stems = "",
    stem_model: StemModels = None,
    early: Meanwhile = None,
    wait: Wait = True,
    as_json: Json = False,
) -> None:
    """Take a track apart into stems. What was done already is not done again."""
    request = separation_pb2.CreateSeparationRequest(
        model=model,
        quality=separation_pb2.Quality.Value(f"QUALITY_{quality.name if quality else 'UNSPECIFIED'}"),
        stem_types=[_stem_type(name.strip()) for name in stems.split(",") if name.strip()],
        stem_models=map(_stem_model, stem_model or ()),
        idempotency_key=uuid.uuid4().hex,
    )

    async def action(desk: Desk) -> ExitCode:
        request.track_id = await track_id(desk.api, track)
        asked = await desk.api.call(methods.CREATE_SEPARATION, request)
        about = asked.separation_id
        board = await _stay(desk, about, early) if wait else None
        if board and verdict(board) is ExitCode.OK:
            asked = await desk.api.call(
                methods.GET_SEPARATION, separation_pb2.GetSeparationRequest(separation_id=about)
            )
        desk.out.result(asked, lambda: desk.out.say(_described(asked)))
        return verdict(board) if board else ExitCode.OK

    run(context, action, as_json=as_json)


def models(context: typer.Context, as_json: Json = False) -> None:
    """List the models that stems can be made by."""

    async def action(desk: Desk) -> None:
        found = (await desk.api.call(methods.LIST_MODELS, separation_pb2.ListModelsRequest())).models
        columns = ("model", "installed", "quality", ("cost", "right"), ("SDR", "right"), "stems", "licence")
        shown = {"models": [as_dict(model) for model in found]}
        desk.out.result(shown, lambda: desk.out.table(columns, map(_model_row, found)))

    run(context, action, as_json=as_json)


async def _stay(desk: Desk, separation_id: str, early: Path | None) -> Board:
    goal, about = watching.jobs_ended([separation_id]), [separation_id]
    if early is None:
        return await follow(desk.out, desk.api, goal, about, {})
    pieces = Early(desk.api, separation_id, early, desk.out.error_aside)
    saving = asyncio.create_task(pieces.save_all())
    try:
        return await follow(desk.out, desk.api, goal, about, {}, pieces.changed)
    finally:
        saving.cancel()
        with suppress(asyncio.CancelledError):
            await saving


def _stem_type(name: str) -> separation_pb2.StemType.ValueType:
    if name not in stem_expressions.TYPES:
        raise typer.BadParameter(f"'{name}' is none of {', '.join(stem_expressions.TYPES)}")
    return type_of(name)


def _stem_model(choice: str) -> StemModel:
    name, equals, model = choice.partition("=")
    if not equals or not model:
        raise typer.BadParameter(f"'{choice}' is not STEM=MODEL: for example  vocals=htdemucs_ft")
    return StemModel(type=_stem_type(name), model=model)


def _described(separation: Separation) -> str:
    status = separation_pb2.SeparationStatus.Name(separation.status).removeprefix("SEPARATION_STATUS_").lower()
    words = [f"separation {short(separation.separation_id)}: {status}"]
    if separation.reused:
        words.append("the same audio was separated before")
    if separation.null_test.exact:
        words.append("stems and residual add up to the track exactly")
    if separation.null_test.HasField("depth_db"):
        words.append(f"residual {separation.null_test.depth_db:.1f} dB below it")
    return ", ".join(words)


def _model_row(model: separation_pb2.Model) -> tuple[str, ...]:
    qualities = [separation_pb2.Quality.Name(each).removeprefix("QUALITY_").lower() for each in model.qualities]
    installed = "no" if not model.present else "yes" if model.verified else "unverified"
    return (
        f"{model.name} (default)" if model.is_default else model.name,
        installed,
        ",".join(qualities) or "-",
        f"{model.relative_cost:g}x" if model.relative_cost else "-",
        f"{model.sdr_db:.1f} dB" if model.sdr_db else "-",
        ",".join(map(name_of, model.stem_types)),
        model.license,
    )
