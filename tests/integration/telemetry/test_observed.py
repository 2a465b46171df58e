"""One request, followed through the mesh: its trace, its logs, what is counted."""

import secrets
from dataclasses import replace

import grpc
import httpx
import pytest
from opentelemetry.proto.trace.v1 import trace_pb2
from prometheus_client.parser import text_string_to_metric_families
from puremusic.fusion.v1 import fusion_pb2 as pb

from deploy.local.waiting import until
from tests.integration.fusion.running import User, tone, wish
from tests.integration.telemetry.conftest import PROMPT, Observed

METHOD = "puremusic.fusion.v1.FusionsService"


@pytest.fixture(scope="module")
def ada(observed: Observed) -> User:
    """A user."""
    return observed.fusion.user()


@pytest.fixture(scope="module")
def traced(observed: Observed, ada: User) -> tuple[str, str, pb.Fusion]:
    """A fusion that somebody asked for within a trace of their own: the trace, their span, and what came of it."""
    trace_id, span_id = secrets.token_hex(16), secrets.token_hex(8)
    metadata = (*ada.metadata, ("traceparent", f"00-{trace_id}-{span_id}-01"))
    made = observed.fusion.stub.CreateFusion(wish(ada.stem(tone(220))), metadata=metadata, timeout=30)
    done = ada.ended(made.fusion_id)
    assert done.status == pb.FUSION_STATUS_COMPLETED
    return trace_id, span_id, done


def metrics(port: int) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """What a process counts: by name and labels."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).raise_for_status().text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}


def labels(method: str, **more: str) -> frozenset[tuple[str, str]]:
    """The labels of an RPC's figures."""
    return frozenset({"grpc_service": METHOD, "grpc_method": method, **more}.items())


def test_one_trace_from_the_call_to_the_consumer(observed: Observed, traced: tuple[str, str, pb.Fusion]) -> None:
    trace_id, span_id, _ = traced
    named = observed.receiver.named
    call = named("fusion", f"{METHOD}/CreateFusion", trace_id)
    asked = observed.receiver.until(lambda each: each.trace_id == trace_id and "publish" in each.span.name)
    consumed = named("gateway", "gateway process", trace_id)

    assert call.parent_id == span_id
    assert call.span.kind == trace_pb2.Span.SPAN_KIND_SERVER
    assert call.span.status.code != trace_pb2.Status.STATUS_CODE_ERROR
    assert asked.parent_id == call.span_id
    assert asked.span.kind == trace_pb2.Span.SPAN_KIND_PRODUCER
    published = observed.receiver.until(lambda each: each.span_id == consumed.parent_id)
    assert published.span.name == "events.fusion.pending publish"
    assert published.parent_id == call.span_id
    assert consumed.span.kind == trace_pb2.Span.SPAN_KIND_CONSUMER


def test_the_job_is_linked_to_what_asked_for_it(observed: Observed, traced: tuple[str, str, pb.Fusion]) -> None:
    trace_id, _, done = traced
    job = observed.receiver.until(lambda each: trace_id in each.linked)

    assert (job.process, job.span.name) == ("puremusic-fusion-worker", "fusion job")
    assert job.trace_id != trace_id, "a job may wait for hours: it is no part of the call"
    assert {item.key: item.value.string_value for item in job.span.attributes}["job.id"] == done.fusion_id
    # What the job made known is part of the job's trace, wherever it was heard.
    observed.receiver.named("gateway", "gateway process", job.trace_id)


def test_logs_are_lines_of_json_with_the_ids_of_the_trace(
    observed: Observed, traced: tuple[str, str, pb.Fusion], ada: User
) -> None:
    trace_id, span_id = secrets.token_hex(16), secrets.token_hex(8)
    metadata = (*ada.metadata, ("traceparent", f"00-{trace_id}-{span_id}-01"))
    with pytest.raises(grpc.RpcError):
        observed.fusion.stub.GetFusion(pb.GetFusionRequest(fusion_id="nothing"), metadata=metadata)
    job = observed.receiver.until(lambda each: traced[0] in each.linked)
    log = {process: observed.log(process) for process in ("fusion-serve", "fusion-work", "gateway-serve")}

    (refused,) = [line for line in log["fusion-serve"] if line.get("trace_id") == trace_id]
    call = observed.receiver.named("fusion", f"{METHOD}/GetFusion", trace_id)
    assert (refused["message"], refused["reason"], refused["level"]) == ("call refused", "FUSION_NOT_FOUND", "INFO")
    assert refused["span_id"] == call.span_id
    assert call.span.status.code == trace_pb2.Status.STATUS_CODE_ERROR
    worked = [line["message"] for line in log["fusion-work"] if line.get("trace_id") == job.trace_id]
    assert worked == ["job starts", "job ends"]
    for lines in log.values():
        assert {"time", "level", "process", "logger", "message"} <= set.intersection(*(set(line) for line in lines))
        assert [line for line in lines if line["level"] in ("WARNING", "ERROR", "CRITICAL")] == []


def test_a_server_counts_calls_by_method_and_code(
    observed: Observed, traced: tuple[str, str, pb.Fusion], ada: User
) -> None:
    port = observed.fusion.service.http_port("serve")
    before = metrics(port)
    with pytest.raises(grpc.RpcError):
        observed.fusion.stub.CreateFusion(pb.CreateFusionRequest(), metadata=ada.metadata)
    with pytest.raises(grpc.RpcError):
        observed.fusion.stub.CreateFusion(pb.CreateFusionRequest())
    after = metrics(port)

    def grown(name: str, **more: str) -> float:
        at = (name, labels("CreateFusion", **more))
        return after[at] - before.get(at, 0)

    assert before["grpc_server_handled_total", labels("CreateFusion", grpc_code="OK")] >= 1
    assert before["grpc_server_handled_total", labels("WatchFusion", grpc_code="OK")] >= 1
    assert grown("grpc_server_started_total") == 2
    assert grown("grpc_server_handled_total", grpc_code="INVALID_ARGUMENT") == 1
    assert grown("grpc_server_handled_total", grpc_code="UNAUTHENTICATED") == 1
    assert grown("grpc_server_handling_seconds_count") == 2
    assert ("outbox_lag_seconds", frozenset[tuple[str, str]]()) in after


def test_watches_that_clients_leave_are_counted_and_no_errors(observed: Observed, ada: User) -> None:
    port, left = observed.fusion.service.http_port("serve"), labels("WatchFusion", grpc_code="CANCELLED")
    made = ada.fuse(ada.stem(tone(220, 10)))
    request, times = pb.WatchFusionRequest(fusion_id=made.fusion_id), 20
    for _ in range(times):  # now and then one leaves just as it is written to
        watch = observed.fusion.stub.WatchFusion(request, metadata=ada.metadata, timeout=30)
        next(watch)
        watch.cancel()

    assert until(lambda: metrics(port).get(("grpc_server_handled_total", left), 0) == times, 20)
    ada.ended(made.fusion_id)
    assert not [line for line in observed.log("fusion-serve") if line["level"] == "ERROR"]


def test_a_worker_counts_jobs_by_how_they_end(
    observed: Observed, traced: tuple[str, str, pb.Fusion], ada: User
) -> None:
    port, none = observed.fusion.service.http_port("work"), frozenset[tuple[str, str]]()
    before = metrics(port)
    ada.ended(ada.fuse(ada.stem()).fusion_id)  # a stem without a file

    failed = ("jobs_ended_total", frozenset({("state", "failed")}))
    assert until(lambda: metrics(port).get(failed, 0) - before.get(failed, 0) == 1, 10)
    assert before["jobs_ended_total", frozenset({("state", "completed")})] >= 1
    for name in ("job_duration_seconds_count", "job_wait_seconds_count"):
        assert until(lambda name=name: metrics(port)[name, none] - before[name, none] == 1, 10)  # type: ignore[misc]


def test_what_is_not_yet_sent_at_the_end_is_sent_then(observed: Observed, ada: User) -> None:
    """With the exporter's usual five seconds between two batches, which nobody waits for at the end."""
    service = observed.fusion.service
    service.supervisor.stop(["fusion-work"])
    command = service.command("work", "patient")
    unhurried = {name: value for name, value in command.env.items() if name not in PROMPT}
    patient = service.supervisor.start(replace(command, env=unhurried))
    made = ada.fuse(ada.stem(tone(220)))
    ada.ended(made.fusion_id)
    patient.stop()

    assert patient.exit_code == 0
    observed.receiver.until(
        lambda each: any(item.value.string_value == made.fusion_id for item in each.span.attributes)
    )
