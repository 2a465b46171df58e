"""Envoy's own answers, in the one shape that errors have: google.rpc.Status with an ErrorInfo (AIP-193).

Each is told three ways: as JSON to REST, as a status with details to gRPC, and the same in an answer's headers to gRPC-Web,
whose filter would otherwise guess a code from HTTP's.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2

from chassis.status import ERROR_DOMAIN
from services.gateway.envoy.browsers import set_headers
from services.gateway.envoy.contract import Method
from services.gateway.envoy.limits import sign_in_paths
from services.gateway.envoy.objects import bucket_path
from services.gateway.envoy.settings import EnvoySettings
from services.gateway.envoy.typed import Json, extension

__all__ = ["Refusal", "refusals", "reply_configuration"]

_TRANSCODED = {"header_filter": {"header": {"name": "x-envoy-original-path", "present_match": True}}}
_GRPC_CONTENT = {"name": "content-type", "string_match": {"prefix": "application/grpc"}}


@dataclass(frozen=True)
class Refusal:
    """One way in which Envoy says no."""

    when: Json
    """An access-log filter; the first refusal that matches is told."""
    http: int
    code: int
    """google.rpc.Code, as it belongs to `http`."""
    reason: str
    message: str
    grpc_code: int = 0
    """The code that gRPC clients expect, where that is another one."""
    retry_seconds: int = 0
    metadata: Mapping[str, str] = field(default_factory=dict)
    explained: bool = False
    """Whether Envoy's own words say what exactly is wrong with the request."""


def refusals(settings: EnvoySettings, contract: Iterable[Method]) -> list[Refusal]:
    """All of them, the most particular first."""
    return [*_about_tokens(), *_about_limits(settings, contract), *_about_requests(settings), *_about_us()]


def reply_configuration(settings: EnvoySettings, contract: Iterable[Method]) -> Json:
    """How each refusal is told to each kind of client."""
    # In this order: behind the transcoder REST looks like gRPC, and gRPC-Web always does.
    tellings = (_to_grpc_web, _to_rest, _to_grpc)
    return {"mappers": [tell(refusal) for refusal in refusals(settings, contract) for tell in tellings]}


def _about_tokens() -> list[Refusal]:
    unauthenticated = code_pb2.UNAUTHENTICATED
    return [
        Refusal(
            _details("jwt_authn_access_denied{Jwt_is_missing}"),
            401,
            unauthenticated,
            "TOKEN_MISSING",
            "Sign in first: send 'authorization: Bearer <access token>'.",
        ),
        Refusal(
            _details("jwt_authn_access_denied{Jwt_is_expired}"),
            401,
            unauthenticated,
            "TOKEN_EXPIRED",
            "The access token has run out; refresh it.",
        ),
        Refusal(
            _details("jwt_authn_access_denied{Jwks_remote_fetch"),
            503,
            code_pb2.UNAVAILABLE,
            "KEYS_UNAVAILABLE",
            "Tokens can't be checked right now; try again.",
            retry_seconds=1,
        ),
        Refusal(
            _details("jwt_authn_access_denied"),
            401,
            unauthenticated,
            "TOKEN_INVALID",
            "The access token is not valid; sign in again.",
        ),
    ]


def _about_limits(settings: EnvoySettings, contract: Iterable[Method]) -> list[Refusal]:
    sign_in = _any(*(_path_begins(path) for path in sign_in_paths(contract)))
    slow = settings.sign_in_rate.retry_seconds
    exhausted = code_pb2.RESOURCE_EXHAUSTED
    return [
        Refusal(
            _all(_status(429), sign_in),
            429,
            exhausted,
            "RATE_LIMITED",
            f"Too many attempts to sign in from this address. Try again in {slow} s.",
            retry_seconds=slow,
        ),
        Refusal(
            _status(429),
            429,
            exhausted,
            "RATE_LIMITED",
            "Too many requests at once. Wait a moment and try again.",
            retry_seconds=max(settings.user_rate.retry_seconds, settings.address_rate.retry_seconds),
        ),
        Refusal(
            _status(413),
            413,
            exhausted,
            "BODY_TOO_LARGE",
            f"A request has at most {settings.max_body_bytes} bytes. Audio is uploaded to the address that "
            "CreateTrack returns.",
            metadata={"limit_bytes": str(settings.max_body_bytes)},
        ),
    ]


def _about_requests(settings: EnvoySettings) -> list[Refusal]:
    invalid, misunderstood = code_pb2.INVALID_ARGUMENT, "The request can't be understood."
    return [
        # The transcoder names the field that is unknown, or has a value that it can't have.
        Refusal(
            _details("grpc_json_transcode_failure{INVALID_ARGUMENT}"),
            400,
            invalid,
            "INVALID_REQUEST",
            misunderstood,
            explained=True,
        ),
        Refusal(_status(400), 400, invalid, "INVALID_REQUEST", misunderstood),
        Refusal(
            _all(_status(403), _path_begins(bucket_path(settings))),
            403,
            code_pb2.PERMISSION_DENIED,
            "NOT_PRESIGNED",
            "Files are reached only by the addresses that the API returns, and an upload must say its size "
            f"(content-length, at most {settings.max_upload_bytes} bytes). Ask the API for a fresh address.",
        ),
        Refusal(_status(403), 403, code_pb2.PERMISSION_DENIED, "FORBIDDEN", "This is not allowed here."),
        Refusal(
            _status(404),
            404,
            code_pb2.NOT_FOUND,
            "NO_SUCH_METHOD",
            "There is nothing at this address for this method; see /docs.",
            grpc_code=code_pb2.UNIMPLEMENTED,
        ),
        Refusal(
            _status(405),
            405,
            code_pb2.UNIMPLEMENTED,
            "METHOD_NOT_ALLOWED",
            "This address does not take this HTTP method; see /docs.",
        ),
        Refusal(
            _status(408), 408, code_pb2.DEADLINE_EXCEEDED, "REQUEST_TIMEOUT", "The request took too long to arrive."
        ),
        Refusal(
            _status(415),
            415,
            invalid,
            "UNSUPPORTED_MEDIA_TYPE",
            "The body's media type is not understood; send application/json.",
        ),
        Refusal(_status(426), 426, code_pb2.FAILED_PRECONDITION, "UPGRADE_REQUIRED", "Use HTTP/1.1 or HTTP/2."),
        Refusal(_status(431), 431, invalid, "HEADERS_TOO_LARGE", "The request's headers are too large."),
    ]


def _about_us() -> list[Refusal]:
    return [
        Refusal(
            _status(504),
            504,
            code_pb2.DEADLINE_EXCEEDED,
            "TIMEOUT",
            "This took too long. Try again.",
        ),
        Refusal(
            _any(_status(502), _status(503)),
            503,
            code_pb2.UNAVAILABLE,
            "UNAVAILABLE",
            "A part of PureMusic does not answer right now. Try again in a moment.",
            retry_seconds=2,
        ),
        Refusal(
            _status(500, "GE"),
            500,
            code_pb2.INTERNAL,
            "INTERNAL",
            "Something went wrong on our side. Try again; if it stays, tell us.",
        ),
        Refusal(
            _status(400, "GE"), 400, code_pb2.INVALID_ARGUMENT, "INVALID_REQUEST", "The request can't be understood."
        ),
    ]


def _to_rest(refusal: Refusal) -> Json:
    own_words = "%LOCAL_REPLY_BODY%" if refusal.explained else ""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": refusal.reason,
        "domain": ERROR_DOMAIN,
        "metadata": {**refusal.metadata, **({"detail": own_words} if own_words else {})},
    }
    body = {
        "code": refusal.code,
        "message": f"{_literal(refusal.message)} {own_words}".strip(),
        "details": [info],
    }
    not_grpc = {
        "header_filter": {"header": {**_GRPC_CONTENT, "invert_match": True, "treat_missing_header_as_empty": True}}
    }
    return {
        "filter": _all(refusal.when, _any(not_grpc, _TRANSCODED)),
        "status_code": refusal.http,
        "headers_to_add": _retry_after(refusal),
        "body_format_override": {"content_type": "application/json", "json_format": body},
    }


def _to_grpc(refusal: Refusal) -> Json:
    """Envoy itself puts the body into grpc-message."""
    return {
        "filter": refusal.when,
        "headers_to_add": [*_retry_after(refusal), *_status_headers(refusal)],
        "body_format_override": {"text_format_source": {"inline_string": _literal(refusal.message)}},
    }


def _to_grpc_web(refusal: Refusal) -> Json:
    web = {"header_filter": {"header": {"name": "x-grpc-web", "present_match": True}}}
    told = {"grpc-message": _literal(refusal.message)}
    return {
        "filter": _all(refusal.when, web, {"header_filter": {"header": _GRPC_CONTENT}}),
        "status_code": 200,
        "headers_to_add": [*_retry_after(refusal), *_status_headers(refusal), *set_headers(told)],
        "body_format_override": {"content_type": "application/grpc", "text_format_source": {"inline_string": ""}},
    }


def _retry_after(refusal: Refusal) -> list[Json]:
    return set_headers({"retry-after": str(refusal.retry_seconds)}) if refusal.retry_seconds else []


def _status_headers(refusal: Refusal) -> list[Json]:
    info = error_details_pb2.ErrorInfo(reason=refusal.reason, domain=ERROR_DOMAIN, metadata=refusal.metadata)
    detail = any_pb2.Any()
    detail.Pack(info)
    code = refusal.grpc_code or refusal.code
    status = status_pb2.Status(code=code, message=refusal.message, details=[detail])
    details = base64.b64encode(status.SerializeToString()).decode().rstrip("=")
    return set_headers({"grpc-status": str(code), "grpc-status-details-bin": details})


def _literal(message: str) -> str:
    """A per cent sign begins a command in Envoy's formats."""
    return message.replace("%", "%%")


def _details(part: str) -> Json:
    """Envoy's own name for what went wrong holds this."""
    expression = f"response.code_details.contains('{part}')"
    return {
        "extension_filter": extension(
            "envoy.access_loggers.extension_filters.cel",
            "envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
            expression=expression,
        )
    }


def _status(status: int, comparison: str = "EQ") -> Json:
    # The key can be set by nobody: there is no runtime layer. Envoy demands one all the same.
    value = {"default_value": status, "runtime_key": f"puremusic.refusal.{comparison}.{status}"}
    return {"status_code_filter": {"comparison": {"op": comparison, "value": value}}}


def _path_begins(path: str) -> Json:
    return {"header_filter": {"header": {"name": ":path", "string_match": {"prefix": path}}}}


def _all(*filters: Json) -> Json:
    return {"and_filter": {"filters": list(filters)}}


def _any(*filters: Json) -> Json:
    return {"or_filter": {"filters": list(filters)}}
