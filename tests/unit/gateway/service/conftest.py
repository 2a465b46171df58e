"""Gateway's HTTP without a network: requests go straight into the application."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import httpx
import pytest
from starlette.applications import Starlette

from chassis.config import load
from chassis.identity import TokenConfig, Verifier
from services.gateway.auth_client import AuthClient
from services.gateway.config import BrowserConfig, RightsConfig
from services.gateway.http import application
from services.gateway.mesh import MeshHealth
from services.gateway.watching import Watches

ORIGIN = "https://music.example"


class Browser:
    """A browser on one of our own pages, before a gateway whose neighbours are all away."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> httpx.Response:
        """Send what our pages would; headers (with _ for -) replace the usual ones."""
        usual = {"origin": ORIGIN, "x-puremusic-session": "1", "content-type": "application/json"}
        told = usual | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(method, path, content=body, headers=told)


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A built web client."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>the client")
    (tmp_path / "assets" / "main-1234.js").write_text("run()")
    return tmp_path


@pytest.fixture
async def channel() -> AsyncIterator[grpc.aio.Channel]:
    """A line to nobody."""
    async with grpc.aio.insecure_channel("unix:/nobody") as line:
        yield line


def client_of(channel: grpc.aio.Channel, static_directory: str = "", **rights: str) -> httpx.AsyncClient:
    """A client of the application; no use of the bus or the database is made."""
    settings = load(BrowserConfig, {"PUREMUSIC_PUBLIC_URL": ORIGIN, "PUREMUSIC_STATIC_DIR": static_directory})
    watches = Watches(None, None)  # type: ignore[arg-type]  # nobody watches here
    verifier = Verifier(TokenConfig(jwks_url=""))
    health = MeshHealth({"auth": channel}, {})
    mount = application(settings, RightsConfig(**rights), AuthClient(channel), watches, verifier, health)
    transport = httpx.ASGITransport(Starlette(routes=[mount]), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN)


@pytest.fixture
async def browser(channel: grpc.aio.Channel) -> AsyncIterator[Browser]:
    """Without a web client installed."""
    async with client_of(channel) as client:
        yield Browser(client)


@pytest.fixture
async def visitor(channel: grpc.aio.Channel, web: Path) -> AsyncIterator[Browser]:
    """With a web client."""
    async with client_of(channel, str(web)) as client:
        yield Browser(client)
