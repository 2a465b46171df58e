"""The cookie's attributes, as they go over the wire."""

from http.cookies import SimpleCookie

import pytest
from starlette.responses import Response

from services.gateway.http.cookies import SessionCookie


def attributes(response: Response) -> tuple[str, dict[str, str]]:
    cookie: SimpleCookie = SimpleCookie(response.headers["set-cookie"])
    ((name, morsel),) = cookie.items()
    return f"{name}={morsel.value}", {key: str(value) for key, value in morsel.items() if value}


@pytest.mark.parametrize(("secure", "name"), [(True, "__Secure-puremusic-session"), (False, "puremusic-session")])
def test_a_kept_cookie(secure: bool, name: str) -> None:
    response = Response()
    SessionCookie(secure).keep(response, "token", 3600)
    shown, told = attributes(response)
    assert shown == f"{name}=token"
    assert told.pop("secure", "") == ("True" if secure else "")
    assert told == {"path": "/api/v1/session", "max-age": "3600", "httponly": "True", "samesite": "strict"}


def test_a_dropped_cookie_is_the_same_one_and_over() -> None:
    response = Response()
    SessionCookie(secure=True).drop(response)
    shown, told = attributes(response)
    assert shown == "__Secure-puremusic-session="
    assert (told["max-age"], told["path"], told["secure"], told["httponly"]) == ("0", "/api/v1/session", "True", "True")
