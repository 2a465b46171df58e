"""Transport: gRPC to the read model and back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc
from puremusic.gateway.v1 import gateway_pb2, gateway_pb2_grpc

from chassis import identity, paging, sorting
from chassis.errors import InvalidInput, NotFound
from chassis.postgres import Database
from chassis.sorting import Position
from services.gateway import folding, positions
from services.gateway.mesh_client import MeshClient
from services.gateway.positions import ORDERS, JobPosition
from services.gateway.store import cards, jobs, usage
from services.gateway.watching import Watches

Context = grpc.aio.ServicerContext[Any, Any]
MAX_WATCHED = 100


@dataclass(frozen=True)
class JobsServicer(gateway_pb2_grpc.JobsServiceServicer):
    """Serves `puremusic.gateway.v1.JobsService`."""

    database: Database
    watches: Watches
    mesh: MeshClient

    async def GetJob(self, request: gateway_pb2.GetJobRequest, context: Context) -> gateway_pb2.Job:
        """Return one of the caller's jobs."""
        return await self._find(request.job_id)

    async def ListJobs(self, request: gateway_pb2.ListJobsRequest, context: Context) -> gateway_pb2.ListJobsResponse:
        """List the caller's jobs, newest first."""
        page = paging.page(request.page_size, request.page_token)
        after, owner_id = positions.job_position(page.after), identity.caller().user_id
        async with self.database.transaction() as connection:
            rows = await jobs.newest(connection, owner_id, page.size + 1, after, request.kind, request.state)
        rows, last = paging.split(rows, page.size)
        return gateway_pb2.ListJobsResponse(
            jobs=[job for _, job in rows],
            next_page_token=JobPosition(last[0], last[1].job_id).token if last else "",
        )

    async def WatchJobs(
        self, request: gateway_pb2.WatchJobsRequest, context: Context
    ) -> AsyncIterator[gateway_pb2.WatchJobsResponse]:
        """Send a snapshot, then every change."""
        if len(request.job_ids) > MAX_WATCHED:
            raise InvalidInput("TOO_MANY_JOBS_NAMED", f"Name at most {MAX_WATCHED} jobs.", limit=MAX_WATCHED)
        async for update in self.watches.of_owner(identity.caller().user_id).updates(request.job_ids):
            yield update

    async def CancelJob(self, request: gateway_pb2.CancelJobRequest, context: Context) -> gateway_pb2.Job:
        """Cancel a job of any kind."""
        job = await self._find(request.job_id)
        if job.state in folding.ENDED:
            return job
        cancelled = await self.mesh.cancel(job, context)
        cancelled.title = job.title
        return cancelled

    async def GetUsage(self, request: gateway_pb2.GetUsageRequest, context: Context) -> gateway_pb2.Usage:
        """Return what the caller has used."""
        async with self.database.transaction() as connection:
            return await usage.of_owner(connection, identity.caller().user_id)

    async def _find(self, job_id: str) -> gateway_pb2.Job:
        async with self.database.transaction() as connection:
            job = await jobs.find(connection, identity.caller().user_id, job_id)
        if job is None:
            raise NotFound("JOB_NOT_FOUND", "There is no such job, or it is not yours.")
        return job


@dataclass(frozen=True)
class LibraryServicer(gateway_pb2_grpc.LibraryServiceServicer):
    """Serves `puremusic.gateway.v1.LibraryService`."""

    database: Database

    async def GetCard(self, request: gateway_pb2.GetCardRequest, context: Context) -> gateway_pb2.TrackCard:
        """Return one track card."""
        async with self.database.transaction() as connection:
            card = await cards.find(connection, identity.caller().user_id, request.track_id)
        if card is None:
            raise NotFound("TRACK_NOT_FOUND", "There is no such track, or it is not yours.")
        return card

    async def ListCards(self, request: gateway_pb2.ListCardsRequest, context: Context) -> gateway_pb2.ListCardsResponse:
        """List, search and sort the caller's tracks."""
        pattern = sorting.pattern(request.search)
        order = ORDERS[request.order or gateway_pb2.CARD_ORDER_NEWEST]
        page = paging.page(request.page_size, request.page_token)
        after = sorting.position(page.after, order)
        status = folding.CARD_STATUS_NAMES.get(request.status, "")
        async with self.database.transaction() as connection:
            rows, total = await cards.matching(
                connection, identity.caller().user_id, page.size + 1, after, order, pattern, status
            )
        rows, last = paging.split(rows, page.size)
        return gateway_pb2.ListCardsResponse(
            cards=[card for _, card in rows],
            next_page_token=Position(last[0], last[1].track_id).token(order) if last else "",
            total=total,
        )
