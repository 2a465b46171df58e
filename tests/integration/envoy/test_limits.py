"""How much anybody may ask."""

from collections.abc import Iterator

import grpc
import httpx
import pytest
from puremusic.auth.v1 import auth_pb2, auth_pb2_grpc

from services.gateway.envoy import Rate
from tests.integration.envoy.door import Door, metadata_value, open_door, reason_of, status_of

LOGIN = "/puremusic.auth.v1.AuthService/Login"
GET_ME = "/puremusic.auth.v1.AuthService/GetMe"


@pytest.fixture
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """An Envoy that lets three sign-ins and five requests of a user pass in ten minutes."""
    directory = tmp_path_factory.mktemp("strict")
    with open_door(directory, sign_in_rate=Rate(3, 600), user_rate=Rate(5, 600), address_rate=Rate(40, 600)) as door:
        yield door


def _exhausted(answer: httpx.Response, retry_seconds: int) -> None:
    assert answer.status_code == 429, answer.text
    assert reason_of(answer) == "RATE_LIMITED"
    assert answer.json()["code"] == 8
    assert answer.headers["retry-after"] == str(retry_seconds)


def test_sign_ins_share_one_bucket_whatever_their_form(strict: Door) -> None:
    body = {"email": "a@example.com", "password": "p"}
    assert strict.rest.post("/api/v1/auth/login", json=body).status_code == 200
    assert status_of(strict.grpc_web(LOGIN, auth_pb2.LoginRequest()))["grpc-status"] == "0"
    assert strict.rest.post("/api/v1/session?x=1", json=body).status_code == 200

    _exhausted(strict.rest.post("/api/v1/auth/login", json=body), 200)
    _exhausted(strict.rest.post("/api/v1/auth/l%6fgin", json=body), 200)
    _exhausted(strict.rest.post("/api/v1/auth/register?x=1", json=body), 200)
    _exhausted(strict.rest.post("/api/v1/session:refresh", json=body), 200)
    # Another address by its own word is the same address.
    _exhausted(strict.rest.post("/api/v1/auth/login", json=body, headers={"x-forwarded-for": "198.51.100.7"}), 200)

    web = strict.grpc_web(LOGIN, auth_pb2.LoginRequest())
    assert web.status_code == 200
    assert web.headers["retry-after"] == "200"
    assert status_of(web)["grpc-status"] == "8"
    assert b"RATE_LIMITED" in metadata_value(status_of(web)["grpc-status-details-bin"])

    with pytest.raises(grpc.RpcError) as caught:
        auth_pb2_grpc.AuthServiceStub(strict.channel).Login(auth_pb2.LoginRequest())
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "Too many attempts" in (caught.value.details() or "")

    # Who has a token goes on working.
    assert strict.rest.get("/api/v1/tracks", headers=strict.bearer()).status_code == 200


def test_each_user_has_a_bucket(strict: Door) -> None:
    for left in (4, 3, 2, 1, 0):
        answer = strict.rest.get("/api/v1/tracks", headers=strict.bearer("u1"))
        assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (200, str(left))
    _exhausted(strict.rest.get("/api/v1/tracks", headers=strict.bearer("u1", iat=1)), 120)
    web = strict.grpc_web(GET_ME, auth_pb2.GetMeRequest(), strict.bearer("u1"))
    assert status_of(web)["grpc-status"] == "8"
    assert strict.rest.get("/api/v1/tracks", headers=strict.bearer("u2")).status_code == 200


def test_an_address_has_one_before_tokens_are_looked_at(strict: Door) -> None:
    codes = [strict.rest.get("/api/v1/tracks").status_code for _ in range(45)]
    assert codes == [401] * 40 + [429] * 5


def test_objects_are_not_counted(strict: Door) -> None:
    codes = {strict.rest.get("/puremusic/a?X-Amz-Signature=x").status_code for _ in range(60)}
    assert codes == {200}
