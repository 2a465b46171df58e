"""Who may hold a session: cross-site request forgery, case by case."""

import pytest
from starlette.datastructures import Headers

from chassis.config import ConfigError
from chassis.errors import Forbidden
from services.gateway.config import BrowserConfig
from services.gateway.http.origins import Origins, is_plain_loopback, socket_origin

OURS = "https://music.example"
FRIEND = "https://app.example"
ORIGINS = Origins.of(BrowserConfig(public_url=f"{OURS}/", allowed_origins=(FRIEND,)))


def sent(origin: str | None, site: str | None = None, header: str | None = "1") -> Headers:
    given = {"origin": origin, "sec-fetch-site": site, "x-puremusic-session": header}
    return Headers({name: value for name, value in given.items() if value is not None})


@pytest.mark.parametrize(
    ("origin", "site"),
    [(OURS, "same-origin"), (OURS, None), (FRIEND, "cross-site"), (FRIEND, "same-site"), (FRIEND, None)],
)
def test_our_pages_and_our_friends_may(origin: str, site: str | None) -> None:
    ORIGINS.check_session(sent(origin, site))


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        (None, None),
        (None, "same-origin"),
        ("null", "cross-site"),
        ("https://evil.example", "cross-site"),
        ("https://evil.example", "same-origin"),
        (OURS, "cross-site"),
        (OURS, "same-site"),
        (OURS, "none"),
        (FRIEND, "none"),
        ("http://music.example", "same-origin"),
        ("https://music.example:8443", "same-origin"),
        ("https://music.example.evil.example", "cross-site"),
        (f"{OURS}/", "same-origin"),
    ],
)
def test_nobody_else_may(origin: str | None, site: str | None) -> None:
    with pytest.raises(Forbidden) as refused:
        ORIGINS.check_session(sent(origin, site))
    assert refused.value.reason == "ORIGIN_NOT_ALLOWED"


@pytest.mark.parametrize("header", [None, "", "0", "true"])
def test_the_header_that_no_form_can_send_is_required(header: str | None) -> None:
    with pytest.raises(Forbidden) as refused:
        ORIGINS.check_session(sent(OURS, "same-origin", header))
    assert refused.value.reason == "SESSION_HEADER_MISSING"


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_one_s_own_machine_has_several_names(origin: str) -> None:
    Origins.of(BrowserConfig(public_url="http://127.0.0.1:8000")).check_session(sent(origin, "same-origin"))


def test_another_port_of_the_machine_is_somebody_else() -> None:
    with pytest.raises(Forbidden):
        Origins.of(BrowserConfig(public_url="http://localhost:8000")).check_session(sent("http://localhost:8001"))


@pytest.mark.parametrize("url", ["https://music.example:443/", "https://MUSIC.example"])
def test_the_usual_port_and_case_do_not_matter(url: str) -> None:
    assert Origins.of(BrowserConfig(public_url=url)).own == {OURS}


@pytest.mark.parametrize("url", ["music.example", "ftp://music.example", "https://", "https://music.example:port"])
def test_what_is_no_address_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ConfigError):
        Origins.of(BrowserConfig(public_url=url))


@pytest.mark.parametrize(
    ("url", "plain"),
    [("http://127.0.0.1:8000", True), ("http://localhost", True), ("https://localhost", False), ("http://lan", False)],
)
def test_only_one_s_own_machine_may_do_without_tls(url: str, plain: bool) -> None:
    assert is_plain_loopback(url) == plain


def test_sockets_have_an_origin_too() -> None:
    assert socket_origin(OURS) == "wss://music.example"
    assert socket_origin("http://127.0.0.1:8000") == "ws://127.0.0.1:8000"
