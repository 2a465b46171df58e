"""Which pages may hold a session or open a socket: ours, and those that the operator names."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from chassis.config import ConfigError
from chassis.errors import Forbidden
from services.gateway.config import BrowserConfig

SESSION_HEADER = "x-puremusic-session"
"""A page of another origin can't send it without asking first, and a form can't send it at all."""

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Origins:
    """Origins as browsers write them: `https://music.example`."""

    own: frozenset[str]
    allowed: frozenset[str]

    @classmethod
    def of(cls, config: BrowserConfig) -> "Origins":
        """Read them; raises `ConfigError` for what is no URL."""
        url = _split(config.public_url)
        # On one's own machine, whichever name one calls it by.
        hosts = _LOOPBACK if is_loopback(url) else (url.hostname or "",)
        own = frozenset(_origin(url.scheme, host, url.port) for host in hosts)
        allowed = (_split(origin) for origin in config.allowed_origins)
        return cls(own, frozenset(_origin(one.scheme, one.hostname or "", one.port) for one in allowed))

    def check(self, headers: Mapping[str, str]) -> None:
        """Raise `Forbidden` unless a request was made by a page that may; one without an origin was made by none."""
        origin, site = headers.get("origin", ""), headers.get("sec-fetch-site", "")
        if origin in self.own and site in ("", "same-origin"):
            return
        # From another origin a browser says same-site or cross-site; it can't be same-origin, nor typed by the user.
        if origin in self.allowed and site in ("", "same-site", "cross-site"):
            return
        raise Forbidden("ORIGIN_NOT_ALLOWED", "Only PureMusic's own pages may do this.", origin=origin)

    def check_session(self, headers: Mapping[str, str]) -> None:
        """Raise `Forbidden` unless the request can't have been forged by a foreign page (CSRF)."""
        self.check(headers)
        if headers.get(SESSION_HEADER) != "1":
            raise Forbidden("SESSION_HEADER_MISSING", "Send the header 'X-PureMusic-Session: 1'.")


def is_loopback(url: SplitResult) -> bool:
    """Say whether a URL means the machine itself."""
    return url.hostname in _LOOPBACK


def is_plain_loopback(public_url: str) -> bool:
    """Say whether clients come without TLS because they are on the machine itself."""
    url = _split(public_url)
    return url.scheme == "http" and is_loopback(url)


def socket_origin(public_url: str) -> str:
    """Return where our WebSockets are, for browsers that do not take them for 'self'."""
    url = _split(public_url)
    return _origin({"http": "ws", "https": "wss"}[url.scheme], url.hostname or "", url.port)


def _split(text: str) -> SplitResult:
    url = urlsplit(text)
    try:
        if url.scheme in ("http", "https") and url.hostname and url.port != 0:
            return url
    except ValueError:  # the port is no number
        pass
    raise ConfigError(f"{text!r} is not the address of a page, like https://music.example")


def _origin(scheme: str, host: str, port: int | None) -> str:
    named = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443, "ws": 80, "wss": 443}[scheme]
    return f"{scheme}://{named}" if port in (None, usual) else f"{scheme}://{named}:{port}"
