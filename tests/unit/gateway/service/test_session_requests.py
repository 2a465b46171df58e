"""What the session endpoints refuse before they ask auth."""

import json

import httpx
import pytest

from services.gateway.http.session import MAX_BODY_BYTES
from tests.unit.gateway.service.conftest import Browser

SESSION = "/api/v1/session"


def reason(response: httpx.Response) -> str:
    shown = response.json()
    assert set(shown) == {"code", "message", "details"}
    return str(shown["details"][0]["reason"])


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", SESSION), ("POST", f"{SESSION}/register"), ("POST", f"{SESSION}/refresh"), ("DELETE", SESSION)],
)
async def test_a_foreign_page_gets_nowhere(browser: Browser, method: str, path: str) -> None:
    forged = await browser.send(
        method, path, b"{}", origin="https://evil.example", cookie="__Secure-puremusic-session=x"
    )
    assert (forged.status_code, reason(forged)) == (403, "ORIGIN_NOT_ALLOWED")
    formed = await browser.send(method, path, b"{}", x_puremusic_session="")
    assert (formed.status_code, reason(formed)) == (403, "SESSION_HEADER_MISSING")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
@pytest.mark.parametrize("path", [SESSION, f"{SESSION}/refresh"])
async def test_only_json_is_read(browser: Browser, path: str, kind: str) -> None:
    answer = await browser.send("POST", path, b"{}", content_type=kind)
    assert (answer.status_code, reason(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"secret-word",
        b"[]",
        b'{"email": 5, "password": "secret-word"}',
        b'{"email": "a@b.c", "secret-word": "x"}',
        b'{"email": "\\ud800", "password": "secret-word"}',
        b"[" * 10_000,
        b"\xff",
    ],
)
async def test_a_body_that_is_no_login_is_refused_and_not_repeated(browser: Browser, body: bytes) -> None:
    answer = await browser.send("POST", SESSION, body)
    assert (answer.status_code, reason(answer)) == (400, "INVALID_REQUEST")
    assert "secret-word" not in answer.text


async def test_a_body_has_a_limit(browser: Browser) -> None:
    body = json.dumps({"email": "a@b.c", "password": "x" * MAX_BODY_BYTES}).encode()
    answer = await browser.send("POST", SESSION, body)
    assert (answer.status_code, reason(answer)) == (413, "BODY_TOO_LARGE")


async def test_refreshing_without_a_session(browser: Browser) -> None:
    answer = await browser.send("POST", f"{SESSION}/refresh")
    assert (answer.status_code, reason(answer)) == (401, "SESSION_MISSING")
    assert "max-age=0" in answer.headers["set-cookie"].lower()


async def test_a_session_outlives_an_outage_of_auth(browser: Browser) -> None:
    answer = await browser.send("POST", f"{SESSION}/refresh", cookie="__Secure-puremusic-session=good")
    assert answer.status_code == 503
    assert "set-cookie" not in answer.headers


async def test_signing_out_without_a_session_is_no_error(browser: Browser) -> None:
    answer = await browser.send("DELETE", SESSION)
    assert answer.status_code == 204
    assert "max-age=0" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("query", ["everywhere=maybe", "everywhere=", "all=true"])
async def test_unknown_wishes_are_refused(browser: Browser, query: str) -> None:
    answer = await browser.send("DELETE", f"{SESSION}?{query}")
    assert (answer.status_code, reason(answer)) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize(("method", "path"), [("GET", SESSION), ("PUT", SESSION), ("GET", f"{SESSION}/refresh")])
async def test_other_methods_are_refused_in_the_same_shape(browser: Browser, method: str, path: str) -> None:
    answer = await browser.send(method, path)
    assert (answer.status_code, reason(answer)) == (405, "METHOD_NOT_ALLOWED")


async def test_nothing_is_there_in_the_same_shape(browser: Browser) -> None:
    answer = await browser.send("GET", "/nothing")
    assert (answer.status_code, reason(answer)) == (404, "NO_SUCH_PAGE")
