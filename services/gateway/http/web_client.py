"""The web client's files. Its pages are addresses of one application: what is no file, and looks like a page, is that."""

from pathlib import PurePosixPath

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

INDEX = "index.html"

# Names below assets/ hold a hash of the content: they never change. The page that names them must be asked for each time.
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK = "no-cache"


class WebClient(StaticFiles):
    """Serves the client from a folder, with ETags and the right to keep files."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, or the application."""
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or not _is_page(path):
                raise
            path, response = INDEX, await super().get_response(INDEX, scope)
        response.headers["Cache-Control"] = _FOR_EVER if path.startswith("assets/") else _ASK
        return response


def _is_page(path: str) -> bool:
    """Whether a path may be one of the application's: a missing script must not be answered with HTML."""
    return not PurePosixPath(path).suffix and not path.startswith(("api/", "ws/", "assets/"))
