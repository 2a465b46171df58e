"""What can go wrong when PureMusic is asked for something.

    ApiError
    ├── NotSignedIn      nobody knows who is calling, or no longer
    ├── NotFound         it does not exist, or it is somebody else's
    ├── Refused          the request is wrong, not allowed, or not possible now
    ├── LimitReached     a quota or a rate is used up
    └── Unavailable      nobody answers, or something broke on the other side

Each carries what the API said: a reason for programs, a sentence for people and figures for both (AIP-193).
"""

import json
from collections.abc import Mapping
from typing import Any

import httpx

__all__ = [
    "ApiError",
    "LimitReached",
    "NotFound",
    "NotSignedIn",
    "Refused",
    "Unavailable",
    "from_response",
    "not_delivered",
]

_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"


class ApiError(Exception):
    """The API said no. `delivered` is false when the request can't have reached anybody."""

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        code: str = "UNKNOWN",
        metadata: Mapping[str, str] | None = None,
        retry_after: float | None = None,
        delivered: bool = True,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata or {})
        self.retry_after = retry_after
        self.delivered = delivered


class NotSignedIn(ApiError):
    """Nobody knows who is calling, or no longer."""


class NotFound(ApiError):
    """It does not exist, or it is somebody else's."""


class Refused(ApiError):
    """The request is wrong, not allowed, or not possible now."""


class LimitReached(ApiError):
    """A quota or a rate is used up."""


class Unavailable(ApiError):
    """Nobody answers, or something broke on the other side."""


# google.rpc.Code by number: its name, and what it is here.
_CODES: Mapping[int, tuple[str, type[ApiError]]] = {
    1: ("CANCELLED", Unavailable),
    2: ("UNKNOWN", Unavailable),
    3: ("INVALID_ARGUMENT", Refused),
    4: ("DEADLINE_EXCEEDED", Unavailable),
    5: ("NOT_FOUND", NotFound),
    6: ("ALREADY_EXISTS", Refused),
    7: ("PERMISSION_DENIED", Refused),
    8: ("RESOURCE_EXHAUSTED", LimitReached),
    9: ("FAILED_PRECONDITION", Refused),
    10: ("ABORTED", Refused),
    11: ("OUT_OF_RANGE", Refused),
    12: ("UNIMPLEMENTED", Refused),
    13: ("INTERNAL", Unavailable),
    14: ("UNAVAILABLE", Unavailable),
    15: ("DATA_LOSS", Unavailable),
    16: ("UNAUTHENTICATED", NotSignedIn),
}
_BY_STATUS: Mapping[int, int] = {401: 16, 403: 7, 404: 5, 409: 10, 413: 8, 429: 8, 501: 12, 502: 14, 503: 14, 504: 4}


def from_response(response: httpx.Response) -> ApiError:
    """Return the error that an answer of 400 or above stands for, whoever on the way gave it."""
    body = _body(response)
    code = body.get("code")
    number = code if isinstance(code, int) and code in _CODES else _code_of_status(response.status_code)
    name, kind = _CODES[number]
    info = _error_info(body)
    return kind(
        str(info.get("reason") or name),
        str(body.get("message") or f"The server answered {response.status_code}."),
        code=name,
        metadata={str(key): str(value) for key, value in (info.get("metadata") or {}).items()},
        retry_after=_seconds(response.headers.get("retry-after", "")),
    )


def not_delivered(error: httpx.TransportError, url: str) -> Unavailable:
    """Return what a broken connection is for the caller."""
    why = str(error) or type(error).__name__
    return Unavailable(
        "NO_ANSWER",
        f"{url} does not answer ({why}). Is PureMusic running there?",
        code="UNAVAILABLE",
        delivered=not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout),
    )


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        body = json.loads(response.content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _error_info(body: dict[str, Any]) -> dict[str, Any]:
    details = body.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and detail.get("@type") == _ERROR_INFO:
            return detail
    return {}


def _code_of_status(status: int) -> int:
    return _BY_STATUS.get(status, 3 if status < 500 else 13)


def _seconds(retry_after: str) -> float | None:
    return float(retry_after) if retry_after.isdecimal() else None
