"""Jobs of all kinds in one list, and what they have cost."""

import grpc
import pytest
from puremusic.gateway.v1 import gateway_pb2
from puremusic.job.v1 import job_pb2

from chassis import status
from tests.integration.gateway.facts import Author, new_id
from tests.integration.gateway.running import Metadata, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def ids(gateway: Running, caller: Metadata, size: int = 50, **wish: object) -> list[str]:
    """The ids of a whole list."""
    found: list[str] = []
    token = ""
    while True:
        request = gateway_pb2.ListJobsRequest(page_size=size, page_token=token, **wish)  # type: ignore[arg-type]
        page = await gateway.jobs.ListJobs(request, metadata=caller)
        found += [job.job_id for job in page.jobs]
        token = page.next_page_token
        if not token:
            return found


@pytest.mark.parametrize("size", [1, 2, 5])
async def test_all_kinds_newest_first(gateway: Running, ada: Author, as_ada: Metadata, size: int) -> None:
    track, separation, analysis, fusion = (new_id() for _ in range(4))
    await gateway.fold(
        ada.track(track, title="Song", minute=1),
        ada.separation(separation, track, "separating", minute=3),
        ada.analysis(analysis, track, "failed", minute=2),
        ada.fusion(fusion, "cancelled", minute=4, title="Mix"),
        ada.track(new_id(), "awaiting_upload", minute=5),
    )
    assert await ids(gateway, as_ada, size) == [fusion, separation, analysis, track]
    assert await ids(gateway, as_ada, size, kind=gateway_pb2.JOB_KIND_ANALYSIS) == [analysis]
    assert await ids(gateway, as_ada, size, state=job_pb2.JOB_STATE_RUNNING) == [separation]
    assert not await ids(gateway, as_ada, size, kind=gateway_pb2.JOB_KIND_FUSION, state=job_pb2.JOB_STATE_FAILED)
    assert not await ids(gateway, gateway.as_user(Author().owner_id), size)


async def test_equally_old_jobs_are_paged_without_loss(gateway: Running, ada: Author, as_ada: Metadata) -> None:
    fusions = [new_id() for _ in range(7)]
    await gateway.fold(*(ada.fusion(fusion, "pending") for fusion in fusions))
    assert await ids(gateway, as_ada, 2) == sorted(fusions, reverse=True)


async def test_a_job_has_its_track_s_present_title(gateway: Running, ada: Author, as_ada: Metadata) -> None:
    track, separation = new_id(), new_id()
    await gateway.fold(ada.separation(separation, track, "pending"))
    request = gateway_pb2.GetJobRequest(job_id=separation)
    assert (await gateway.jobs.GetJob(request, metadata=as_ada)).title == ""
    await gateway.fold(ada.track(track, title="Old"), ada.track(track, title="New"))
    assert (await gateway.jobs.GetJob(request, metadata=as_ada)).title == "New"


async def test_a_fusion_s_job_has_its_present_title(gateway: Running, ada: Author, as_ada: Metadata) -> None:
    fusion = new_id()
    await gateway.fold(
        ada.fusion(fusion, "completed", title="Mix"), ada.fusion(fusion, "completed", title="Night drive")
    )
    request = gateway_pb2.GetJobRequest(job_id=fusion)
    assert (await gateway.jobs.GetJob(request, metadata=as_ada)).title == "Night drive"


async def test_another_s_job_is_not_there(gateway: Running, ada: Author) -> None:
    fusion = new_id()
    await gateway.fold(ada.fusion(fusion, "completed"))
    for call in (
        gateway.jobs.GetJob(gateway_pb2.GetJobRequest(job_id=fusion), metadata=gateway.as_user("bob")),
        gateway.jobs.CancelJob(gateway_pb2.CancelJobRequest(job_id=fusion), metadata=gateway.as_user("bob")),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call
        assert refused.value.code() == grpc.StatusCode.NOT_FOUND


async def test_what_has_ended_is_not_cancelled_and_an_import_never(
    gateway: Running, ada: Author, as_ada: Metadata
) -> None:
    fusion, track = new_id(), new_id()
    await gateway.fold(ada.fusion(fusion, "completed"), ada.track(track, "checking"))
    ended = await gateway.jobs.CancelJob(gateway_pb2.CancelJobRequest(job_id=fusion), metadata=as_ada)
    assert ended.state == job_pb2.JOB_STATE_COMPLETED
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await gateway.jobs.CancelJob(gateway_pb2.CancelJobRequest(job_id=track), metadata=as_ada)
    assert status.from_call(refused.value).reason == "IMPORT_NOT_CANCELLABLE"


async def test_usage_counts_deleted_work_but_not_deleted_bytes(gateway: Running, ada: Author, as_ada: Metadata) -> None:
    kept, gone, separation, analysis, fusion = (new_id() for _ in range(5))
    await gateway.fold(
        ada.track(kept, engine_seconds=1.0, bytes_read=1000, bytes_written=4000),
        ada.track(gone, engine_seconds=2.0, bytes_read=1000, bytes_written=4000),
        ada.separation(separation, gone, "completed", engine_seconds=8.0, bytes_written=1000),
        ada.analysis(analysis, gone, "completed", stored_bytes=300),
        ada.fusion(fusion, "failed", engine_seconds=0.5),
    )
    before = await gateway.jobs.GetUsage(gateway_pb2.GetUsageRequest(), metadata=as_ada)
    assert (before.tracks, before.stored_bytes, before.engine_seconds) == (2, 2 * 5000 + 2 * 500 + 300, 11.5)
    await gateway.fold(
        ada.separation(separation, gone, "completed", deleted=True, engine_seconds=8.0, bytes_written=1000),
        ada.analysis(analysis, gone, "completed", stored_bytes=300, deleted=True),
        ada.track(gone, engine_seconds=2.0, bytes_read=1000, bytes_written=4000, deleted=True),
    )
    after = await gateway.jobs.GetUsage(gateway_pb2.GetUsageRequest(), metadata=as_ada)
    assert (after.tracks, after.stored_bytes, after.engine_seconds) == (1, 5000, 11.5)
    kinds = {kind.kind: kind for kind in after.kinds}
    imports = kinds[gateway_pb2.JOB_KIND_IMPORT]
    assert (imports.jobs, imports.completed, imports.bytes_read, imports.bytes_written) == (2, 2, 2000, 8000)
    assert (kinds[gateway_pb2.JOB_KIND_FUSION].failed, kinds[gateway_pb2.JOB_KIND_FUSION].completed) == (1, 0)
    assert await ids(gateway, as_ada, kind=gateway_pb2.JOB_KIND_SEPARATION) == []


async def test_an_operator_s_call_needs_the_role(gateway: Running, as_ada: Metadata) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await gateway.admin.ListDeadLetters(gateway_pb2.ListDeadLettersRequest(), metadata=as_ada)
    assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED
