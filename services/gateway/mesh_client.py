"""The other services as gateway sees them: it cancels jobs for users, and does upkeep for operators."""

import asyncio
from collections.abc import Mapping
from typing import Any

import grpc
from puremusic.fusion.v1 import fusion_pb2, fusion_pb2_grpc
from puremusic.gateway.v1 import gateway_pb2
from puremusic.mir.v1 import mir_pb2, mir_pb2_grpc
from puremusic.operations.v1 import operations_pb2, operations_pb2_grpc
from puremusic.separation.v1 import separation_pb2, separation_pb2_grpc

from chassis import peers
from chassis.errors import NotReady
from services.gateway import folding

Context = grpc.aio.ServicerContext[Any, Any]

WITH_UPKEEP = ("ingest", "separation", "mir", "fusion")
UPKEEP_SECONDS = 100.0
"""Upkeep goes through every row or object there is; Envoy waits 120 seconds for it."""


class MeshClient:
    """Calls with the caller's own token: each service checks for itself."""

    def __init__(self, channels: Mapping[str, grpc.aio.Channel]) -> None:
        self._operations = {name: operations_pb2_grpc.OperationsServiceStub(channels[name]) for name in WITH_UPKEEP}
        self._separations = separation_pb2_grpc.SeparationsServiceStub(channels["separation"])
        self._analyses = mir_pb2_grpc.AnalysesServiceStub(channels["mir"])
        self._fusions = fusion_pb2_grpc.FusionsServiceStub(channels["fusion"])

    async def cancel(self, job: gateway_pb2.Job, context: Context) -> gateway_pb2.Job:
        """Ask the service that owns the job to cancel it, and return the job as that service answers."""
        options = peers.options(context)
        if job.kind == gateway_pb2.JOB_KIND_SEPARATION:
            separation = separation_pb2.CancelSeparationRequest(separation_id=job.job_id)
            return folding.job_of_separation(await self._separations.CancelSeparation(separation, **options))
        if job.kind == gateway_pb2.JOB_KIND_ANALYSIS:
            analysis = mir_pb2.CancelAnalysisRequest(track_id=job.track_id)
            return folding.job_of_analysis(await self._analyses.CancelAnalysis(analysis, **options))
        if job.kind == gateway_pb2.JOB_KIND_FUSION:
            fusion = fusion_pb2.CancelFusionRequest(fusion_id=job.job_id)
            return folding.job_of_fusion(await self._fusions.CancelFusion(fusion, **options))
        raise NotReady(
            "IMPORT_NOT_CANCELLABLE",
            "The check of an upload can't be cancelled by itself: delete the track instead.",
            track_id=job.track_id,
        )

    async def republish(self, context: Context) -> int:
        """Have every service announce its state again, and return how many facts that makes."""
        answers = await asyncio.gather(
            *(
                stub.Republish(operations_pb2.RepublishRequest(), **peers.options(context, patience=UPKEEP_SECONDS))
                for stub in self._operations.values()
            )
        )
        return sum(answer.published for answer in answers)

    async def collect_garbage(
        self, request: operations_pb2.CollectGarbageRequest, context: Context
    ) -> dict[str, operations_pb2.CollectGarbageResponse]:
        """Have every service collect its garbage."""
        answers = await asyncio.gather(
            *(
                stub.CollectGarbage(request, **peers.options(context, patience=UPKEEP_SECONDS))
                for stub in self._operations.values()
            )
        )
        return dict(zip(self._operations, answers, strict=True))
