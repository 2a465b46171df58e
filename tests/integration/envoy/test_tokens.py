"""Who has no token, or a bad one, gets no further than the door."""

from pathlib import Path

import jwt
import pytest
from puremusic.auth.v1 import auth_pb2

from chassis.config import Address
from tests.integration.envoy.door import Door, metadata_value, open_door, reason_of, status_of
from tests.integration.envoy.upstreams import SigningKey

TRACKS = "/api/v1/tracks"
GET_ME = "/puremusic.auth.v1.AuthService/GetMe"


def test_missing(door: Door) -> None:
    answer = door.rest.get(TRACKS)
    assert answer.status_code == 401
    assert reason_of(answer) == "TOKEN_MISSING"
    assert answer.json()["code"] == 16
    assert "Sign in first" in answer.json()["message"]


@pytest.mark.parametrize("authorization", ["Basic dXNlcjpwYXNz", "token"])
def test_another_scheme_is_no_token(door: Door, authorization: str) -> None:
    answer = door.rest.get(TRACKS, headers={"authorization": authorization})
    assert answer.status_code == 401
    assert reason_of(answer) == "TOKEN_MISSING"


def test_expired(door: Door) -> None:
    answer = door.rest.get(TRACKS, headers=door.bearer(exp=1))
    assert answer.status_code == 401
    assert reason_of(answer) == "TOKEN_EXPIRED"


@pytest.mark.parametrize(
    "claims",
    [{"aud": "another"}, {"aud": None}, {"iss": "another"}, {"exp": None}],
    ids=["aud", "no aud", "iss", "no exp"],
)
def test_wrong_claims(door: Door, claims: dict[str, str | None]) -> None:
    answer = door.rest.get(TRACKS, headers=door.bearer("u1", **claims))
    assert answer.status_code == 401
    assert reason_of(answer) == "TOKEN_INVALID"


def test_unsigned(door: Door) -> None:
    claims = jwt.decode(door.token(), options={"verify_signature": False})
    token = jwt.encode(claims, "", "none", headers={"kid": door.key.key_id})
    answer = door.rest.get(TRACKS, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert reason_of(answer) == "TOKEN_INVALID"


@pytest.mark.parametrize("key_id", ["k1", "unknown"])
def test_signed_by_somebody_else(door: Door, key_id: str) -> None:
    claims = jwt.decode(door.token(), options={"verify_signature": False})
    token = jwt.encode(claims, SigningKey().private, "EdDSA", headers={"kid": key_id})
    answer = door.rest.get(TRACKS, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert reason_of(answer) == "TOKEN_INVALID"


def test_a_token_in_the_query_is_none(door: Door) -> None:
    answer = door.rest.get(TRACKS, params={"access_token": door.token()})
    assert answer.status_code == 401


def test_valid(door: Door) -> None:
    assert door.rest.get(TRACKS, headers=door.bearer()).status_code == 200


def test_the_token_goes_on_to_the_service(door: Door) -> None:
    bearer = door.bearer()
    told = door.rest.get("/api/v1/auth/me", headers=bearer).json()["displayName"]
    assert bearer["authorization"] in told


def test_public_methods_need_none_and_mind_none(door: Door) -> None:
    body = {"email": "a@example.com", "password": "a password"}
    assert door.rest.post("/api/v1/auth/login", json=body).status_code == 200
    assert door.rest.post("/api/v1/auth/login", json=body, headers=door.bearer(exp=1)).status_code == 200


def test_grpc_web_is_told_code_reason_and_words(door: Door) -> None:
    answer = door.grpc_web(GET_ME, auth_pb2.GetMeRequest())
    assert answer.status_code == 200
    status = status_of(answer)
    assert status["grpc-status"] == "16"
    assert "Sign in first" in status["grpc-message"]
    assert b"TOKEN_MISSING" in metadata_value(status["grpc-status-details-bin"])


def test_without_the_key_set_nobody_is_called_a_liar(tmp_path: Path) -> None:
    with open_door(tmp_path, auth_http=Address("127.0.0.1", 1)) as door:
        answer = door.rest.get(TRACKS, headers=door.bearer())
        assert answer.status_code == 503
        assert reason_of(answer) == "KEYS_UNAVAILABLE"
        assert door.rest.post("/api/v1/auth/login", json={}).status_code == 200
