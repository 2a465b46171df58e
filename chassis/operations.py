"""Upkeep as every service with data serves it: the collector, and announcing the present state again."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from puremusic.operations.v1 import operations_pb2, operations_pb2_grpc

from chassis.collector import Garbage
from chassis.identity import ADMIN, Policy

SERVICE = "puremusic.operations.v1.OperationsService"
POLICY: Policy = {f"/{SERVICE}/CollectGarbage": ADMIN, f"/{SERVICE}/Republish": ADMIN}

Context = grpc.aio.ServicerContext[Any, Any]
Collect = Callable[[float, bool], Awaitable[Garbage]]
Republish = Callable[[], Awaitable[int]]


class OperationsServicer(operations_pb2_grpc.OperationsServiceServicer):
    """Serves `puremusic.operations.v1` from a service's own collector and store."""

    def __init__(self, collect: Collect, republish: Republish, grace_seconds: float) -> None:
        self._collect = collect
        self._republish = republish
        self._grace_seconds = grace_seconds

    async def CollectGarbage(
        self, request: operations_pb2.CollectGarbageRequest, context: Context
    ) -> operations_pb2.CollectGarbageResponse:
        """Remove the service's orphaned objects, or only count them."""
        grace = float(request.grace_seconds) if request.HasField("grace_seconds") else self._grace_seconds
        garbage = await self._collect(grace, request.dry_run)
        return operations_pb2.CollectGarbageResponse(
            scanned=garbage.scanned,
            orphans=garbage.orphans,
            bytes=garbage.size_bytes,
            sample_keys=garbage.sample,
        )

    async def Republish(
        self, request: operations_pb2.RepublishRequest, context: Context
    ) -> operations_pb2.RepublishResponse:
        """Announce every aggregate's present state again."""
        return operations_pb2.RepublishResponse(published=await self._republish())
