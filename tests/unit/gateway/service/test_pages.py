"""Pages, the web client's files, and what every answer tells a browser."""

import pytest

from tests.unit.gateway.service.conftest import Browser


async def test_the_front_door_says_what_this_is(browser: Browser) -> None:
    page = await browser.send("GET", "/")
    assert page.status_code == 200
    assert '<a href="/docs">' in page.text


async def test_the_documentation(browser: Browser) -> None:
    described = await browser.send("GET", "/openapi.json")
    page = await browser.send("GET", "/docs")
    assert described.json()["openapi"].startswith("3.1")
    assert "/api/v1/tracks" in page.text
    assert "unsafe" not in page.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/docs", "/health", "/nothing", "/api/v1/session"])
async def test_every_answer_has_the_security_headers(browser: Browser, path: str) -> None:
    headers = (await browser.send("GET", path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["strict-transport-security"]
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy


async def test_sockets_may_be_opened_by_our_pages(browser: Browser) -> None:
    policy = (await browser.send("GET", "/")).headers["content-security-policy"]
    assert "connect-src 'self' wss://music.example;" in policy


async def test_health_tells_who_is_away(browser: Browser) -> None:
    answer = await browser.send("GET", "/health")
    assert answer.status_code == 503
    services = answer.json()["services"]
    assert {name: service["status"] for name, service in services.items()} == {
        "auth": "unreachable",
        "gateway": "serving",
    }


async def test_the_client_is_asked_for_each_time_and_its_parts_never(visitor: Browser) -> None:
    index = await visitor.send("GET", "/")
    script = await visitor.send("GET", "/assets/main-1234.js")
    assert (index.text, index.headers["cache-control"]) == ("<!doctype html>the client", "no-cache")
    assert "immutable" in script.headers["cache-control"]
    again = await visitor.send("GET", "/", if_none_match=index.headers["etag"])
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/library", "/tracks/3f2a", "/fusions/new"])
async def test_the_client_s_addresses_are_the_client(visitor: Browser, path: str) -> None:
    page = await visitor.send("GET", path)
    assert (page.status_code, page.text) == (200, "<!doctype html>the client")
    assert page.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/assets/gone.js", "/assets/gone", "/favicon.ico", "/api/v1/nothing", "/%2e%2e/secret.txt"]
)
async def test_what_is_no_page_is_not_the_client(visitor: Browser, path: str) -> None:
    missing = await visitor.send("GET", path)
    assert missing.status_code == 404
    assert missing.json()["details"][0]["reason"] == "NO_SUCH_PAGE"


async def test_the_client_does_not_hide_the_api_s_pages(visitor: Browser) -> None:
    assert (await visitor.send("GET", "/openapi.json")).json()["openapi"]
    assert (await visitor.send("POST", "/api/v1/session", b"{}", origin="https://evil.example")).status_code == 403
