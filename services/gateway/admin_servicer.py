"""Transport: the operators' calls."""

from dataclasses import dataclass
from typing import Any

import grpc
from puremusic.gateway.v1 import gateway_pb2, gateway_pb2_grpc
from puremusic.operations.v1 import operations_pb2

from chassis import paging
from chassis.errors import NotFound
from chassis.jetstream import Bus
from chassis.postgres import Database
from chassis.work_record import to_timestamp
from services.gateway import dead_letters
from services.gateway.dead_letters import DeadLetter
from services.gateway.mesh_client import MeshClient
from services.gateway.store import model

Context = grpc.aio.ServicerContext[Any, Any]
BATCH = 200


@dataclass(frozen=True)
class AdminServicer(gateway_pb2_grpc.AdminServiceServicer):
    """Serves `puremusic.gateway.v1.AdminService`."""

    database: Database
    bus: Bus
    mesh: MeshClient

    async def ListDeadLetters(
        self, request: gateway_pb2.ListDeadLettersRequest, context: Context
    ) -> gateway_pb2.ListDeadLettersResponse:
        """List messages that were delivered too often without success."""
        page = paging.page(request.page_size, request.page_token)
        before = dead_letters.sequence_of(page.after[0]) if page.after else None
        found = await dead_letters.page(self.bus.streams, page.size + 1, before)
        found, last = paging.split(found, page.size)
        return gateway_pb2.ListDeadLettersResponse(
            dead_letters=[_shown(letter) for letter in found],
            next_page_token=paging.token(str(last.sequence)) if last else "",
        )

    async def RequeueDeadLetters(
        self, request: gateway_pb2.RequeueDeadLettersRequest, context: Context
    ) -> gateway_pb2.RequeueDeadLettersResponse:
        """Publish dead letters again."""
        letters = await self._named(list(request.dead_letter_ids)) if request.dead_letter_ids else await self._all()
        for letter in letters:
            await dead_letters.requeue(self.bus, letter)
        return gateway_pb2.RequeueDeadLettersResponse(requeued=len(letters))

    async def _named(self, ids: list[str]) -> list[DeadLetter]:
        letters = []
        for dead_letter_id in ids:
            letter = await dead_letters.read(self.bus.streams, dead_letters.sequence_of(dead_letter_id))
            if letter is None:
                raise NotFound("DEAD_LETTER_NOT_FOUND", f"There is no dead letter {dead_letter_id}.", id=dead_letter_id)
            letters.append(letter)
        return letters

    async def _all(self) -> list[DeadLetter]:
        letters: list[DeadLetter] = []
        while batch := await dead_letters.page(self.bus.streams, BATCH, letters[-1].sequence if letters else None):
            letters += batch
        return letters

    async def RebuildReadModel(
        self, request: gateway_pb2.RebuildReadModelRequest, context: Context
    ) -> gateway_pb2.RebuildReadModelResponse:
        """Empty the read model and have it told again. Repeating it does no harm, and makes good for a service that was away."""
        async with self.database.transaction() as connection:
            await model.empty(connection)
        return gateway_pb2.RebuildReadModelResponse(published=await self.mesh.republish(context))

    async def CollectGarbage(
        self, request: gateway_pb2.CollectGarbageRequest, context: Context
    ) -> gateway_pb2.CollectGarbageResponse:
        """Remove orphaned objects in every service."""
        wish = operations_pb2.CollectGarbageRequest(dry_run=request.dry_run)
        if request.HasField("grace_seconds"):
            wish.grace_seconds = request.grace_seconds
        answers = await self.mesh.collect_garbage(wish, context)
        response = gateway_pb2.CollectGarbageResponse()
        for service, answer in answers.items():
            response.services.add(
                service=service,
                scanned=answer.scanned,
                orphans=answer.orphans,
                bytes=answer.bytes,
                sample_keys=answer.sample_keys,
            )
        return response


def _shown(letter: DeadLetter) -> gateway_pb2.DeadLetter:
    return gateway_pb2.DeadLetter(
        dead_letter_id=str(letter.sequence),
        subject=letter.subject,
        consumer=letter.consumer,
        deliveries=letter.deliveries,
        time=to_timestamp(letter.time),
        size_bytes=len(letter.payload),
    )
