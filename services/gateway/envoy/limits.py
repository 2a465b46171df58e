"""How much anybody may ask: per client address before the token is looked at, per user after."""

from collections.abc import Iterable

from services.gateway.envoy.contract import Method
from services.gateway.envoy.exposure import is_public, public_rest_paths
from services.gateway.envoy.settings import EnvoySettings, Rate
from services.gateway.envoy.tokens import SUBJECT
from services.gateway.envoy.typed import Json, extension, typed

__all__ = [
    "ADDRESS_LIMIT",
    "BODY_LIMIT",
    "SESSION_PREFIX",
    "USER_LIMIT",
    "address_limit",
    "body_limit",
    "limited_body",
    "sign_in_paths",
    "user_limit",
]

ADDRESS_LIMIT = "puremusic.limit.address"
USER_LIMIT = "puremusic.limit.user"
BODY_LIMIT = "envoy.filters.http.buffer"

SESSION_PREFIX = "/api/v1/session"
"""The browser's cookie session, which the gateway itself serves."""

_KINDS_OF_CALLER = 10_000
"""Buckets kept per kind of descriptor; the least used go first."""


def sign_in_paths(contract: Iterable[Method]) -> tuple[str, ...]:
    """How the paths begin at which passwords and refresh tokens can be tried, in all their forms."""
    methods = [method for method in contract if is_public(method)]
    return (*(method.path for method in methods), *public_rest_paths(methods), SESSION_PREFIX)


def address_limit(settings: EnvoySettings, contract: Iterable[Method]) -> Json:
    """A bucket for each client address, and a smaller one for its calls without a token."""
    address: Json = {"remote_address": {}}
    return _limit(
        ADDRESS_LIMIT,
        # Each path in an action of its own, all with one value: they draw from one bucket.
        actions=[[address], *([_begins(path), address] for path in sign_in_paths(contract))],
        descriptors=[
            _descriptor([{"key": "remote_address"}], settings.address_rate),
            _descriptor(
                [{"key": "header_match", "value": "sign-in"}, {"key": "remote_address"}], settings.sign_in_rate
            ),
        ],
    )


def user_limit(settings: EnvoySettings) -> Json:
    """A bucket for each user, whatever the number of their addresses and tokens."""
    subject = {
        "metadata": {
            "descriptor_key": "user",
            "source": "DYNAMIC",
            "metadata_key": {"key": SUBJECT.filter, "path": [{"key": part} for part in SUBJECT.path]},
        }
    }
    return _limit(
        USER_LIMIT, actions=[[subject]], descriptors=[_descriptor([{"key": "user"}], settings.user_rate)], headers=True
    )


def body_limit(settings: EnvoySettings) -> Json:
    """The limit of a body's size, off unless a route turns it on. The transcoder's own limit stops nothing."""
    return extension(
        BODY_LIMIT,
        "envoy.extensions.filters.http.buffer.v3.Buffer",
        max_request_bytes=settings.max_body_bytes,
    ) | {"disabled": True}


def limited_body(settings: EnvoySettings) -> Json:
    """Turns the limit of a body's size on for a route."""
    return {
        BODY_LIMIT: typed(
            "envoy.extensions.filters.http.buffer.v3.BufferPerRoute",
            buffer={"max_request_bytes": settings.max_body_bytes},
        )
    }


def _begins(path: str) -> Json:
    return {
        "header_value_match": {
            "descriptor_value": "sign-in",
            "headers": [{"name": ":path", "string_match": {"prefix": path}}],
        }
    }


def _descriptor(entries: list[Json], rate: Rate) -> Json:
    """An entry without a value gives each value it meets a bucket of its own."""
    return {"entries": entries, "token_bucket": _bucket(rate)}


def _bucket(rate: Rate) -> Json:
    return {
        "max_tokens": rate.requests,
        "tokens_per_fill": rate.requests,
        "fill_interval": f"{rate.seconds}s",
    }


def _limit(name: str, actions: list[list[Json]], descriptors: list[Json], *, headers: bool = False) -> Json:
    everything = {"default_value": {"numerator": 100}}
    return extension(
        name,
        "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
        stat_prefix=name.replace(".", "_"),
        filter_enabled=everything,
        filter_enforced=everything,
        # What no descriptor speaks of is not limited here.
        token_bucket=_bucket(Rate(1_000_000, 1)),
        always_consume_default_token_bucket=False,
        rate_limited_as_resource_exhausted=True,
        max_dynamic_descriptors=_KINDS_OF_CALLER,
        enable_x_ratelimit_headers="DRAFT_VERSION_03" if headers else "OFF",
        rate_limits=[{"actions": action} for action in actions],
        descriptors=descriptors,
    )
