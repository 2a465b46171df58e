"""Errors over HTTP: every code has a status, every error the API's one shape."""

import json

import pytest
from google.rpc import code_pb2

from chassis import errors as domain
from chassis import status
from services.gateway.http import errors


def test_every_code_has_a_status() -> None:
    codes = {value.number for value in code_pb2.Code.DESCRIPTOR.values} - {code_pb2.OK}
    assert set(errors.HTTP_STATUS) == codes


@pytest.mark.parametrize(
    ("error", "http_status"),
    [
        (domain.InvalidInput, 400),
        (domain.Unauthenticated, 401),
        (domain.Forbidden, 403),
        (domain.NotFound, 404),
        (domain.AlreadyExists, 409),
        (domain.Conflict, 409),
        (domain.NotReady, 400),
        (domain.Exhausted, 429),
        (domain.Unavailable, 503),
    ],
)
def test_every_domain_error_has_the_shape_of_the_api(error: type[domain.DomainError], http_status: int) -> None:
    response = errors.answer(error("SOME_REASON", "A sentence.", limit=3))
    assert response.status_code == http_status
    assert json.loads(bytes(response.body)) == {
        "code": status.CODES[error],
        "message": "A sentence.",
        "details": [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "SOME_REASON",
                "domain": "puremusic",
                "metadata": {"limit": "3"},
            }
        ],
    }


def test_who_is_to_wait_is_told_how_long() -> None:
    locked = domain.Exhausted("ACCOUNT_LOCKED", "Wait.", retry_after_seconds=30)
    assert errors.answer(locked).headers["retry-after"] == "30"
