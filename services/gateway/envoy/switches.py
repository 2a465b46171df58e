"""Filters that a route turns on or off."""

from services.gateway.envoy.limits import USER_LIMIT
from services.gateway.envoy.tokens import TOKENS
from services.gateway.envoy.typed import Json, typed

__all__ = ["TRANSCODER", "off", "opened", "transcoded"]

TRANSCODER = "envoy.filters.http.grpc_json_transcoder"

_FILTER_CONFIG = "envoy.config.route.v3.FilterConfig"


def off(*filters: str) -> Json:
    """These filters do nothing on the route."""
    return {name: typed(_FILTER_CONFIG, disabled=True) for name in filters}


def opened(filters: Json | None = None) -> Json:
    """The route is open to everybody: no token is asked for here, so no user is known either."""
    return {**off(TOKENS, USER_LIMIT), **(filters or {})}


def transcoded() -> Json:
    """Calls on the route are REST and become gRPC."""
    return {TRANSCODER: typed(_FILTER_CONFIG, config={})}
