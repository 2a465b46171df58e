"""Transport: gRPC to use cases and back."""

from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import grpc
from puremusic.separation.v1 import separation_pb2, separation_pb2_grpc

from chassis import idempotency, identity, jobs, paging, watching
from chassis.errors import InvalidInput
from chassis.jetstream import Bus
from chassis.jobs import JobConfig
from chassis.postgres import Database
from chassis.work_record import to_timestamp
from services.separation import messages, separations, store
from services.separation.downloads import Downloads
from services.separation.engine.registry import ModelCard
from services.separation.ingest_client import IngestClient
from services.separation.models import Models
from services.separation.separations import Order, Terms
from services.separation.store import RESIDUAL

Context = grpc.aio.ServicerContext[Any, Any]
MAX_BATCH = 100


@dataclass(frozen=True)
class SeparationsServicer(separation_pb2_grpc.SeparationsServiceServicer):
    """Serves `puremusic.separation.v1.SeparationsService`."""

    database: Database
    bus: Bus
    jobs: JobConfig
    pool: str
    models: Models
    downloads: Downloads
    ingest: IngestClient

    async def CreateSeparation(
        self, request: separation_pb2.CreateSeparationRequest, context: Context
    ) -> separation_pb2.Separation:
        """Take a track apart, or return the equal separation that is there."""
        wanted = await self._order(request)
        track = await self.ingest.ready_track(request.track_id, context)
        terms = Terms(self.jobs, self.pool, limited=True, absent=await self._absent(wanted))
        async with self.database.transaction() as connection:
            separation_id = await idempotency.once(
                connection,
                track.owner_id,
                "CreateSeparation",
                request.idempotency_key,
                request,
                lambda: separations.request(connection, track, wanted, terms, messages.announce),
            )
            return await messages.shown(connection, await store.by_id(connection, separation_id))

    async def GetSeparation(
        self, request: separation_pb2.GetSeparationRequest, context: Context
    ) -> separation_pb2.Separation:
        """Return one of the caller's separations."""
        return await self._shown(identity.caller().user_id, request.separation_id)

    async def ListSeparations(
        self, request: separation_pb2.ListSeparationsRequest, context: Context
    ) -> separation_pb2.ListSeparationsResponse:
        """List the caller's separations, newest first."""
        wanted = paging.page(request.page_size, request.page_token)
        async with self.database.transaction() as connection:
            rows = await separations.page(connection, identity.caller().user_id, request.track_id, wanted)
            rows, last = paging.split(rows, wanted.size)
            records = await separations.records(connection, rows)
        return separation_pb2.ListSeparationsResponse(
            separations=[messages.to_separation(*record) for record in records],
            next_page_token=separations.token_after(last) if last else "",
        )

    async def CancelSeparation(
        self, request: separation_pb2.CancelSeparationRequest, context: Context
    ) -> separation_pb2.Separation:
        """Stop a separation."""
        async with self.database.transaction() as connection:
            row = await separations.find(connection, identity.caller().user_id, request.separation_id)
            await jobs.request_cancel(connection, row.separation_id, messages.announce)
            return await messages.shown(connection, await store.by_id(connection, row.separation_id))

    async def WatchSeparation(
        self, request: separation_pb2.WatchSeparationRequest, context: Context
    ) -> AsyncIterator[separation_pb2.WatchSeparationResponse]:
        """Send the separation now and at every change."""
        owner_id, separation_id = identity.caller().user_id, request.separation_id

        async def read() -> separation_pb2.Separation:
            return await self._shown(owner_id, separation_id)

        await read()  # whose it is comes first: its id becomes part of a subject
        async for present in watching.watch(self.bus, "separation", owner_id, separation_id, read, _ended):
            yield separation_pb2.WatchSeparationResponse(separation=present)

    async def ListSegments(
        self, request: separation_pb2.ListSegmentsRequest, context: Context
    ) -> separation_pb2.ListSegmentsResponse:
        """List the parts of a separation that can be played already."""
        owner_id, size = identity.caller().user_id, paging.page(request.page_size, "").size
        async with self.database.transaction() as connection:
            row, job, segments = await separations.finished_segments(
                connection, owner_id, request.separation_id, request.from_frame, size
            )
        shown = [
            (segment, [(stem, self.downloads.segment(row, stem)) for stem in segment.stems]) for segment in segments
        ]
        expiries = [download.expires for _, pieces in shown for _, download in pieces]
        return separation_pb2.ListSegmentsResponse(
            segments=[messages.to_segment(segment, pieces) for segment, pieces in shown],
            sample_rate=row.sample_rate,
            channels=row.channels,
            playable_frames=0 if job.ended else row.playable_frames,
            expire_time=to_timestamp(min(expiries)) if expiries else None,
            status=messages.STATUS[job.state],
        )

    async def ListStems(
        self, request: separation_pb2.ListStemsRequest, context: Context
    ) -> separation_pb2.ListStemsResponse:
        """List the stems of a track."""
        owner_id, track_id = identity.caller().user_id, request.track_id
        async with self.database.transaction() as connection:
            done = await store.newest_completed(connection, owner_id, track_id)
            records = await separations.records(connection, done)
            beginnings = await separations.records(connection, await store.unfinished(connection, owner_id, track_id))
        if not records and not beginnings:
            await self.ingest.require_own(track_id, context)
        return separation_pb2.ListStemsResponse(
            stems=[messages.to_stem(row, stem) for row, _, stems in records for stem in stems if stem.type != RESIDUAL],
            in_progress=[messages.to_in_progress(row, job) for row, job, _ in beginnings],
        )

    async def BatchGetStems(
        self, request: separation_pb2.BatchGetStemsRequest, context: Context
    ) -> separation_pb2.BatchGetStemsResponse:
        """Return stems by id."""
        if len(request.stem_ids) > MAX_BATCH:
            raise InvalidInput("BATCH_TOO_LARGE", f"Ask for at most {MAX_BATCH} stems at once.", limit=MAX_BATCH)
        async with self.database.transaction() as connection:
            found = await separations.find_stems(connection, identity.caller().user_id, request.stem_ids)
        return separation_pb2.BatchGetStemsResponse(stems=[messages.to_stem(row, stem) for row, stem in found])

    async def ListModels(
        self, request: separation_pb2.ListModelsRequest, context: Context
    ) -> separation_pb2.ListModelsResponse:
        """List the models that this installation knows."""
        return separation_pb2.ListModelsResponse(
            models=[
                messages.to_model(
                    card,
                    present=await self.models.present(card),
                    is_default=card.name == self.models.default_name,
                    qualities=await self.models.qualities_of(card),
                )
                for card in self.models.cards()
            ]
        )

    async def GetStemDownloadUrl(
        self, request: separation_pb2.GetStemDownloadUrlRequest, context: Context
    ) -> separation_pb2.DownloadUrl:
        """Return a presigned address of one stem."""
        async with self.database.transaction() as connection:
            found = await separations.find_stems(connection, identity.caller().user_id, [request.stem_id])
        row, stem = found[0]
        return messages.to_download(await self.downloads.stem(row, stem, messages.FORMATS[request.format]))

    async def GetArchiveDownloadUrl(
        self, request: separation_pb2.GetArchiveDownloadUrlRequest, context: Context
    ) -> separation_pb2.DownloadUrl:
        """Return a presigned address of a ZIP with all stems of a separation."""
        async with self.database.transaction() as connection:
            row, job, stems = await separations.completed(connection, identity.caller().user_id, request.separation_id)
        form = messages.FORMATS[request.format]
        return messages.to_download(await self.downloads.archive(row, job.attempt, stems, form))

    async def _order(self, request: separation_pb2.CreateSeparationRequest) -> Order:
        """Return what the request asks for; raises `InvalidInput`."""
        chosen: dict[str, ModelCard] = {}
        for choice in request.stem_models:
            stem = messages.stem_name(choice.type)
            if stem in chosen:
                raise InvalidInput(
                    "STEM_CHOSEN_TWICE", f"Two models are named for the stem '{stem}'; name one.", stem=stem
                )
            chosen[stem] = self.models.card(choice.model)
        stems = [messages.stem_name(stem_type) for stem_type in request.stem_types]
        return separations.order(await self._base(request, set(stems).difference(chosen)), stems, chosen)

    async def _base(self, request: separation_pb2.CreateSeparationRequest, stems: AbstractSet[str]) -> ModelCard:
        """Return the model that makes the stems for which none is named: the one named, or the one the quality chooses."""
        if request.model and request.quality:
            raise InvalidInput("MODEL_AND_QUALITY", "Name either a model or a quality: a quality chooses the model.")
        if request.quality:
            return await self.models.chosen(messages.QUALITY_NAMES[request.quality], stems)
        return self.models.card(request.model)

    async def _absent(self, wanted: Order) -> str:
        """Return the name of a model that the order needs and whose weights are not there; empty: they all are."""
        for name in sorted(wanted.models):
            if not await self.models.present(self.models.card(name)):
                return name
        return ""

    async def _shown(self, owner_id: str, separation_id: str) -> separation_pb2.Separation:
        async with self.database.transaction() as connection:
            return await messages.shown(connection, await separations.find(connection, owner_id, separation_id))


def _ended(separation: separation_pb2.Separation) -> bool:
    return separation.status in messages.ENDED
