"""The same services by REST, gRPC, gRPC-Web, server-sent events and WebSocket on one port."""

import json

import grpc
import pytest
from grpc_status import rpc_status
from puremusic.auth.v1 import auth_pb2, auth_pb2_grpc
from puremusic.gateway.v1 import gateway_pb2, gateway_pb2_grpc
from puremusic.separation.v1 import separation_pb2, separation_pb2_grpc
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.integration.envoy.door import Door, status_of


def test_native_grpc(door: Door) -> None:
    user = auth_pb2_grpc.AuthServiceStub(door.channel).GetMe(auth_pb2.GetMeRequest(), metadata=door.metadata())
    assert user.user_id == "me"


def test_native_grpc_is_told_code_reason_and_words(door: Door) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        auth_pb2_grpc.AuthServiceStub(door.channel).GetMe(auth_pb2.GetMeRequest())
    assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED
    assert "Sign in first" in (caught.value.details() or "")
    status = rpc_status.from_call(caught.value)  # type: ignore[arg-type]  # raised errors are calls
    assert status is not None
    assert b"TOKEN_MISSING" in status.details[0].value


def test_native_stream(door: Door) -> None:
    stub = gateway_pb2_grpc.JobsServiceStub(door.channel)
    call = stub.WatchJobs(gateway_pb2.WatchJobsRequest(), metadata=door.metadata())
    assert next(call).HasField("snapshot")
    assert next(call).job.version == 7
    call.cancel()
    assert door.upstream.watch.left.wait(5)


def test_grpc_web(door: Door) -> None:
    path = "/puremusic.auth.v1.AuthService/GetMe"
    answer = door.grpc_web(path, auth_pb2.GetMeRequest(), door.bearer())
    assert answer.headers["content-type"] == "application/grpc-web+proto"
    assert status_of(answer)["grpc-status"] == "0"
    length = int.from_bytes(answer.content[1:5], "big")
    assert auth_pb2.User.FromString(answer.content[5 : 5 + length]).user_id == "me"


def test_server_sent_events_come_at_once_and_leaving_is_noticed(door: Door) -> None:
    with door.rest.stream("GET", "/api/v1/jobs:watch", headers=door.bearer()) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        lines = answer.iter_lines()
        events = [json.loads(line.removeprefix("data: ")) for _, line in zip(range(3), lines, strict=False) if line]
    assert events == [
        {"snapshot": {"jobs": []}},
        {
            "job": {
                "jobId": "j1",
                "kind": "JOB_KIND_UNSPECIFIED",
                "state": "JOB_STATE_UNSPECIFIED",
                "status": "",
                "title": "",
                "trackId": "",
                "version": "7",
                "playableSeconds": 0,
            }
        },
    ]
    assert door.upstream.watch.left.wait(5)


def test_websocket(door: Door) -> None:
    """Without a token as far as Envoy is concerned: the gateway takes it from the subprotocol."""
    with connect(f"ws://127.0.0.1:{door.port}/ws/jobs/j1", proxy=None, subprotocols=[Subprotocol("x")]) as socket:
        socket.send("hello")
        assert socket.recv() == "/ws/jobs/j1 hello"


def test_reads_are_asked_again(door: Door) -> None:
    answer = door.rest.get("/api/v1/models", headers=door.bearer())
    assert (answer.status_code, door.upstream.reads.calls) == (200, 3)


def test_writes_that_arrived_are_not(door: Door) -> None:
    stub = separation_pb2_grpc.SeparationsServiceStub(door.channel)
    with pytest.raises(grpc.RpcError) as caught:
        stub.CancelSeparation(separation_pb2.CancelSeparationRequest(separation_id="s1"), metadata=door.metadata())
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    assert door.upstream.writes.calls == 1
