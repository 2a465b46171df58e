"""Transport: gRPC to use cases and back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc
from puremusic.mir.v1 import mir_pb2, mir_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import idempotency, identity, jobs, watching
from chassis.errors import InvalidInput
from chassis.jetstream import Bus
from chassis.jobs import JobConfig
from chassis.objects import ObjectStore
from chassis.postgres import Database
from services.mir import analyses, correcting, drawings, messages, store
from services.mir.findings_messages import to_said
from services.mir.ingest_client import IngestClient

Context = grpc.aio.ServicerContext[Any, Any]
MAX_BATCH = 100


@dataclass(frozen=True)
class AnalysesServicer(mir_pb2_grpc.AnalysesServiceServicer):
    """Serves `puremusic.mir.v1.AnalysesService`."""

    database: Database
    objects: ObjectStore
    bus: Bus
    jobs: JobConfig
    ingest: IngestClient

    async def GetAnalysis(self, request: mir_pb2.GetAnalysisRequest, context: Context) -> mir_pb2.Analysis:
        """Return the analysis of a track."""
        async with self.database.transaction() as connection:
            return await _shown(connection, request.track_id, full=request.view != mir_pb2.ANALYSIS_VIEW_BASIC)

    async def BatchGetAnalyses(
        self, request: mir_pb2.BatchGetAnalysesRequest, context: Context
    ) -> mir_pb2.BatchGetAnalysesResponse:
        """Return the analyses of several tracks."""
        if len(request.track_ids) > MAX_BATCH:
            raise InvalidInput("BATCH_TOO_LARGE", f"Ask for at most {MAX_BATCH} tracks at once.", limit=MAX_BATCH)
        async with self.database.transaction() as connection:
            rows = await store.of_tracks(connection, identity.caller().user_id, request.track_ids, full=False)
            records = await jobs.find_many(connection, [row.analysis_id for row in rows])
        shown = [messages.to_analysis(row, records[row.analysis_id]) for row in rows if row.analysis_id in records]
        return mir_pb2.BatchGetAnalysesResponse(analyses=shown)

    async def CreateAnalysis(self, request: mir_pb2.CreateAnalysisRequest, context: Context) -> mir_pb2.Analysis:
        """Analyse a track (again)."""
        track = await self.ingest.ready_track(request.track_id, context)
        async with self.database.transaction() as connection:
            await idempotency.once(
                connection,
                track.owner_id,
                "CreateAnalysis",
                request.idempotency_key,
                request,
                lambda: analyses.request(connection, self.jobs, track, messages.ANNOUNCING, limited=True),
            )
            return await _shown(connection, request.track_id)

    async def CancelAnalysis(self, request: mir_pb2.CancelAnalysisRequest, context: Context) -> mir_pb2.Analysis:
        """Stop an analysis."""
        async with self.database.transaction() as connection:
            row = await analyses.find(connection, identity.caller().user_id, request.track_id)
            await jobs.request_cancel(connection, row.analysis_id, messages.announce)
            return await _shown(connection, request.track_id)

    async def UpdateAnalysis(self, request: mir_pb2.UpdateAnalysisRequest, context: Context) -> mir_pb2.Analysis:
        """Correct what was heard."""
        owner_id, said = identity.caller().user_id, to_said(request.corrections)
        async with self.database.transaction() as connection:
            await correcting.correct(
                connection, owner_id, request.track_id, request.update_mask.paths, said, messages.announce
            )
            return await _shown(connection, request.track_id, full=True)

    async def ListAnalysisFiles(
        self, request: mir_pb2.ListAnalysisFilesRequest, context: Context
    ) -> mir_pb2.ListAnalysisFilesResponse:
        """Return where what was drawn can be fetched."""
        async with self.database.transaction() as connection:
            row = await analyses.find(connection, identity.caller().user_id, request.track_id)
        drawn = drawings.addresses(self.objects, row)
        return mir_pb2.ListAnalysisFilesResponse(files=[messages.to_file(each) for each in drawn])

    async def WatchAnalysis(
        self, request: mir_pb2.WatchAnalysisRequest, context: Context
    ) -> AsyncIterator[mir_pb2.WatchAnalysisResponse]:
        """Send the analysis now and at every change."""
        owner_id = identity.caller().user_id
        async with self.database.transaction() as connection:
            row = await analyses.find(connection, owner_id, request.track_id)

        async def read() -> mir_pb2.Analysis:
            async with self.database.transaction() as connection:
                present = await store.by_id(connection, row.analysis_id)
                return messages.to_analysis(present, await jobs.find(connection, row.analysis_id))

        async for analysis in watching.watch(self.bus, "analysis", owner_id, row.analysis_id, read, _ended):
            yield mir_pb2.WatchAnalysisResponse(analysis=analysis)


async def _shown(connection: AsyncConnection, track_id: str, *, full: bool = False) -> mir_pb2.Analysis:
    row = await analyses.find(connection, identity.caller().user_id, track_id)
    return messages.to_analysis(row, await jobs.find(connection, row.analysis_id), full=full)


def _ended(analysis: mir_pb2.Analysis) -> bool:
    return analysis.status in messages.ENDED
