"""A mesh of doubles behind an Envoy that sends everything to one of them."""

import json
from collections.abc import Mapping

from deploy.local.home import Home
from deploy.local.mesh import PROCESSES, ProcessSpec
from deploy.local.settings import ENVOY_ADMIN, PUBLIC
from deploy.local.stack import Bootstrap, Mesh

__all__ = ["DOUBLES", "SPECS", "bootstrap", "mesh"]

DOUBLES = "tests.integration.local.doubles"
SPECS = tuple(spec for spec in PROCESSES if spec.name in {"auth-serve", "mir-serve", "mir-work"})


def bootstrap(ports: Mapping[str, int]) -> str:
    """An Envoy that sends everything to auth's HTTP listener."""

    def at(name: str) -> dict[str, object]:
        return {"socket_address": {"address": "127.0.0.1", "port_value": ports[name]}}

    kind = "type.googleapis.com/envoy.extensions.filters"
    router = {"name": "router", "typed_config": {"@type": f"{kind}.http.router.v3.Router"}}
    route = {"match": {"prefix": "/"}, "route": {"cluster": "auth"}}
    manager = {
        "@type": f"{kind}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "public",
        "http_filters": [router],
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
    }
    chain = {"filters": [{"name": "http", "typed_config": manager}]}
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": at("auth-serve.http")}}]}]
    cluster = {"name": "auth", "load_assignment": {"cluster_name": "auth", "endpoints": endpoints}}
    listener = {"name": "public", "address": at(PUBLIC), "filter_chains": [chain]}
    resources = {"listeners": [listener], "clusters": [cluster]}
    return json.dumps({"admin": {"address": at(ENVOY_ADMIN)}, "static_resources": resources})


def mesh(home: Home, specs: tuple[ProcessSpec, ...] = SPECS, envoy: Bootstrap = bootstrap) -> Mesh:
    """A mesh on free ports."""
    return Mesh(home, envoy, prefer_usual_ports=False, processes=specs, package=DOUBLES)
