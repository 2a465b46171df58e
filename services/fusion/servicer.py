"""Transport: gRPC to use cases and back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc
from puremusic.fusion.v1 import fusion_pb2, fusion_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import idempotency, identity, jobs, paging, sorting, validation, watching
from chassis.jetstream import Bus
from chassis.jobs import JobConfig
from chassis.objects import ObjectStore
from chassis.postgres import Database
from chassis.sorting import Position
from chassis.work_record import to_timestamp
from services.fusion import formats, fusions, messages, receipt_messages, store, titles
from services.fusion.fusions import Order
from services.fusion.ordering import Ordering
from services.fusion.pairing import Pairing
from services.fusion.sortings import SORTINGS

Context = grpc.aio.ServicerContext[Any, Any]
Creation = fusion_pb2.CreateFusionRequest | fusion_pb2.CreateFusionFromReceiptRequest
UPDATABLE = frozenset(("title",))


@dataclass(frozen=True)
class FusionsServicer(fusion_pb2_grpc.FusionsServiceServicer):
    """Serves `puremusic.fusion.v1.FusionsService`."""

    database: Database
    bus: Bus
    objects: ObjectStore
    jobs: JobConfig
    ordering: Ordering
    pairing: Pairing

    async def CreateFusion(self, request: fusion_pb2.CreateFusionRequest, context: Context) -> fusion_pb2.Fusion:
        """Mix the chosen stems into a new song."""
        order = await self.ordering.order(identity.caller().user_id, request, context)
        return await self._place(order, request)

    async def CreateFusionFromReceipt(
        self, request: fusion_pb2.CreateFusionFromReceiptRequest, context: Context
    ) -> fusion_pb2.Fusion:
        """Render again what a receipt says."""
        order = await self.ordering.again(identity.caller().user_id, request, context)
        return await self._place(order, request)

    async def SuggestFusion(
        self, request: fusion_pb2.SuggestFusionRequest, context: Context
    ) -> fusion_pb2.SuggestFusionResponse:
        """Return the best plans for what is asked for."""
        return fusion_pb2.SuggestFusionResponse(plans=await self.ordering.suggestions(request, context))

    async def GetCompatibility(
        self, request: fusion_pb2.GetCompatibilityRequest, context: Context
    ) -> fusion_pb2.Compatibility:
        """Say how well two tracks go together."""
        return await self.pairing.compatibility(request, context)

    async def RankTracks(
        self, request: fusion_pb2.RankTracksRequest, context: Context
    ) -> fusion_pb2.RankTracksResponse:
        """Say which tracks fit a stem, best first."""
        return fusion_pb2.RankTracksResponse(tracks=await self.pairing.ranking(request, context))

    async def GetReceipt(
        self, request: fusion_pb2.GetReceiptRequest, context: Context
    ) -> fusion_pb2.GetReceiptResponse:
        """Return how a finished fusion was made."""
        async with self.database.transaction() as connection:
            row = await store.of_owner(connection, identity.caller().user_id, request.fusion_id)
        fusions.finished(row)
        return fusion_pb2.GetReceiptResponse(receipt=await receipt_messages.stored(self.objects, row))

    async def _place(self, order: Order, request: Creation) -> fusion_pb2.Fusion:
        async with self.database.transaction() as connection:
            fusion_id = await idempotency.once(
                connection,
                order.owner_id,
                request.DESCRIPTOR.name.removesuffix("Request"),
                request.idempotency_key,
                request,
                lambda: fusions.request(connection, self.jobs, order, messages.announce),
            )
            shown = await _shown(connection, fusion_id)
            gone = await fusions.forget_old_previews(connection, order.owner_id, messages.announce_deleted)
        for preview in gone:
            await self.objects.remove_prefix(fusions.prefix(preview))
        return shown

    async def GetFusion(self, request: fusion_pb2.GetFusionRequest, context: Context) -> fusion_pb2.Fusion:
        """Return one of the caller's fusions."""
        async with self.database.transaction() as connection:
            return await _shown(connection, request.fusion_id)

    async def ListFusions(
        self, request: fusion_pb2.ListFusionsRequest, context: Context
    ) -> fusion_pb2.ListFusionsResponse:
        """List, search and sort the caller's fusions."""
        pattern = sorting.pattern(request.search)
        order = SORTINGS[request.order or fusion_pb2.FUSION_ORDER_NEWEST]
        wanted = paging.page(request.page_size, request.page_token)
        after, owner_id = sorting.position(wanted.after, order), identity.caller().user_id
        async with self.database.transaction() as connection:
            found, total = await store.matching(
                connection, owner_id, wanted.size + 1, after, order, pattern, previews=request.include_previews
            )
            rows, last = paging.split(found, wanted.size)
            records = await jobs.find_many(connection, [row.fusion_id for _, row in rows])
        return fusion_pb2.ListFusionsResponse(
            fusions=[
                messages.to_fusion(row, records[row.fusion_id], planned=False)
                for _, row in rows
                if row.fusion_id in records
            ],
            next_page_token=Position(last[0], last[1].fusion_id).token(order) if last else "",
            total=total,
        )

    async def UpdateFusion(self, request: fusion_pb2.UpdateFusionRequest, context: Context) -> fusion_pb2.Fusion:
        """Change what the mask names."""
        validation.check_mask(request.update_mask.paths, UPDATABLE)
        owner_id, said = identity.caller().user_id, request.fusion
        async with self.database.transaction() as connection:
            await fusions.rename(connection, owner_id, said.fusion_id, said.title, messages.announce_updated)
            return await _shown(connection, said.fusion_id)

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
        file = fusions.file_of(fusions.finished(row), formats.name(request.format))
        kind = formats.FORMATS[file.format]
        filename = titles.as_filename(row.title, kind.ending)
        key = str(fusions.object_key(row, formats.object_name(file.format)))
        url, expires = self.objects.presign_get(key, filename, inline=request.inline, content_type=kind.content_type)
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
