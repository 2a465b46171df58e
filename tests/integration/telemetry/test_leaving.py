"""SIGTERM: nobody new is sent here, what was begun ends well, and then the process ends, with success."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from puremusic.fusion.v1 import fusion_pb2 as pb

from chassis.config import Address
from chassis.server import ListenConfig, run
from chassis.server import Process as Life
from deploy.local.backing import Backing
from deploy.local.facts import NatsFacts, PostgresFacts, S3Facts
from deploy.local.ports import LOOPBACK
from deploy.local.process import Process
from deploy.local.waiting import answers_ok, until
from tests.integration.fusion.running import Fusion, User, running_fusion, wish
from tests.integration.service import Place

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture(scope="module")
def fusion(backing: Backing, database: PostgresFacts, bus: NatsFacts, objects: S3Facts) -> Iterator[Fusion]:
    """A server that gives load balancers a moment to notice, as in production."""
    place = Place(backing.home, database, bus, objects)
    with running_fusion(place, {"PUREMUSIC_GRACE_SECONDS": "0.5"}) as fusion:
        yield fusion


@pytest.fixture
def server(fusion: Fusion) -> Process:
    """The server's process, running."""
    process = fusion.service.supervisor.process("fusion-serve")
    return process if process.alive else fusion.service.start("serve")


def tell_to_leave(process: Process) -> None:
    """Do what Kubernetes does."""
    assert process.pid
    os.kill(process.pid, signal.SIGTERM)


def test_a_call_in_flight_ends_well(fusion: Fusion, server: Process) -> None:
    ada = fusion.user()
    health: Any = health_pb2_grpc.HealthStub(grpc.insecure_channel(fusion.service.address))
    present = health.Watch(health_pb2.HealthCheckRequest())
    assert next(present).status == SERVING
    fusion.separation.gate.clear()
    call = fusion.stub.CreateFusion.future(wish(ada.stem()), metadata=ada.metadata, timeout=30)
    assert fusion.separation.asked.wait(10)

    tell_to_leave(server)
    assert next(present).status == NOT_SERVING
    present.cancel()
    port = fusion.service.http_port("serve")
    assert not answers_ok(LOOPBACK, port, "/ready")
    assert answers_ok(LOOPBACK, port, "/live")
    refuses = until(lambda: code_of(ada) is grpc.StatusCode.UNAVAILABLE, 10)
    assert not call.done()
    fusion.separation.gate.set()

    assert refuses
    assert call.result().status == pb.FUSION_STATUS_PENDING
    assert until(lambda: not server.alive, 10)
    assert server.exit_code == 0
    assert [line for line in server.log_tail().splitlines() if '"stopped"' in line]


def code_of(user: User) -> grpc.StatusCode | None:
    """How a new connection is answered."""
    with grpc.insecure_channel(user.fusion.service.address) as channel:
        try:
            health: Any = health_pb2_grpc.HealthStub(channel)
            health.Check(health_pb2.HealthCheckRequest(), timeout=2)
        except grpc.RpcError as error:
            return error.code()
    return None


async def test_a_task_that_loses_its_cancellation_holds_nobody_up() -> None:
    """As `wait_for` of Python 3.11 may when what it waits for comes at that moment."""
    begun = asyncio.Event()

    async def stubborn() -> None:
        begun.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    listen = ListenConfig(Address(LOOPBACK, 0), Address(LOOPBACK, 0), grace_seconds=0)
    life = asyncio.create_task(run(Life("stubborn", listen, {}, background=[stubborn])))
    async with asyncio.timeout(10):
        await begun.wait()
        signal.raise_signal(signal.SIGTERM)
        await life


def test_a_watch_is_told_to_go_elsewhere(fusion: Fusion, server: Process) -> None:
    ada = fusion.user()
    watching = ada.watch(ada.fuse(ada.stem()).fusion_id)
    next(watching)

    tell_to_leave(server)
    with pytest.raises(grpc.RpcError) as ended:
        next(watching)
    assert ended.value.code() is grpc.StatusCode.UNAVAILABLE
    assert until(lambda: not server.alive, 10), "a watch, which may take hours, must not hold the process up"
    assert server.exit_code == 0
