"""The cookie that holds a browser's refresh token: no script reads it, no other site sends it, no other path gets it."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

SESSION_PATH = "/api/v1/session"


@dataclass(frozen=True)
class SessionCookie:
    """Secure, but for a server on the user's own machine, which has no TLS."""

    secure: bool

    @property
    def name(self) -> str:
        """With the prefix by which browsers hold a page without TLS off from setting it (RFC 6265bis)."""
        return "__Secure-puremusic-session" if self.secure else "puremusic-session"

    def read(self, request: Request) -> str:
        """Return the refresh token that a request brings; empty: none."""
        return request.cookies.get(self.name, "")

    def keep(self, response: Response, refresh_token: str, seconds: int) -> None:
        """Have the browser keep a refresh token."""
        response.set_cookie(
            self.name,
            refresh_token,
            max_age=seconds,
            path=SESSION_PATH,
            secure=self.secure,
            httponly=True,
            samesite="strict",
        )

    def drop(self, response: Response) -> None:
        """Have the browser forget it."""
        response.delete_cookie(self.name, path=SESSION_PATH, secure=self.secure, httponly=True, samesite="strict")
