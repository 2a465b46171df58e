"""The main job, as any client does it: register, upload, look, choose, fuse, download."""

import secrets
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from puremusic.auth.v1 import auth_pb2
from puremusic.fusion.v1 import fusion_pb2
from puremusic.gateway.v1 import gateway_pb2
from puremusic.mir.v1 import mir_pb2
from puremusic.separation.v1 import separation_pb2
from rich.console import Console

from cli.client import Api, SessionCredentials, SessionInMemory, accounts, downloads, methods, tracks, watching
from cli.client.tracks import Wish
from cli.client.uploads import Source
from cli.client.watching import Goal
from cli.exit_codes import ExitCode
from cli.following import follow, verdict
from cli.output import Output
from cli.progress import bytes_shown
from cli.selecting import selected
from cli.stem_expressions import Choice
from deploy.local.demo.report import Heard, JobRecord, Report
from deploy.local.demo.songs import Song
from deploy.local.errors import StackError

__all__ = ["DemoError", "Journey", "travel"]


class DemoError(StackError):
    """The demo can't go on; the message says why."""


@dataclass(frozen=True)
class Journey:
    """What is to be done: songs, the stems of them that make the new song, and where that is saved."""

    songs: Sequence[Song]
    choices: Sequence[Choice]
    out: Path


async def travel(url: str, journey: Journey, report: Report, console: Console) -> None:
    """Do the main job at `url` as a new user who is gone afterwards, and write down in `report` how it went."""
    me = SessionCredentials(url, SessionInMemory())
    async with Api(url, me) as api:
        traveller = _Traveller(api, console, report)
        password = await traveller.sign_up(me)
        ids = await traveller.bring(journey.songs)
        report.heard = await traveller.listen(journey.songs, ids)
        fusion = await traveller.fuse(journey.choices, ids)
        report.fusion = fusion
        await traveller.fetch(fusion, journey.out)
        await api.call(methods.DELETE_ME, auth_pb2.DeleteMeRequest(password=password))


@dataclass(frozen=True)
class _Traveller:
    api: Api
    console: Console
    report: Report

    async def sign_up(self, me: SessionCredentials) -> str:
        """Register, sign in as somebody does who comes back, and see that separation can be had."""
        email, password = f"demo-{secrets.token_hex(6)}@example.com", secrets.token_urlsafe(18)
        with self._stage("sign up"):
            wish = auth_pb2.RegisterRequest(email=email, password=password, display_name="Demo")
            await accounts.register(self.api, me, wish, accept=lambda _: True)
            await accounts.login(self.api, me, email, password)
            models = await self.api.call(methods.LIST_MODELS, separation_pb2.ListModelsRequest())
        if not any(model.is_default and model.present for model in models.models):
            raise DemoError("The separation model's weights are missing: run `make weights` first.")
        return password

    async def bring(self, songs: Sequence[Song]) -> dict[str, str]:
        """Upload the songs and stay until they are separated and analysed; returns the tracks' ids by letter."""
        ids: dict[str, str] = {}
        with self._stage("upload"), bytes_shown(self.console) as begin:

            def begun(_: str, source: Source) -> downloads.Received:
                return begin(source.path.name, source.size)

            for song in songs:
                ids[song.letter] = (await tracks.upload(self.api, song.path, Wish(), begun)).track_id
        with self._stage("separate and analyse"):
            await self._follow(watching.tracks_settled(ids.values()), list(ids.values()))
        return ids

    async def listen(self, songs: Sequence[Song], ids: dict[str, str]) -> list[Heard]:
        """Look at what was heard, and at whether the stems add up."""
        request = mir_pb2.BatchGetAnalysesRequest(track_ids=[ids[song.letter] for song in songs])
        found = {each.track_id: each for each in (await self.api.call(methods.BATCH_GET_ANALYSES, request)).analyses}
        separations = {track: await self._separation(track) for track in found}
        return [Heard(song, found[ids[song.letter]], separations[ids[song.letter]]) for song in songs]

    async def _separation(self, track_id: str) -> separation_pb2.Separation:
        card = await self.api.call(methods.GET_CARD, gateway_pb2.GetCardRequest(track_id=track_id))
        request = separation_pb2.GetSeparationRequest(separation_id=card.separation_id)
        return await self.api.call(methods.GET_SEPARATION, request)

    async def fuse(self, choices: Sequence[Choice], ids: dict[str, str]) -> fusion_pb2.Fusion:
        """Make the new song."""
        stems = await selected(self.api, [replace(each, track=ids[each.track]) for each in choices])
        request = fusion_pb2.CreateFusionRequest(title="Demo", stems=stems, idempotency_key=uuid.uuid4().hex)
        with self._stage("fuse"):
            fusion_id = (await self.api.call(methods.CREATE_FUSION, request)).fusion_id
            await self._follow(watching.jobs_ended([fusion_id]), [fusion_id])
            return await self.api.call(methods.GET_FUSION, fusion_pb2.GetFusionRequest(fusion_id=fusion_id))

    async def fetch(self, fusion: fusion_pb2.Fusion, out: Path) -> None:
        """Save the new song as WAV and as MP3."""
        formats = {".wav": fusion_pb2.FUSION_FORMAT_WAV, ".mp3": fusion_pb2.FUSION_FORMAT_MP3}
        with self._stage("download"), bytes_shown(self.console) as begin:
            for suffix, audio_format in formats.items():
                request = fusion_pb2.GetDownloadUrlRequest(fusion_id=fusion.fusion_id, format=audio_format)
                answer = await self.api.call(methods.GET_FUSION_DOWNLOAD, request)
                into = out.with_suffix(suffix)
                await downloads.save(self.api, answer.url, into, begin(into.name, answer.size_bytes))
                self.report.files.append(into)

    async def _follow(self, goal: Goal, about: list[str]) -> None:
        out = Output(as_json=False, screen=self.console, notes=self.console)
        board = await follow(out, self.api, goal, about, {})
        self.report.jobs += map(JobRecord.of, board.jobs.values())
        if verdict(board) is not ExitCode.OK:
            raise DemoError("A job did not come to its end.")

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.report.stages[name] = time.monotonic() - began
