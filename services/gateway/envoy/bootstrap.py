"""The bootstrap as a whole."""

import json

from services.gateway.envoy.clusters import clusters, socket_address
from services.gateway.envoy.contract import read_contract
from services.gateway.envoy.listener import listener
from services.gateway.envoy.probes import probe_listener
from services.gateway.envoy.settings import EnvoySettings
from services.gateway.envoy.typed import Json, extension

__all__ = ["bootstrap"]


def bootstrap(settings: EnvoySettings) -> str:
    """Write Envoy's bootstrap as JSON, which is YAML too."""
    contract = read_contract(settings.descriptors.read_bytes())
    whole = {
        # Envoy wants a name before it reads a certificate from a file.
        "node": {"id": "door", "cluster": "puremusic"},
        "admin": {"address": socket_address(settings.admin)},
        "static_resources": {
            "listeners": [
                listener(settings, contract),
                *([probe_listener(settings)] if settings.probes.port else []),
            ],
            "clusters": clusters(settings),
        },
        "overload_manager": _overload(settings),
    }
    return json.dumps(whole, indent=1) + "\n"


def _overload(settings: EnvoySettings) -> Json:
    """Refuse work before the kernel ends everything."""
    heap = "envoy.resource_monitors.fixed_heap"
    connections = "envoy.resource_monitors.global_downstream_max_connections"
    return {
        "refresh_interval": "0.25s",
        "resource_monitors": [
            extension(
                heap,
                "envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig",
                max_heap_size_bytes=settings.max_heap_bytes,
            ),
            extension(
                connections,
                "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
                max_active_downstream_connections=settings.max_connections,
            ),
        ],
        "actions": [
            _action("envoy.overload_actions.shrink_heap", heap, 0.9),
            _action("envoy.overload_actions.stop_accepting_requests", heap, 0.95),
        ],
    }


def _action(name: str, resource: str, threshold: float) -> Json:
    return {"name": name, "triggers": [{"name": resource, "threshold": {"value": threshold}}]}
