"""Objects: presigned requests go straight to the store. It sees nothing else of the outside world."""

import re

from services.gateway.envoy.browsers import set_headers
from services.gateway.envoy.clusters import OBJECTS
from services.gateway.envoy.limits import ADDRESS_LIMIT
from services.gateway.envoy.settings import EnvoySettings
from services.gateway.envoy.switches import off, opened
from services.gateway.envoy.typed import Json

__all__ = ["DENIED", "bucket_path", "object_routes"]

DENIED = 403

_SIGNED = [{"name": "X-Amz-Signature", "present_match": True}]


def bucket_path(settings: EnvoySettings) -> str:
    """Where the bucket begins."""
    return f"/{settings.bucket}"


def object_routes(settings: EnvoySettings) -> list[Json]:
    """Signed downloads, form uploads and signed parts; the rest, listings first of all, is refused."""
    bucket = re.escape(bucket_path(settings))
    one_object = {"safe_regex": {"regex": f"{bucket}/.+"}}
    small = _content_length(settings.max_upload_bytes)
    return [
        _object_route("download", {**one_object, "headers": [_verb("GET|HEAD")], "query_parameters": _SIGNED}),
        _object_route("form", {"safe_regex": {"regex": f"{bucket}/?"}, "headers": [_verb("POST"), small]}),
        _object_route("part", {**one_object, "headers": [_verb("PUT"), small], "query_parameters": _SIGNED}),
        {
            "name": "objects:denied",
            "match": {"path_separated_prefix": bucket_path(settings)},
            "direct_response": {"status": DENIED},
            "typed_per_filter_config": opened(),
        },
    ]


def _object_route(name: str, match: Json) -> Json:
    return {
        "name": f"objects:{name}",
        "match": match,
        # Host stays as it is: it is part of what was signed.
        "route": {"cluster": OBJECTS, "timeout": "0s", "idle_timeout": "60s"},
        # Ours, sent along by a browser or an eager client; the store would prefer them to the signature.
        "request_headers_to_remove": ["authorization", "cookie"],
        # A user's file comes from our own origin: whatever it claims to be, it must not run here.
        "response_headers_to_add": set_headers({"content-security-policy": "sandbox"}),
        "typed_per_filter_config": opened(off(ADDRESS_LIMIT)),
    }


def _verb(pattern: str) -> Json:
    return {"name": ":method", "string_match": {"safe_regex": {"regex": pattern}}}


def _content_length(largest: int) -> Json:
    """A presigned PUT can't bound its size; here it is bounded, and must be said."""
    return {"name": "content-length", "range_match": {"start": 0, "end": largest + 1}}
