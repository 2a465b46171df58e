"""Pages, the web client's files, and what every answer tells a browser."""

from pathlib import Path

import pytest

from services.gateway import assembly
from services.gateway.config import BrowserConfig
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


async def test_only_our_own_scripts_and_styles_run(browser: Browser) -> None:
    policy = (await browser.send("GET", "/")).headers["content-security-policy"].split("; ")
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "style-src 'self'" in policy
    assert "default-src 'self'" in policy


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
    again = await visitor.send("GET", "/assets/main-1234.js", if_none_match=script.headers["etag"])
    assert again.status_code == 304


async def test_each_answer_has_a_nonce_of_its_own_for_styles(visitor: Browser, web: Path) -> None:
    (web / "index.html").write_text('<!doctype html><meta property="csp-nonce" nonce="__CSP_NONCE__">')
    seen = set()
    for path in ("/", "/index.html", "/library"):
        page = await visitor.send("GET", path)
        nonce = page.text.split('"')[3]
        assert f"style-src 'self' 'nonce-{nonce}';" in page.headers["content-security-policy"]
        assert "etag" not in page.headers
        seen.add(nonce)
    assert len(seen) == 3


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


async def test_the_client_s_files_are_compressed_and_nothing_else_is(visitor: Browser, web: Path) -> None:
    (web / "assets" / "large-1234.js").write_text("run();" * 1000)
    script = await visitor.send("GET", "/assets/large-1234.js")
    assert (script.headers["content-encoding"], script.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert script.text == "run();" * 1000
    plain = await visitor.send("GET", "/assets/large-1234.js", accept_encoding="identity")
    assert "content-encoding" not in plain.headers
    # Anything that may hold a secret beside what a request said.
    assert "content-encoding" not in (await visitor.send("GET", "/openapi.json")).headers


def test_the_built_client_is_served_where_no_other_is_named(monkeypatch: pytest.MonkeyPatch, web: Path) -> None:
    monkeypatch.setattr(assembly, "WEB_CLIENT", web)
    ours = BrowserConfig(public_url="https://music.example")
    named = BrowserConfig(public_url="https://music.example", static_directory="/elsewhere")
    assert assembly.with_built_client(ours).static_directory == str(web)
    assert assembly.with_built_client(named) == named
    (web / "index.html").unlink()
    assert assembly.with_built_client(ours) == ours
