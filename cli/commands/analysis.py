"""`analysis show | correct`."""

from collections.abc import Iterator
from typing import Annotated

import typer
from puremusic.mir.v1 import mir_pb2

from cli import corrections
from cli.client import methods
from cli.desk import Desk, Json, run
from cli.exit_codes import ExitCode
from cli.lookup import track_id
from cli.moments import length

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="What was heard in a track, and what is right.")

Track = Annotated[str, typer.Argument(help="Its id, the beginning of its id, or its title.")]


@app.command()
def show(context: typer.Context, track: Track, as_json: Json = False) -> None:
    """Show all that was heard; beats and chords one by one only with --json."""

    async def action(desk: Desk) -> None:
        request = mir_pb2.GetAnalysisRequest(track_id=await track_id(desk.api, track))
        _show(desk, await desk.api.call(methods.GET_ANALYSIS, request))

    run(context, action, as_json=as_json)


@app.command()
def correct(
    context: typer.Context,
    track: Track,
    tempo: Annotated[str, typer.Option(help="BPM, or times what was heard: 128, x2, /2.")] = "",
    downbeat: Annotated[str, typer.Option(help="Where a bar begins, in seconds.")] = "",
    key: Annotated[str, typer.Option(help="F#m, 'F# minor', Bb.")] = "",
    metre: Annotated[str, typer.Option(help="3/4, 4/4, 6/8.")] = "",
    as_json: Json = False,
) -> None:
    """Say what is right: it holds for every later analysis. `heard` instead of a value takes it back."""
    typed = {"tempo": tempo, "downbeat_seconds": downbeat, "key": key, "time_signature": metre}
    words = {field: word for field, word in typed.items() if word}

    async def action(desk: Desk) -> ExitCode:
        if not words:
            desk.out.wrong("USAGE", "Say at least one of --tempo, --downbeat, --key, --metre.")
            return ExitCode.USAGE
        request = corrections.correction(await track_id(desk.api, track), words)
        _show(desk, await desk.api.call(methods.UPDATE_ANALYSIS, request))
        return ExitCode.OK

    run(context, action, as_json=as_json)


def _show(desk: Desk, analysis: mir_pb2.Analysis) -> None:
    desk.out.result(analysis, lambda: desk.out.table(("what", "heard"), _rows(analysis)))


def _rows(analysis: mir_pb2.Analysis) -> Iterator[tuple[str, str]]:
    yield from _of_the_whole(analysis)
    yield from _over_time(analysis)
    for absence in analysis.absences:
        yield _word(mir_pb2.Finding.Name(absence.finding), "FINDING_"), f"- ({_reason(absence)})"


def _of_the_whole(analysis: mir_pb2.Analysis) -> Iterator[tuple[str, str]]:
    yield "status", _word(mir_pb2.AnalysisStatus.Name(analysis.status), "ANALYSIS_STATUS_")
    if analysis.provisional:
        yield "so far", "first findings; the rest follows"
    if analysis.source:
        yield "from", _word(mir_pb2.AnalysisSource.Name(analysis.source), "ANALYSIS_SOURCE_")
    if analysis.HasField("tempo"):
        yield "tempo", _tempo(analysis.tempo)
    if analysis.HasField("time_signature"):
        metre = analysis.time_signature
        yield "metre", f"{metre.numerator}/{metre.denominator} ({_sure(metre.confidence)})"
    if analysis.HasField("key"):
        yield "key", _key(analysis.key)
    if analysis.HasField("tuning_cents"):
        yield "tuning", f"{analysis.tuning_cents:+.1f} cents"
    if analysis.HasField("loudness"):
        yield "loudness", _loudness(analysis.loudness)


def _over_time(analysis: mir_pb2.Analysis) -> Iterator[tuple[str, str]]:
    if len(analysis.key_sections) > 1:
        yield "keys", ", ".join(f"{length(part.start_seconds)} {part.key.name}" for part in analysis.key_sections)
    if analysis.sections:
        yield "form", " ".join(f"{part.label}{f'({part.bars})' if part.bars else ''}" for part in analysis.sections)
    if analysis.chords:
        yield "chords", " ".join(chord.name for chord in analysis.chords)
    for number, passage in enumerate(analysis.passages, 1):
        yield f"hard {number}", f"{length(passage.start_seconds)} to {length(passage.end_seconds)}"
    for stem in analysis.stems:
        yield stem.stem, f"{_loudness(stem.loudness)}; plays {length(sum(_seconds(span) for span in stem.active))}"


def _tempo(tempo: mir_pb2.Tempo) -> str:
    others = " or ".join(f"{other.bpm:.2f}" for other in tempo.candidates[1:3])
    steadiness = "steady" if tempo.steady else "varying"
    return f"{tempo.bpm:.2f} BPM ({_sure(tempo.confidence)}), {steadiness}{f'; perhaps {others}' if others else ''}"


def _key(key: mir_pb2.Key) -> str:
    other = f"; perhaps {key.runner_up.name}" if key.HasField("runner_up") else ""
    return f"{key.name}, {key.camelot} ({_sure(key.confidence)}){other}"


def _loudness(loudness: mir_pb2.Loudness) -> str:
    measured = (
        (loudness.HasField("integrated_lufs"), f"{loudness.integrated_lufs:.1f} LUFS"),
        (loudness.HasField("range_lu"), f"range {loudness.range_lu:.1f} LU"),
        (loudness.HasField("true_peak_dbtp"), f"peak {loudness.true_peak_dbtp:.1f} dBTP"),
    )
    return ", ".join(words for there, words in measured if there) or "silent"


def _sure(confidence: float) -> str:
    return f"{confidence:.0%} sure"


def _seconds(span: mir_pb2.Span) -> float:
    return span.end_seconds - span.start_seconds


def _reason(absence: mir_pb2.Absence) -> str:
    return _word(mir_pb2.AbsenceReason.Name(absence.reason), "ABSENCE_REASON_")


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower().replace("_", " ")
