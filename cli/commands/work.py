"""`analyse`."""

import uuid
from typing import Annotated

import typer
from puremusic.mir.v1 import mir_pb2

from cli.client import Api, methods, watching
from cli.desk import Desk, Json, Wait, run
from cli.exit_codes import ExitCode
from cli.following import follow, verdict
from cli.lookup import track_ids
from cli.moments import length
from cli.output import as_dict, short

__all__ = ["analyse"]


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
