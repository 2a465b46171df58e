"""What an orchestrator may ask Envoy from outside its pod. The operators' port also ends processes: it stays on loopback."""

from services.gateway.envoy.clusters import ADMIN, socket_address
from services.gateway.envoy.settings import EnvoySettings
from services.gateway.envoy.typed import Json, extension

__all__ = ["probe_listener"]

_PATHS = ("/ready", "/stats/prometheus")


def probe_listener(settings: EnvoySettings) -> Json:
    """Where two pages of the operators' port can be read, and nothing else."""
    return {
        "name": "probes",
        "address": socket_address(settings.probes),
        "filter_chains": [
            {
                "filters": [
                    extension(
                        "envoy.filters.network.http_connection_manager",
                        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                        stat_prefix="probes",
                        http_filters=[
                            extension("envoy.filters.http.router", "envoy.extensions.filters.http.router.v3.Router")
                        ],
                        route_config={
                            "virtual_hosts": [
                                {"name": "probes", "domains": ["*"], "routes": [_route(path) for path in _PATHS]}
                            ]
                        },
                    )
                ]
            }
        ],
    }


def _route(path: str) -> Json:
    get = {"name": ":method", "string_match": {"exact": "GET"}}
    return {"match": {"path": path, "headers": [get]}, "route": {"cluster": ADMIN, "timeout": "5s"}}
