"""What a process says of itself while a server behind it is away, and after."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from puremusic.fusion.v1 import fusion_pb2 as pb

from deploy.local.backing import Backing
from deploy.local.waiting import answers_ok, until
from tests.integration.fusion.running import Fusion, running_fusion
from tests.integration.service import Place
from tests.servers.backing import throw_away_home

SECONDS = 30
Status = health_pb2.HealthCheckResponse


@pytest.fixture(scope="module")
def private() -> Iterator[Backing]:
    """Servers that no other test needs."""
    with throw_away_home() as home, home, Backing(home, prefer={}) as running:
        yield running


@pytest.fixture(scope="module")
def fusion(private: Backing) -> Iterator[Fusion]:
    """A service over them."""
    with running_fusion(Place(private.home, private.postgres, private.nats, private.s3)) as fusion:
        yield fusion


def ready(fusion: Fusion) -> tuple[int, set[str]]:
    """What `/ready` says: its status, and which dependencies fail."""
    answer = httpx.get(f"http://127.0.0.1:{fusion.service.http_port('serve')}/ready", trust_env=False)
    return answer.status_code, set(answer.json()["failing"])


@pytest.mark.parametrize("server", ["postgres", "nats"])
def test_a_process_is_ready_while_what_it_needs_is_there(private: Backing, fusion: Fusion, server: str) -> None:
    ada = fusion.user()
    with ExitStack() as stack:
        channel = stack.enter_context(grpc.insecure_channel(fusion.service.address))
        health: Any = health_pb2_grpc.HealthStub(channel)

        def healthy() -> bool:
            return bool(health.Check(health_pb2.HealthCheckRequest()).status == Status.SERVING)

        assert ready(fusion) == (200, set())
        assert healthy()
        private.supervisor.process(server).stop()
        assert until(lambda: ready(fusion) == (503, {server}), SECONDS)
        assert until(lambda: not healthy(), SECONDS)
        assert answers_ok("127.0.0.1", fusion.service.http_port("serve"), "/live"), "a restart would not help"
        if server == "postgres":
            refused = ada.reason("ListFusions", pb.ListFusionsRequest())
            assert refused == ("UNAVAILABLE", "DATABASE_UNAVAILABLE")
        private.supervisor.restart(server)
        assert until(lambda: ready(fusion) == (200, set()), SECONDS)
        assert until(healthy, SECONDS)
    made = ada.fuse(ada.stem())
    assert fusion.service.verbs("fusion", made.fusion_id) == ["pending"], "the outbox is emptied again"
    ada.tell_track_deleted(made.stems[0].track_id)
    assert ada.ended(made.fusion_id).status == pb.FUSION_STATUS_CANCELLED, "facts are heard again"
