"""Requests that can't be right are refused before a service sees them, in words that say what is wrong."""

from collections.abc import Iterator

import httpx
import pytest
from puremusic.auth.v1 import auth_pb2

from tests.integration.envoy.door import Door, reason_of, status_of

LIMIT = 1024 * 1024


def _refused(answer: httpx.Response, *words: str) -> None:
    assert answer.status_code == 400, answer.text
    assert reason_of(answer) == "INVALID_REQUEST"
    assert answer.json()["code"] == 3
    for word in words:
        assert word in answer.json()["message"]


def test_unknown_query_parameter(door: Door) -> None:
    _refused(door.rest.get("/api/v1/tracks?page_size=3&nope=1", headers=door.bearer()), "nope")


def test_unknown_enum_value_in_a_query(door: Door) -> None:
    _refused(door.rest.get("/api/v1/tracks/t1/download?file=NOPE", headers=door.bearer()), "file", "NOPE")


def test_unknown_enum_value_in_a_body(door: Door) -> None:
    body = {"trackId": "t1", "stemTypes": ["STEM_TYPE_KAZOO"]}
    _refused(door.rest.post("/api/v1/separations", json=body, headers=door.bearer()), "stem_types", "STEM_TYPE_KAZOO")


def test_a_value_of_another_type(door: Door) -> None:
    _refused(door.rest.get("/api/v1/tracks?page_size=many", headers=door.bearer()), "page_size")


@pytest.mark.parametrize("body", ['{"email":', "email=a", "[1]"])
def test_a_body_that_is_no_json_object(door: Door, body: str) -> None:
    _refused(door.rest.post("/api/v1/auth/login", content=body))


def test_an_escaped_slash(door: Door) -> None:
    _refused(door.rest.get("/api/v1/tracks/a%2fb", headers=door.bearer()))


def test_a_header_with_an_underscore(door: Door) -> None:
    _refused(door.rest.get("/api/v1/tracks", headers={**door.bearer(), "x_user": "admin"}))


def test_headers_too_large(door: Door) -> None:
    answer = door.rest.get("/api/v1/tracks", headers={"x-long": "x" * 100_000})
    assert answer.status_code == 431
    assert reason_of(answer) == "HEADERS_TOO_LARGE"


def test_body_too_large(door: Door) -> None:
    answer = door.rest.post("/api/v1/tracks", content=b"x" * (LIMIT + 1), headers=door.bearer())
    assert answer.status_code == 413
    assert reason_of(answer) == "BODY_TOO_LARGE"
    assert answer.json()["details"][0]["metadata"] == {"limit_bytes": str(LIMIT)}


@pytest.mark.parametrize("path", ["/api/v1/tracks", "/api/v1/auth/login", "/api/v1/session"])
def test_chunked_body_too_large(door: Door, path: str) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(LIMIT // 10_000 + 2):
            yield b"x" * 10_000

    answer = door.rest.post(path, content=chunks(), headers=door.bearer())
    assert answer.status_code == 413
    assert reason_of(answer) == "BODY_TOO_LARGE"


def test_body_just_small_enough(door: Door) -> None:
    name = "x" * (LIMIT - 100)
    answer = door.rest.post("/api/v1/tracks", json={"filename": name}, headers=door.bearer())
    assert answer.json()["track"]["sizeBytes"] == str(len(name))


def test_message_too_large_by_grpc_web(door: Door) -> None:
    large = auth_pb2.LoginRequest(email="x" * (LIMIT + 1))
    status = status_of(door.grpc_web("/puremusic.auth.v1.AuthService/Login", large))
    assert status["grpc-status"] == "8"
    assert str(LIMIT) in status["grpc-message"]


def test_names_in_camel_case_and_as_in_the_contract(door: Door) -> None:
    for query in ("page_size=3&page_token=x", "pageSize=3&pageToken=x"):
        answer = door.rest.get(f"/api/v1/tracks?{query}", headers=door.bearer())
        assert answer.json() == {"tracks": [], "nextPageToken": "3:x"}


def test_update_mask_as_a_query_parameter(door: Door) -> None:
    answer = door.rest.patch("/api/v1/tracks/t1?updateMask=title", json={"title": "New"}, headers=door.bearer())
    told = answer.json()
    assert (told["trackId"], told["title"], told["userId"]) == ("t1", "New", "title")


def test_an_error_of_a_service_keeps_its_reason(door: Door) -> None:
    body = {"email": "taken@example.com", "password": "p", "acceptedTermsVersion": "1"}
    answer = door.rest.post("/api/v1/auth/register", json=body)
    assert answer.status_code == 409
    assert reason_of(answer) == "EMAIL_TAKEN"
    assert answer.json()["details"][0]["metadata"] == {"email": "taken@example.com"}
