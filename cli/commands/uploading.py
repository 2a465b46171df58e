"""`upload`."""

import asyncio
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from puremusic.ingest.v1.ingest_pb2 import GetTrackRequest, Track, TrackStatus

from cli.client import Unavailable, methods, tracks, watching
from cli.client.tracks import Wish
from cli.client.uploads import Source
from cli.client.watching import Board
from cli.desk import Desk, Json, Wait, run
from cli.exit_codes import ExitCode
from cli.following import follow, verdict
from cli.lookup import track_id
from cli.output import Output, as_dict, short
from cli.progress import Begin, bytes_shown

__all__ = ["upload"]

_QUESTION = "Do you have the right to use these recordings, and to make something new of them?"

Files = Annotated[list[Path], typer.Argument(help="Songs: WAV, FLAC, MP3, OGG, M4A.", exists=True, dir_okay=False)]
Title = Annotated[str, typer.Option(help="What to call it (one file only); else the file's name.")]
NoProcess = Annotated[bool, typer.Option("--no-process", help="Don't separate and analyse by itself.")]
Resume = Annotated[str, typer.Option(metavar="TRACK", help="Go on with an upload that broke (one file only).")]
Right = Annotated[bool, typer.Option("--i-have-the-right", help="You have the right to use these recordings.")]


def upload(
    context: typer.Context,
    files: Files,
    title: Title = "",
    no_process: NoProcess = False,
    resume: Resume = "",
    i_have_the_right: Right = False,
    wait: Wait = True,
    as_json: Json = False,
) -> None:
    """Upload songs; each is checked, then separated and analysed by itself."""
    if (title or resume) and len(files) > 1:
        raise typer.BadParameter("--title and --resume go with one file.")
    if not resume and not i_have_the_right:
        _ask_for_the_right()
    wish = Wish(title, not no_process)

    async def action(desk: Desk) -> ExitCode:
        sent = await _send(desk, files, wish, resume)
        board = watching.Board()
        if wait:
            board = await _settled(desk, sent)
            sent = [await desk.api.call(methods.GET_TRACK, GetTrackRequest(track_id=each.track_id)) for each in sent]
        shown = {"tracks": [as_dict(track) for track in sent], "jobs": [as_dict(job) for job in board.jobs.values()]}
        rows = [(short(track.track_id), track.title, _status(track)) for track in sent]
        desk.out.result(shown, lambda: desk.out.table(("track", "title", "status"), rows))
        return verdict(board)

    run(context, action, as_json=as_json)


async def _settled(desk: Desk, sent: list[Track]) -> Board:
    titles = {track.track_id: track.title for track in sent}
    goal = watching.tracks_settled(titles, process=all(track.process for track in sent))
    return await follow(desk.out, desk.api, goal, list(titles), titles)


def _status(track: Track) -> str:
    return TrackStatus.Name(track.status).removeprefix("TRACK_STATUS_").lower().replace("_", " ")


async def _send(desk: Desk, files: list[Path], wish: Wish, resumed: str) -> list[Track]:
    if resumed:
        resumed = await track_id(desk.api, resumed)
    sent = []
    with bytes_shown(desk.out.notes) as begin:
        for path in files:
            begun = _Begun(begin)
            try:
                if resumed:
                    sent.append(await tracks.resume(desk.api, resumed, path, begun))
                else:
                    sent.append(await tracks.upload(desk.api, path, wish, begun))
            except (Unavailable, asyncio.CancelledError):
                begun.explain(desk.out)
                raise
    return sent


class _Begun:
    """Remembers the upload under way, so that a person can be told how to go on with it."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self._hint = ""

    def __call__(self, track: str, source: Source) -> Callable[[int], None]:
        self._hint = f"puremusic upload --resume {track} {shlex.quote(str(source.path))}"
        return self._begin(source.path.name, source.size)

    def explain(self, out: Output) -> None:
        if self._hint:
            out.note(f"The upload broke. Go on with: {self._hint}", style="yellow")


def _ask_for_the_right() -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("Say --i-have-the-right if you have the right to use these recordings.")
    typer.confirm(_QUESTION, abort=True, err=True)
