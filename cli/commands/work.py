"""`analyse`, `fuse`."""

import uuid
from typing import Annotated

import typer
from puremusic.fusion.v1 import fusion_pb2
from puremusic.gateway.v1 import gateway_pb2
from puremusic.mir.v1 import mir_pb2

from cli import stem_expressions
from cli.client import Api, NotFound, methods, watching
from cli.desk import Desk, Json, Wait, run
from cli.exit_codes import ExitCode
from cli.following import follow, verdict
from cli.lookup import fusion_id, track_ids
from cli.moments import length
from cli.output import as_dict, short
from cli.stem_expressions import ALL, Choice

__all__ = ["analyse", "fuse", "selected"]

Selection = Annotated[
    list[str], typer.Argument(metavar="TRACK:STEMS…", help="For example: a1b2:vocals@-3dB c3d4:drums@L20,bass")
]


def analyse(
    context: typer.Context,
    tracks: Annotated[list[str], typer.Argument(help="Ids, beginnings of ids, or titles.")],
    again: Annotated[bool, typer.Option("--again", help="Also what was analysed already.")] = False,
    wait: Wait = True,
    as_json: Json = False,
) -> None:
    """Hear tempo, key and loudness of tracks. What was heard already is not heard again."""

    async def action(desk: Desk) -> ExitCode:
        wanted = list(dict.fromkeys(await track_ids(desk.api, tracks)))
        known = {} if again else {each.track_id: each for each in await _analyses(desk.api, wanted)}
        asked = [await _analysis(desk.api, each, known.get(each)) for each in wanted]
        pending = [each.analysis_id for each in asked if each.status != mir_pb2.ANALYSIS_STATUS_COMPLETED]
        board = watching.Board()
        if wait and pending:
            board = await follow(desk.out, desk.api, watching.jobs_ended(pending), pending, {})
        if wait:
            asked = await _analyses(desk.api, wanted)
        columns = ("track", "status", ("tempo", "right"), "key", ("loudness", "right"), ("length", "right"))
        shown = {"analyses": [as_dict(each) for each in asked]}
        desk.out.result(shown, lambda: desk.out.table(columns, map(_heard, asked)))
        return verdict(board)

    run(context, action, as_json=as_json)


def fuse(
    context: typer.Context,
    selection: Selection,
    title: Annotated[str, typer.Option(help="What to call the new song.")] = "",
    revises: Annotated[str, typer.Option(metavar="FUSION", help="The fusion of which this is a new version.")] = "",
    wait: Wait = True,
    as_json: Json = False,
) -> None:
    """Make a new song of stems: TRACK:STEM[@SETTING…],… with a gain (-3dB), a pan (L30) or mute."""

    async def action(desk: Desk) -> ExitCode:
        choices = stem_expressions.parse(selection)
        request = fusion_pb2.CreateFusionRequest(
            title=title,
            stems=await selected(desk.api, choices),
            parent_fusion_id=revises and await fusion_id(desk.api, revises),
            idempotency_key=uuid.uuid4().hex,
        )
        asked = await desk.api.call(methods.CREATE_FUSION, request)
        about = asked.fusion_id
        board = await follow(desk.out, desk.api, watching.jobs_ended([about]), [about], {}) if wait else None
        if board and verdict(board) is ExitCode.OK:
            asked = await desk.api.call(methods.GET_FUSION, fusion_pb2.GetFusionRequest(fusion_id=about))
        desk.out.result(asked, lambda: desk.out.say(_described(asked)))
        return verdict(board) if board else ExitCode.OK

    run(context, action, as_json=as_json)


async def selected(api: Api, choices: list[Choice]) -> list[fusion_pb2.SelectedStem]:
    """Return the choices as the API takes them."""
    ids = await track_ids(api, [choice.track for choice in choices])
    found: list[fusion_pb2.SelectedStem] = []
    for identity, choice in zip(ids, choices, strict=True):
        fader = fusion_pb2.SelectedStem(gain_db=choice.gain_db, pan=choice.pan, mute=choice.mute)
        for stem in await _named(api, identity, choice.type):
            stem.MergeFrom(fader)
            found.append(stem)
    return found


async def _named(api: Api, track: str, kind: str) -> list[fusion_pb2.SelectedStem]:
    if kind != ALL:
        return [fusion_pb2.SelectedStem(track_id=track, type=kind)]
    card = await api.call(methods.GET_CARD, gateway_pb2.GetCardRequest(track_id=track))
    if not card.stems:
        raise NotFound("STEM_NOT_FOUND", f"'{card.title}' has no stems yet: separate it first.", code="NOT_FOUND")
    return [fusion_pb2.SelectedStem(stem_id=stem.stem_id) for stem in card.stems]


async def _analyses(api: Api, tracks: list[str]) -> list[mir_pb2.Analysis]:
    found: list[mir_pb2.Analysis] = []
    for start in range(0, len(tracks), 100):
        request = mir_pb2.BatchGetAnalysesRequest(track_ids=tracks[start : start + 100])
        found += (await api.call(methods.BATCH_GET_ANALYSES, request)).analyses
    return found


async def _analysis(api: Api, track: str, known: mir_pb2.Analysis | None) -> mir_pb2.Analysis:
    if known is not None and known.status == mir_pb2.ANALYSIS_STATUS_COMPLETED:
        return known
    request = mir_pb2.CreateAnalysisRequest(track_id=track, idempotency_key=uuid.uuid4().hex)
    return await api.call(methods.CREATE_ANALYSIS, request)


def _heard(analysis: mir_pb2.Analysis) -> tuple[str, ...]:
    return (
        short(analysis.track_id),
        mir_pb2.AnalysisStatus.Name(analysis.status).removeprefix("ANALYSIS_STATUS_").lower(),
        f"{analysis.tempo.bpm:.2f}" if analysis.HasField("tempo") else "-",
        f"{analysis.key.name} ({analysis.key.camelot})" if analysis.HasField("key") else "-",
        f"{analysis.loudness_lufs:.1f} LUFS" if analysis.HasField("loudness_lufs") else "-",
        length(analysis.duration_seconds),
    )


def _described(fusion: fusion_pb2.Fusion) -> str:
    status = fusion_pb2.FusionStatus.Name(fusion.status).removeprefix("FUSION_STATUS_").lower()
    words = f"fusion {short(fusion.fusion_id)} '{fusion.title}': {status}"
    if not fusion.HasField("result"):
        return words
    result = fusion.result
    measured = [length(result.duration_seconds)]
    if result.HasField("loudness_lufs"):
        measured.append(f"{result.loudness_lufs:.1f} LUFS")
    if result.HasField("true_peak_dbtp"):
        measured.append(f"peak {result.true_peak_dbtp:.1f} dBTP")
    return f"{words}, {', '.join(measured)}"
