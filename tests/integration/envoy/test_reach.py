"""What is not meant for the outside does not exist there."""

from pathlib import Path

import grpc
import httpx
import pytest
from puremusic.auth.v1 import auth_pb2, auth_pb2_grpc
from puremusic.operations.v1 import operations_pb2, operations_pb2_grpc

from tests.integration.envoy.door import Door, open_door, reason_of, status_of

INTERNAL = ["/puremusic.auth.v1.AuthService/IssueServiceToken", "/puremusic.operations.v1.OperationsService/Republish"]


def _nothing(answer: httpx.Response) -> None:
    assert answer.status_code == 404, answer.text
    assert reason_of(answer) == "NO_SUCH_METHOD"


def _admin(door: Door) -> dict[str, str]:
    return door.bearer(roles=["admin"], scope="read write")


def test_internal_methods_by_grpc(door: Door) -> None:
    metadata = door.metadata(roles=["admin"], scope="read write")
    token = auth_pb2_grpc.AuthServiceStub(door.channel).IssueServiceToken
    republish = operations_pb2_grpc.OperationsServiceStub(door.channel).Republish
    with pytest.raises(grpc.RpcError) as caught:
        token(auth_pb2.IssueServiceTokenRequest(), metadata=metadata)
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
    with pytest.raises(grpc.RpcError) as caught:
        republish(operations_pb2.RepublishRequest(), metadata=metadata)
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("path", INTERNAL)
def test_internal_methods_by_grpc_web(door: Door, path: str) -> None:
    answer = door.grpc_web(path, operations_pb2.RepublishRequest(), _admin(door))
    assert status_of(answer)["grpc-status"] == "12"


@pytest.mark.parametrize("path", INTERNAL)
def test_internal_methods_by_rest(door: Door, path: str) -> None:
    _nothing(door.rest.post(path, json={}, headers=_admin(door)))
    _nothing(door.rest.get(path, headers=_admin(door)))
    _nothing(door.rest.post(f"/api/v1{path}", json={}, headers=_admin(door)))


@pytest.mark.parametrize(
    "path",
    [
        "/grpc.health.v1.Health/Check",
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        "/puremusic.auth.v1.AuthService/Nope",
    ],
)
def test_services_that_are_not_ours_to_show(door: Door, path: str) -> None:
    answer = door.grpc_web(path, operations_pb2.RepublishRequest(), _admin(door))
    assert status_of(answer)["grpc-status"] == "12"


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/x/../metrics", "/metrics?x", "/api", "/api/v2/tracks"],
)
def test_addresses_that_the_pages_must_not_swallow(door: Door, path: str) -> None:
    _nothing(httpx.get(f"http://127.0.0.1:{door.port}{path}", trust_env=False))


def test_a_method_by_another_verb(door: Door) -> None:
    _nothing(door.rest.put("/api/v1/tracks", headers=door.bearer()))
    _nothing(door.rest.get("/api/v1/auth/login"))


def test_a_method_by_json_under_its_grpc_name(door: Door) -> None:
    _nothing(door.rest.post("/puremusic.auth.v1.AuthService/Login", json={}))


def test_grpc_under_a_rest_name(door: Door) -> None:
    answer = door.grpc_web("/api/v1/auth/login", auth_pb2.LoginRequest())
    assert status_of(answer)["grpc-status"] == "12"


def test_unknown_addresses_of_the_api(door: Door) -> None:
    _nothing(door.rest.get("/api/v1/nope", headers=door.bearer()))
    assert door.rest.get("/api/v1/nope").status_code == 401


def test_posting_to_a_page(door: Door) -> None:
    _nothing(door.rest.post("/docs"))


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/health", "/ready", "/live", "/assets/app.js"])
def test_pages_are_for_everybody(door: Door, path: str) -> None:
    assert door.rest.get(path).json()["path"] == path


@pytest.mark.parametrize("path", ["/api/v1/session", "/api/v1/session/refresh", "/api/v1/session:refresh"])
def test_the_session_is_the_gateways_own(door: Door, path: str) -> None:
    told = door.rest.post(path, json={}, headers={"cookie": "refresh=1"}).json()
    assert (told["path"], told["headers"]["cookie"]) == (path, "refresh=1")


def test_the_key_set_is_for_everybody(door: Door) -> None:
    assert door.rest.get("/.well-known/jwks.json").json() == door.key.published()


def test_a_service_that_is_away(tmp_path: Path) -> None:
    with open_door(tmp_path) as door:
        door.upstream.stop()
        answer = door.rest.get("/api/v1/tracks", headers=door.bearer())
        assert answer.status_code == 503
        assert reason_of(answer) == "UNAVAILABLE"
        assert int(answer.headers["retry-after"]) > 0
        web = door.grpc_web("/puremusic.auth.v1.AuthService/Login", auth_pb2.LoginRequest())
        assert status_of(web)["grpc-status"] == "14"
