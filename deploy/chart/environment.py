"""Which variables each process reads: what the chart's templates give it, and no more."""

import json
from collections.abc import Mapping
from typing import Any

from chassis.config import variables
from deploy.configuration import PROCESSES
from services.auth.config import StoreConfig as AuthStore
from services.fusion.config import StoreConfig as FusionStore
from services.gateway.config import StoreConfig as GatewayStore
from services.ingest.config import StoreConfig as IngestStore
from services.mir.config import StoreConfig as MirStore
from services.separation.config import StoreConfig as SeparationStore

__all__ = ["READERS", "document"]

READERS: Mapping[str, type[Any]] = {
    **PROCESSES,
    "auth migrate": AuthStore,
    "ingest migrate": IngestStore,
    "separation migrate": SeparationStore,
    "mir migrate": MirStore,
    "fusion migrate": FusionStore,
    "gateway migrate": GatewayStore,
}
"""Every command of every service, with the configuration that it loads."""


def document() -> str:
    """Return the file."""
    whole = {
        process: {each.name: {"secret": each.secret, "required": each.default is None} for each in variables(config)}
        for process, config in READERS.items()
    }
    return json.dumps(whole, indent=1, sort_keys=True) + "\n"
