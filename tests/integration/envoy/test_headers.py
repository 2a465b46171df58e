"""Headers: what browsers may do, what clients may not claim, what stays out of the log."""

import json
from typing import Any

import pytest

from deploy.local.waiting import until
from tests.integration.envoy.door import ORIGIN, Door

PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
FORGED = {
    "x-forwarded-host": "evil.example",
    "x-envoy-original-path": "/forged",
    "x-envoy-upstream-rq-timeout-ms": "1",
    "x-envoy-internal": "true",
    "forwarded": "host=evil.example",
    "cookie": "refresh=secret",
}


@pytest.mark.parametrize(
    "path", ["/api/v1/tracks", "/puremusic.auth.v1.AuthService/Login", "/puremusic/a/b?X-Amz-Signature=x", "/anything"]
)
def test_preflight_of_a_page_that_may(door: Door, path: str) -> None:
    answer = door.rest.options(path, headers={**PREFLIGHT, "origin": ORIGIN})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "authorization" in answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in answer.headers


def test_cookies_only_for_the_session(door: Door) -> None:
    answer = door.rest.options("/api/v1/session", headers={**PREFLIGHT, "origin": ORIGIN})
    assert answer.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize("path", ["/api/v1/tracks", "/api/v1/session", "/puremusic/a/b?X-Amz-Signature=x", "/docs"])
def test_other_pages_may_not(door: Door, path: str) -> None:
    preflight = door.rest.options(path, headers={**PREFLIGHT, "origin": "http://evil.example"})
    assert "access-control-allow-origin" not in preflight.headers
    answer = door.rest.get(path, headers={"origin": "http://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_a_page_may_read_refusals(door: Door) -> None:
    answer = door.rest.get("/api/v1/tracks", headers={"origin": ORIGIN})
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "retry-after" in answer.headers["access-control-expose-headers"]


def test_every_answer_is_guarded(door: Door) -> None:
    for path in ("/api/v1/tracks", "/docs"):
        answer = door.rest.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["server"] == "puremusic"
    assert door.rest.get("/api/v1/tracks", headers=door.bearer()).headers["cache-control"] == "no-store"


def _arrived(door: Door, headers: dict[str, str]) -> dict[str, Any]:
    answer = door.rest.get("/api/v1/auth/me", headers={**door.bearer(), **headers})
    arrived: dict[str, Any] = json.loads(answer.json()["displayName"])
    return arrived


def test_what_clients_claim_is_forgotten(door: Door) -> None:
    arrived = _arrived(door, FORGED)
    assert arrived["x-envoy-original-path"] == "/api/v1/auth/me"
    for name in FORGED.keys() - {"x-envoy-original-path"}:
        assert name not in arrived


def test_ids_and_traces_go_through(door: Door) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    arrived = _arrived(door, {"x-request-id": "mine", "traceparent": trace})
    assert (arrived["x-request-id"], arrived["traceparent"]) == ("mine", trace)
    assert door.rest.get("/docs", headers={"x-request-id": "mine"}).headers["x-request-id"] == "mine"


def test_the_log_holds_no_token_and_no_signature(door: Door) -> None:
    bearer = door.bearer("a-user-in-the-log")
    door.rest.get("/api/v1/tracks?page_token=looked-for", headers=bearer)
    door.rest.get("/puremusic/last-line?X-Amz-Signature=very-secret")
    assert until(lambda: "/puremusic/last-line" in door.log.read_text(), 5)
    lines = [json.loads(line) for line in door.log.read_text().splitlines() if line.startswith("{")]
    (mine,) = [line for line in lines if line["user"] == "a-user-in-the-log"]
    assert (mine["path"], mine["status"], mine["method"]) == ("/api/v1/tracks", 200, "GET")
    assert mine["called"] == "/puremusic.ingest.v1.TracksService/ListTracks"
    whole = door.log.read_text()
    for secret in ("very-secret", "looked-for", bearer["authorization"]):
        assert secret not in whole
