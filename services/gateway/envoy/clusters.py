"""Whom Envoy talks to."""

import ipaddress

from chassis.config import Address
from services.gateway.envoy.settings import EnvoySettings
from services.gateway.envoy.typed import Json, extension, typed

__all__ = [
    "ADMIN",
    "AUTH_HTTP",
    "GATEWAY_HTTP",
    "NOWHERE",
    "OBJECTS",
    "clusters",
    "grpc_cluster_name",
    "socket_address",
]

ADMIN = "admin"
AUTH_HTTP = "auth-http"
GATEWAY_HTTP = "gateway-http"
OBJECTS = "objects"
NOWHERE = "nowhere"
"""Has no endpoints: for routes that a filter answers, or leaves for another route, before anything is forwarded."""

_HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


def clusters(settings: EnvoySettings) -> list[Json]:
    """All of them."""
    return [
        *(_grpc_cluster(grpc_cluster_name(name), at) for name, at in settings.grpc_addresses().items()),
        _cluster(AUTH_HTTP, settings.auth_http),
        _cluster(GATEWAY_HTTP, settings.gateway_http),
        _objects_cluster(settings),
        *([_cluster(ADMIN, settings.admin)] if settings.probes.port else []),
        {"name": NOWHERE, "type": "STATIC", "connect_timeout": "1s", "load_assignment": {"cluster_name": NOWHERE}},
    ]


def grpc_cluster_name(service: str) -> str:
    """What the gRPC side of a service is called."""
    return f"{service}-grpc"


def socket_address(address: Address) -> Json:
    """An address as Envoy writes it."""
    return {"socket_address": {"address": address.host, "port_value": address.port}}


def _cluster(name: str, address: Address) -> Json:
    return {
        "name": name,
        **_discovery(address.host),
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": socket_address(address)}}]}],
        },
    }


def _discovery(host: str) -> Json:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # A headless Kubernetes service names one address per pod.
        return {"type": "STRICT_DNS", "dns_lookup_family": "V4_PREFERRED"}
    return {"type": "STATIC"}


def _grpc_cluster(name: str, address: Address) -> Json:
    return {
        **_cluster(name, address),
        "typed_extension_protocol_options": {
            _HTTP_OPTIONS: typed(
                _HTTP_OPTIONS,
                explicit_http_config={
                    "http2_protocol_options": {"connection_keepalive": {"interval": "30s", "timeout": "5s"}}
                },
            )
        },
        "circuit_breakers": {"thresholds": [{"max_requests": 4096, "max_pending_requests": 4096, "max_retries": 64}]},
        "health_checks": [_health_check()],
        # Not outlier detection: where a service has one endpoint, a few failures would take it from everybody.
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
    }


def _health_check() -> Json:
    return {
        "timeout": "1s",
        "interval": "2s",
        # Before its first request Envoy would otherwise ask once a minute, and a service that starts later than Envoy
        # would be away that long.
        "no_traffic_interval": "0.25s",
        "no_traffic_healthy_interval": "2s",
        "unhealthy_interval": "0.25s",
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
        # On a kept connection the question would go to the draining process when old and new share a port.
        "reuse_connection": False,
        "grpc_health_check": {},
    }


def _objects_cluster(settings: EnvoySettings) -> Json:
    cluster = _cluster(OBJECTS, settings.s3)
    if settings.s3_ca:
        cluster["transport_socket"] = extension(
            "envoy.transport_sockets.tls",
            "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            sni=settings.s3.host,
            common_tls_context={
                "validation_context": {
                    "trusted_ca": {"filename": settings.s3_ca},
                    "match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": settings.s3.host}}],
                }
            },
        )
    return cluster
