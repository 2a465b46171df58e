"""Pages for everybody: the API's documentation, how the mesh is, and the front door where no web client is installed."""

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from services.gateway.mesh import MeshHealth

_CACHED = {"Cache-Control": "public, max-age=300"}

LANDING = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>PureMusic</title></head><body><main>
<h1>PureMusic</h1>
<p>Takes songs apart and makes new songs of the parts.</p>
<ul>
<li><a href="/docs">The API</a>: REST, gRPC and gRPC-Web at this address (<a href="/openapi.json">OpenAPI</a>).</li>
<li><a href="/health">How the services are</a>.</li>
</ul>
</main></body></html>
"""


@functools.cache
def _documentation() -> tuple[bytes, str, str]:
    """Return the API as OpenAPI and as a page, with that page's Content-Security-Policy: written once, when first asked for."""
    from services.gateway.docs_page import DOCS_POLICY, docs_page  # a server's start does not pay for them
    from services.gateway.envoy.contract import DESCRIPTORS
    from services.gateway.openapi import openapi

    described = openapi(DESCRIPTORS.read_bytes())
    return json.dumps(described).encode(), docs_page(described), DOCS_POLICY


async def openapi_json(_: Request) -> Response:
    """The API for programs."""
    described, _page, _policy = await asyncio.to_thread(_documentation)
    return Response(described, media_type="application/json", headers=_CACHED)


async def docs(_: Request) -> Response:
    """The API for people."""
    _described, page, policy = await asyncio.to_thread(_documentation)
    return HTMLResponse(page, headers={**_CACHED, "Content-Security-Policy": policy})


async def landing(_: Request) -> Response:
    """What this is."""
    return HTMLResponse(LANDING, headers=_CACHED)


@dataclass(frozen=True)
class HealthPage:
    """`/health`: every service of the mesh. 200 when all of them serve."""

    mesh: MeshHealth

    async def __call__(self, _: Request) -> Response:
        """Ask them."""
        services = await self.mesh.services()
        well = all(service.status == "serving" for service in services.values())
        shown = {
            "status": "serving" if well else "degraded",
            "services": {name: asdict(service) for name, service in services.items()},
        }
        return JSONResponse(shown, 200 if well else 503, {"Cache-Control": "no-store"})


def routes(mesh: MeshHealth) -> list[Route]:
    """Return where they are; the front door is not among them, for a web client may be there."""
    pages: dict[str, Callable[[Request], Awaitable[Response]]] = {
        "/docs": docs,
        "/openapi.json": openapi_json,
        "/health": HealthPage(mesh).__call__,
    }
    return [Route(path, page) for path, page in pages.items()]
