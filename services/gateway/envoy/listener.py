"""The public listener: HTTP/1.1 and HTTP/2 on one port, and the filters that every request passes, in order."""

from collections.abc import Iterable

from services.gateway.envoy.access_log import access_log
from services.gateway.envoy.browsers import cors_filter
from services.gateway.envoy.clusters import socket_address
from services.gateway.envoy.contract import Method
from services.gateway.envoy.exposure import routed_services
from services.gateway.envoy.limits import address_limit, body_limit, user_limit
from services.gateway.envoy.refusals import reply_configuration
from services.gateway.envoy.routes import route_configuration
from services.gateway.envoy.settings import EnvoySettings
from services.gateway.envoy.switches import TRANSCODER
from services.gateway.envoy.tokens import token_check
from services.gateway.envoy.typed import Json, extension, typed

__all__ = ["listener"]

# What proxies say about a request, or we say to ourselves. From a client it is a lie: the object store believes
# x-forwarded-host, and x-envoy-original-path tells REST from gRPC.
_NOT_FOR_CLIENTS_TO_SAY = (
    "forwarded",
    "x-envoy-original-method",
    "x-envoy-original-path",
    "x-envoy-original-host",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-jwt-payload",
    "x-original-url",
    "x-real-ip",
    "x-rewrite-url",
)


def listener(settings: EnvoySettings, contract: tuple[Method, ...]) -> Json:
    """Where clients connect."""
    return {
        "name": "public",
        "address": socket_address(settings.public),
        "per_connection_buffer_limit_bytes": 1024 * 1024,
        "filter_chains": [
            {
                "filters": [
                    extension(
                        "envoy.filters.network.http_connection_manager",
                        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                        **_connections(settings),
                        access_log=access_log(),
                        local_reply_config=reply_configuration(settings, contract),
                        http_filters=_filters(settings, contract),
                        route_config=route_configuration(settings, contract),
                    )
                ],
                **({"transport_socket": _encrypted(settings.certificate)} if settings.certificate else {}),
            }
        ],
    }


def _encrypted(certificate: str) -> Json:
    """TLS with a certificate that may be renewed while we serve: Envoy watches its file."""
    watched = {"path_config_source": {"path": certificate}, "resource_api_version": "V3"}
    return extension(
        "envoy.transport_sockets.tls",
        "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        common_tls_context={
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_certificate_sds_secret_configs": [{"name": "public", "sds_config": watched}],
        },
    )


def _connections(settings: EnvoySettings) -> Json:
    """The practices for an edge, and no trust in anybody's address."""
    return {
        "stat_prefix": "public",
        "codec_type": "AUTO",
        "server_name": "puremusic",
        "use_remote_address": True,
        "xff_num_trusted_hops": settings.trusted_hops,
        # Nobody is internal (an empty list would mean the private networks): a client on the same host or in the same
        # cluster has no more say by x-envoy-* headers than others.
        "internal_address_config": {"cidr_ranges": [{"address_prefix": "255.255.255.255", "prefix_len": 32}]},
        "normalize_path": True,
        # An object's key may hold two slashes, and is signed.
        "merge_slashes": False,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "stream_idle_timeout": "300s",
        "request_headers_timeout": "10s",
        "common_http_protocol_options": {
            "headers_with_underscores_action": "REJECT_REQUEST",
            "idle_timeout": "3600s",
        },
        "http2_protocol_options": {
            "max_concurrent_streams": 128,
            "initial_stream_window_size": 64 * 1024,
            "initial_connection_window_size": 1024 * 1024,
            "connection_keepalive": {"interval": "30s", "timeout": "10s"},
        },
        "preserve_external_request_id": True,
        "always_set_request_id_in_response": True,
        "request_id_extension": {
            "typed_config": typed("envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig", pack_trace_reason=False)
        },
    }


def _filters(settings: EnvoySettings, contract: Iterable[Method]) -> list[Json]:
    return [
        _forgetting(),
        cors_filter(),
        extension("envoy.filters.http.grpc_web", "envoy.extensions.filters.http.grpc_web.v3.GrpcWeb"),
        address_limit(settings, contract),
        token_check(settings),
        user_limit(settings),
        body_limit(settings),
        _transcoder(settings, contract),
        extension(
            "envoy.filters.http.router",
            "envoy.extensions.filters.http.router.v3.Router",
            suppress_envoy_headers=True,
        ),
    ]


def _forgetting() -> Json:
    """First of all, so that nobody behind it is lied to."""
    return extension(
        "envoy.filters.http.header_mutation",
        "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
        mutations={"request_mutations": [{"remove": header} for header in _NOT_FOR_CLIENTS_TO_SAY]},
    )


def _transcoder(settings: EnvoySettings, contract: Iterable[Method]) -> Json:
    """REST in, gRPC out; off unless a route turns it on."""
    return extension(
        TRANSCODER,
        "envoy.extensions.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        proto_descriptor=settings.envoy_descriptors or str(settings.descriptors.resolve()),
        services=routed_services(contract),
        convert_grpc_status=True,
        query_param_unescape_plus=True,  # forms and most HTTP clients write a space as +
        print_options={"always_print_primitive_fields": True, "stream_sse_style_delimited": True},
        request_validation_options={
            "reject_unknown_method": True,
            "reject_unknown_query_parameters": True,
            "reject_binding_body_field_collisions": True,
        },
    ) | {"disabled": True}
