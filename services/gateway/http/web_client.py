"""The web client's files. Its pages are addresses of one application: what is no file, and looks like a page, is that."""

import secrets
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

INDEX = "index.html"

NONCE = "__CSP_NONCE__"
"""Stands in the application's page where the nonce of a response belongs: style elements that libraries make must bear it."""

# Names below assets/ hold a hash of the content: they never change. The page that names them must be asked for each time.
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK = "no-cache"


class WebClient(StaticFiles):
    """Serves the client from a folder, with ETags and the right to keep files. `headers` hold for every answer."""

    def __init__(self, directory: str, headers: Mapping[str, str]) -> None:
        super().__init__(directory=directory)
        self._index = Path(directory) / INDEX
        self._policy = headers["Content-Security-Policy"]

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, or the application."""
        if path in (".", INDEX):
            return self._application()
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or not _is_page(path):
                raise
            return self._application()
        response.headers["Cache-Control"] = _FOR_EVER if path.startswith("assets/") else _ASK
        return response

    def _application(self) -> Response:
        """Return the page with a nonce of its own, hence never one that a browser has kept."""
        nonce = secrets.token_urlsafe(16)
        page = self._index.read_text(encoding="utf-8").replace(NONCE, nonce)
        policy = self._policy.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
        return HTMLResponse(page, headers={"Cache-Control": _ASK, "Content-Security-Policy": policy})


def _is_page(path: str) -> bool:
    """Whether a path may be one of the application's: a missing script must not be answered with HTML."""
    return not PurePosixPath(path).suffix and not path.startswith(("api/", "ws/", "assets/"))
