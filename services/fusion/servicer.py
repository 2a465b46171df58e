"""Transport: gRPC to use cases and back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc
from puremusic.fusion.v1 import fusion_pb2, fusion_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import idempotency, identity, jobs, paging, watching
from chassis.jetstream import Bus
from chassis.jobs import JobConfig
from chassis.objects import ObjectStore
from chassis.postgres import Database
from chassis.work_record import to_timestamp
from services.fusion import fusions, messages, store, titles
from services.fusion.fusions import Wish
from services.fusion.separation_client import SeparationClient

Context = grpc.aio.ServicerContext[Any, Any]

CONTENT_TYPES = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg"}


@dataclass(frozen=True)
class FusionsServicer(fusion_pb2_grpc.FusionsServiceServicer):
    """Serves `puremusic.fusion.v1.FusionsService`."""

    database: Database
    bus: Bus
    objects: ObjectStore
    jobs: JobConfig
    separation: SeparationClient

    async def CreateFusion(self, request: fusion_pb2.CreateFusionRequest, context: Context) -> fusion_pb2.Fusion:
        """Mix the chosen stems into a new song."""
        owner_id = identity.caller().user_id
        fusions.check_faders([stem.gain_db for stem in request.stems], [stem.pan for stem in request.stems])
        stems = await self.separation.select(request.stems, context)
        wish = Wish(owner_id, request.title, stems, request.parent_fusion_id)
        async with self.database.transaction() as connection:
            fusion_id = await idempotency.once(
                connection,
                owner_id,
                "CreateFusion",
                request.idempotency_key,
                request,
                lambda: fusions.request(connection, self.jobs, wish, messages.announce),
            )
            return await _shown(connection, fusion_id)

    async def GetFusion(self, request: fusion_pb2.GetFusionRequest, context: Context) -> fusion_pb2.Fusion:
        """Return one of the caller's fusions."""
        async with self.database.transaction() as connection:
            return await _shown(connection, request.fusion_id)

    async def ListFusions(
        self, request: fusion_pb2.ListFusionsRequest, context: Context
    ) -> fusion_pb2.ListFusionsResponse:
        """List the caller's fusions, newest first."""
        wanted = paging.page(request.page_size, request.page_token)
        async with self.database.transaction() as connection:
            rows = await fusions.page(connection, identity.caller().user_id, wanted)
            rows, last = paging.split(rows, wanted.size)
            records = await jobs.find_many(connection, [row.fusion_id for row in rows])
        return fusion_pb2.ListFusionsResponse(
            fusions=[messages.to_fusion(row, records[row.fusion_id]) for row in rows if row.fusion_id in records],
            next_page_token=fusions.token_after(last) if last else "",
        )

    async def CancelFusion(self, request: fusion_pb2.CancelFusionRequest, context: Context) -> fusion_pb2.Fusion:
        """Stop a fusion."""
        async with self.database.transaction() as connection:
            await store.of_owner(connection, identity.caller().user_id, request.fusion_id)
            await jobs.request_cancel(connection, request.fusion_id, messages.announce)
            return await _shown(connection, request.fusion_id)

    async def DeleteFusion(
        self, request: fusion_pb2.DeleteFusionRequest, context: Context
    ) -> fusion_pb2.DeleteFusionResponse:
        """Delete a fusion and its files."""
        async with self.database.transaction() as connection:
            row = await store.of_owner(connection, identity.caller().user_id, request.fusion_id)
            await fusions.forget(connection, row, messages.announce_deleted)
        await self.objects.remove_prefix(fusions.prefix(row))
        return fusion_pb2.DeleteFusionResponse()

    async def WatchFusion(
        self, request: fusion_pb2.WatchFusionRequest, context: Context
    ) -> AsyncIterator[fusion_pb2.WatchFusionResponse]:
        """Send the fusion now and at every change."""
        owner_id = identity.caller().user_id

        async def read() -> fusion_pb2.Fusion:
            async with self.database.transaction() as connection:
                row = await store.of_owner(connection, owner_id, request.fusion_id)
                return messages.to_fusion(row, await jobs.find(connection, row.fusion_id))

        await read()  # whose it is comes first: its id becomes part of a subject
        async for fusion in watching.watch(self.bus, "fusion", owner_id, request.fusion_id, read, _ended):
            yield fusion_pb2.WatchFusionResponse(fusion=fusion)

    async def GetDownloadUrl(
        self, request: fusion_pb2.GetDownloadUrlRequest, context: Context
    ) -> fusion_pb2.GetDownloadUrlResponse:
        """Return a presigned address of the finished song."""
        async with self.database.transaction() as connection:
            row = await store.of_owner(connection, identity.caller().user_id, request.fusion_id)
        result = fusions.finished(row)
        kind = messages.FORMAT_NAMES.get(request.format, "wav")
        file = next(file for file in result.files if file.format == kind)
        filename = titles.as_filename(row.title, kind)
        key = str(fusions.object_key(row, f"fusion.{kind}"))
        url, expires = self.objects.presign_get(key, filename, inline=request.inline, content_type=CONTENT_TYPES[kind])
        return fusion_pb2.GetDownloadUrlResponse(
            url=url, expire_time=to_timestamp(expires), filename=filename, size_bytes=file.size_bytes
        )

    async def RateFusion(self, request: fusion_pb2.RateFusionRequest, context: Context) -> fusion_pb2.Fusion:
        """Keep the caller's verdict."""
        owner_id = identity.caller().user_id
        async with self.database.transaction() as connection:
            await fusions.rate(
                connection, owner_id, request.fusion_id, request.stars, request.comment, messages.announce_rated
            )
            return await _shown(connection, request.fusion_id)


async def _shown(connection: AsyncConnection, fusion_id: str) -> fusion_pb2.Fusion:
    row = await store.of_owner(connection, identity.caller().user_id, fusion_id)
    return messages.to_fusion(row, await jobs.find(connection, fusion_id))


def _ended(fusion: fusion_pb2.Fusion) -> bool:
    return fusion.status in messages.ENDED
