"""What is reachable, and who answers. What no route names does not exist.

A REST call passes two routes: the one its own path matches, which decides who may call, and, once the transcoder has made a
gRPC call of it, the one of its method.
"""

from collections.abc import Iterable

from services.gateway.envoy.browsers import cors_policy, foreign_cors_headers, security_headers, set_headers
from services.gateway.envoy.clusters import AUTH_HTTP, GATEWAY_HTTP, NOWHERE, grpc_cluster_name
from services.gateway.envoy.contract import Method
from services.gateway.envoy.exposure import is_public, public_rest_paths, routed, timeout_seconds
from services.gateway.envoy.limits import SESSION_PREFIX, limited_body
from services.gateway.envoy.objects import object_routes
from services.gateway.envoy.settings import EnvoySettings
from services.gateway.envoy.switches import opened, transcoded
from services.gateway.envoy.typed import Json

__all__ = ["API", "route_configuration"]

API = "/api/v1/"

# Services say something every 15 seconds; a stream that is silent this long has nobody at its other end.
_SILENCE = "120s"
_NOT_DELIVERED = "connect-failure,refused-stream,reset-before-request"
_SESSION_PATHS = SESSION_PREFIX + "([:/].*)?"
_NO_STORE = {"cache-control": "no-store"}


def route_configuration(settings: EnvoySettings, contract: Iterable[Method]) -> Json:
    """Every route, for every host name."""
    methods = routed(contract)
    return {
        "virtual_hosts": [
            {
                "name": "puremusic",
                "domains": ["*"],
                "typed_per_filter_config": cors_policy(settings),
                "response_headers_to_remove": foreign_cors_headers(),
                "response_headers_to_add": security_headers(),
                "routes": [
                    *_preflights(settings),
                    *object_routes(settings),
                    *(_method_route(settings, method) for method in methods),
                    *_http_routes(settings),
                    *(_public_rest_route(settings, path) for path in public_rest_paths(methods)),
                    _rest_route(settings),
                    *_denials(),
                    _pages(),
                    _nothing("rest", {"prefix": "/"}),
                ],
            }
        ]
    }


def _preflights(settings: EnvoySettings) -> list[Json]:
    """Preflights are answered by the CORS filter, which wants a route that leads somewhere."""
    asks = [
        {"name": ":method", "string_match": {"exact": "OPTIONS"}},
        {"name": "origin", "present_match": True},
        {"name": "access-control-request-method", "present_match": True},
    ]
    session = {"safe_regex": {"regex": _SESSION_PATHS}, "headers": asks}
    everything = {"prefix": "/", "headers": asks}
    return [
        _route("preflight:session", session, _to(NOWHERE), opened(cors_policy(settings, cookies=True))),
        _route("preflight", everything, _to(NOWHERE), opened()),
    ]


def _method_route(settings: EnvoySettings, method: Method) -> Json:
    """One method, called by gRPC, by gRPC-Web or through the transcoder: all look like gRPC by now."""
    grpc = [{"name": "content-type", "string_match": {"prefix": "application/grpc"}}]
    filters = opened(limited_body(settings)) if is_public(method) else limited_body(settings)
    return {
        **_route(
            f"grpc:{method.full_name}",
            {"path": method.path, "headers": grpc},
            {
                "cluster": grpc_cluster_name(method.owner),
                "timeout": f"{timeout_seconds(method)}s",
                **({"idle_timeout": _SILENCE} if method.streams else {}),
                "retry_policy": _retries(method),
            },
            filters,
        ),
        "request_headers_to_remove": ["cookie"],
        "response_headers_to_add": set_headers(_NO_STORE),
    }


def _retries(method: Method) -> Json:
    """What changes nothing may be asked again; the rest only when it can't have arrived."""
    return {
        "retry_on": f"{_NOT_DELIVERED},unavailable" if method.reads else _NOT_DELIVERED,
        "num_retries": 3,
        "retry_back_off": {"base_interval": "0.1s", "max_interval": "1s"},
        "retry_host_predicate": [
            {
                "name": "envoy.retry_host_predicates.previous_hosts",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
                },
            }
        ],
        "host_selection_retry_max_attempts": 3,
    }


def _http_routes(settings: EnvoySettings) -> list[Json]:
    """What services answer over HTTP themselves, with checks of their own."""
    socket = {
        "cluster": GATEWAY_HTTP,
        "timeout": "0s",
        "idle_timeout": _SILENCE,
        "upgrade_configs": [{"upgrade_type": "websocket"}],
    }
    session = opened({**limited_body(settings), **cors_policy(settings, cookies=True)})
    return [
        _route("websocket", {"prefix": "/ws/"}, socket, opened()),
        {
            **_route("session", {"safe_regex": {"regex": _SESSION_PATHS}}, _to(GATEWAY_HTTP), session),
            "response_headers_to_add": set_headers(_NO_STORE),
        },
        _route("keys", {"path": settings.jwks_path, "headers": _reading()}, _to(AUTH_HTTP), opened()),
    ]


def _public_rest_route(settings: EnvoySettings, path: str) -> Json:
    filters = opened({**transcoded(), **limited_body(settings)})
    return _route(f"rest:{path}", {"path": path, "headers": _not_grpc()}, _to(NOWHERE), filters)


def _rest_route(settings: EnvoySettings) -> Json:
    """Everything else of the API, before it is transcoded; the transcoder refuses what the contract does not name."""
    filters = {**transcoded(), **limited_body(settings)}
    return _route("rest", {"prefix": API, "headers": _not_grpc()}, _to(NOWHERE), filters)


def _denials() -> list[Json]:
    """What the pages below must not swallow: methods for the mesh only, unknown ones, and operators' figures."""
    nothing: dict[str, Json] = {
        "api": {"path_separated_prefix": "/api"},
        "metrics": {"safe_regex": {"regex": "/+metrics(/.*)?"}},
        "methods": {"safe_regex": {"regex": r"/[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)+/[A-Za-z0-9_]+"}},
    }
    return [_nothing(name, match) for name, match in nothing.items()]


def _nothing(name: str, match: Json) -> Json:
    """Says so to everybody, token or not."""
    return {
        "name": f"nothing:{name}",
        "match": match,
        "direct_response": {"status": 404},
        "typed_per_filter_config": opened(),
    }


def _pages() -> Json:
    """The web client, /docs, /openapi.json, /health, /ready and /live: the gateway's own pages, for everybody."""
    return _route("pages", {"prefix": "/", "headers": _reading()}, _to(GATEWAY_HTTP), opened())


def _route(name: str, match: Json, action: Json, filters: Json) -> Json:
    return {"name": name, "match": match, "route": action, "typed_per_filter_config": filters}


def _to(cluster: str) -> Json:
    return {"cluster": cluster, "timeout": "15s"}


def _reading() -> list[Json]:
    return [{"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}}]


def _not_grpc() -> list[Json]:
    grpc = {"prefix": "application/grpc"}
    return [{"name": "content-type", "string_match": grpc, "invert_match": True, "treat_missing_header_as_empty": True}]
