"""Browsers: which pages of other origins may call us, and what every answer tells a browser."""

from services.gateway.envoy.settings import EnvoySettings
from services.gateway.envoy.typed import Json, extension, typed

__all__ = [
    "CORS",
    "cors_filter",
    "cors_policy",
    "foreign_cors_headers",
    "security_headers",
    "set_headers",
]

CORS = "envoy.filters.http.cors"

_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_SPOKEN_BY_US = ("allow-credentials", "allow-headers", "allow-methods", "allow-origin", "expose-headers", "max-age")
_REQUEST_HEADERS = (
    "authorization, content-type, range, x-grpc-web, x-user-agent, grpc-timeout, connect-protocol-version, "
    "traceparent, tracestate, x-request-id, x-requested-with, x-puremusic-session"
)
_ANSWER_HEADERS = (
    "grpc-status, grpc-message, grpc-status-details-bin, accept-ranges, content-disposition, content-length, "
    "content-range, etag, retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, x-request-id"
)


def cors_filter() -> Json:
    """Answers preflights and marks answers; the policy says for whom."""
    return extension(CORS, "envoy.extensions.filters.http.cors.v3.Cors")


def cors_policy(settings: EnvoySettings, *, cookies: bool = False) -> Json:
    """Let the configured origins in, and no other. `cookies`: they may send theirs."""
    return {
        CORS: typed(
            "envoy.extensions.filters.http.cors.v3.CorsPolicy",
            allow_origin_string_match=[{"exact": origin} for origin in settings.origins],
            allow_methods=_METHODS,
            allow_headers=_REQUEST_HEADERS,
            expose_headers=_ANSWER_HEADERS,
            allow_credentials=cookies,
            max_age="600",
            forward_not_matching_preflights=False,
        )
    }


def foreign_cors_headers() -> list[str]:
    """What an upstream may say for itself: the object store would let every origin in."""
    return [f"access-control-{name}" for name in _SPOKEN_BY_US]


def security_headers() -> list[Json]:
    """What holds for every answer."""
    return set_headers(
        {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "x-frame-options": "DENY"}
    )


def set_headers(headers: dict[str, str]) -> list[Json]:
    """Headers that replace whatever was said before."""
    return [
        {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        for key, value in headers.items()
    ]
