"""Access tokens: who has none, or a bad one, is turned away at the door. Every service checks again."""

from dataclasses import dataclass

from services.gateway.envoy.clusters import AUTH_HTTP
from services.gateway.envoy.settings import EnvoySettings
from services.gateway.envoy.typed import Json, extension

__all__ = ["SUBJECT", "TOKENS", "token_check"]

TOKENS = "envoy.filters.http.jwt_authn"
"""Name of the filter: a route that turns it off is open to everybody."""

_PROVIDER = "auth"
_PAYLOAD = "payload"
_CACHE_SECONDS = 60
"""How late Envoy hears of a new key; auth publishes a key longer than this before it signs with it."""


@dataclass(frozen=True)
class MetadataPath:
    """Where a filter leaves a value for those behind it."""

    filter: str
    path: tuple[str, ...]


SUBJECT = MetadataPath(TOKENS, (_PAYLOAD, "sub"))
"""The user's id, once the token has been checked."""


def token_check(settings: EnvoySettings) -> Json:
    """Require a token of everything; routes say what is open."""
    return extension(
        TOKENS,
        "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
        bypass_cors_preflight=True,
        providers={_PROVIDER: _provider(settings)},
        rules=[{"match": {"prefix": "/"}, "requires": {"provider_name": _PROVIDER}}],
    )


def _provider(settings: EnvoySettings) -> Json:
    return {
        "issuer": settings.issuer,
        "audiences": [settings.audience],
        "require_expiration": True,
        "clock_skew_seconds": 5,
        "forward": True,
        "payload_in_metadata": _PAYLOAD,
        # Only there: a token in a query would end in logs and histories.
        "from_headers": [{"name": "authorization", "value_prefix": "Bearer "}],
        "remote_jwks": {
            "http_uri": {
                "uri": f"http://{settings.auth_http}{settings.jwks_path}",
                "cluster": AUTH_HTTP,
                "timeout": "2s",
            },
            "cache_duration": f"{_CACHE_SECONDS}s",
            # Envoy may be up before auth is.
            "async_fetch": {"fast_listener": True, "failed_refetch_duration": "0.5s"},
        },
    }
