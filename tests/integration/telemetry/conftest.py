"""A small mesh that is watched: fusion with its worker, the gateway that hears of it, and a receiver of traces."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.local.backing import Backing
from deploy.local.facts import NatsFacts, PostgresFacts, S3Facts
from tests.integration.fusion.running import Fusion, running_fusion
from tests.integration.service import Place, Service, running
from tests.integration.telemetry.receiver import Receiver, receiving

NOBODY = 1  # a port that nobody listens on

PROMPT = {"OTEL_BSP_SCHEDULE_DELAY": "50"}


@dataclass(frozen=True)
class Observed:
    """The mesh, and what it tells of itself."""

    fusion: Fusion
    gateway: Service
    receiver: Receiver
    begun: str
    """When, in the logs' own words: each module's processes write on where another's have stopped."""

    def log(self, process: str) -> list[dict[str, Any]]:
        """What a process has written."""
        service = self.gateway if process.startswith("gateway") else self.fusion.service
        lines = [json.loads(line) for line in service.supervisor.process(process).log.read_text().splitlines()]
        return [line for line in lines if line["time"] >= self.begun]


@pytest.fixture(scope="module")
def observed(backing: Backing, database: PostgresFacts, bus: NatsFacts, objects: S3Facts) -> Iterator[Observed]:
    """The mesh, running."""
    begun = datetime.now(UTC).isoformat(timespec="milliseconds")
    place = Place(backing.home, database, bus, objects)
    with receiving() as receiver:
        settings = {**PROMPT, "PUREMUSIC_OTLP_ENDPOINT": receiver.endpoint}
        with running_fusion(place, settings) as fusion:
            fusion.service.start("work")
            peers = {"fusion": int(fusion.service.address.rpartition(":")[2])}
            peers |= dict.fromkeys(("auth", "ingest", "separation", "mir"), NOBODY)
            with running("gateway", place, peers, settings) as gateway:
                yield Observed(fusion, gateway, receiver, begun)
