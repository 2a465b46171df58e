"""The lines to the other services, and how each of them is."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from chassis import peers
from chassis.server import Check
from services.gateway.config import PeersConfig

ANSWER_SECONDS = 2.0
FRESH_SECONDS = 1.0


class Mesh:
    """A channel to every other service."""

    def __init__(self, config: PeersConfig) -> None:
        self.channels = {name: peers.channel(address) for name, address in vars(config).items()}

    async def close(self) -> None:
        """Hang up."""
        await asyncio.gather(*(channel.close() for channel in self.channels.values()))


@dataclass(frozen=True)
class ServiceHealth:
    """How a service is: `serving`, `not serving`, or `unreachable`."""

    status: str
    milliseconds: float


class MeshHealth:
    """Asks every service by grpc.health.v1; the answers are kept a moment, so that who asks us often does not ask them."""

    def __init__(self, channels: Mapping[str, grpc.aio.Channel], own: Mapping[str, Check]) -> None:
        # The published types of this stub know none of its methods.
        self._stubs: dict[str, Any] = {name: health_pb2_grpc.HealthStub(line) for name, line in channels.items()}
        self._own = own
        self._known: dict[str, ServiceHealth] = {}
        self._asked = float("-inf")
        self._lock = asyncio.Lock()

    async def services(self) -> Mapping[str, ServiceHealth]:
        """Return how every service of the mesh is, this one included."""
        async with self._lock:
            if time.monotonic() - self._asked >= FRESH_SECONDS:
                names = [*self._stubs, "gateway"]
                answers = await asyncio.gather(
                    *(self._ask(stub) for stub in self._stubs.values()), self._ask_ourselves()
                )
                self._known, self._asked = dict(zip(names, answers, strict=True)), time.monotonic()
        return self._known

    async def _ask(self, stub: Any) -> ServiceHealth:
        began = time.monotonic()
        try:
            answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=ANSWER_SECONDS)
        except grpc.aio.AioRpcError:
            return _answered("unreachable", began)
        return _answered("serving" if answer.status == health_pb2.HealthCheckResponse.SERVING else "not serving", began)

    async def _ask_ourselves(self) -> ServiceHealth:
        began = time.monotonic()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await asyncio.gather(*(check() for check in self._own.values()))
        except Exception:  # noqa: BLE001  # whatever a dependency does wrong makes this service not serve
            return _answered("not serving", began)
        return _answered("serving", began)


def _answered(status: str, began: float) -> ServiceHealth:
    return ServiceHealth(status, round((time.monotonic() - began) * 1000, 1))
