"""A running Envoy with the product's own bootstrap, and the ways to knock at it."""

import base64
import http.client
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import grpc
import httpx
import jwt
from google.protobuf.message import Message

from chassis.config import Address
from deploy.local.waiting import until
from services.gateway.envoy import EnvoySettings, Rate, bootstrap
from tests.integration.envoy.upstreams import GrpcUpstream, SigningKey, http_upstream
from tests.servers.envoy_program import PROGRAM

ORIGIN = "http://ui.example:3000"

_START_SECONDS = 20.0
_GENEROUS = Rate(100_000, 1)


@dataclass(frozen=True)
class Door:
    """Envoy, what stands behind it, and a key that auth would sign with."""

    port: int
    rest: httpx.Client
    channel: grpc.Channel
    upstream: GrpcUpstream
    key: SigningKey
    log: Path

    def token(self, user: str = "u1", **claims: object) -> str:
        """An access token; claims replace the usual ones, None drops one."""
        now = int(time.time())
        usual = {"iss": "puremusic", "aud": "puremusic", "sub": user, "iat": now, "exp": now + 900}
        told = {name: value for name, value in (usual | claims).items() if value is not None}
        headers = {"kid": self.key.key_id, "typ": "at+jwt"}
        return jwt.encode(told, self.key.private, "EdDSA", headers=headers)

    def bearer(self, user: str = "u1", **claims: object) -> dict[str, str]:
        """The header that carries it."""
        return {"authorization": f"Bearer {self.token(user, **claims)}"}

    def metadata(self, user: str = "u1", **claims: object) -> tuple[tuple[str, str], ...]:
        """The same for native gRPC."""
        return (("authorization", f"Bearer {self.token(user, **claims)}"),)

    def grpc_web(self, path: str, request: Message, headers: dict[str, str] | None = None) -> httpx.Response:
        """A gRPC-Web call as browsers make it."""
        message = request.SerializeToString()
        return self.rest.post(
            path,
            content=b"\0" + len(message).to_bytes(4, "big") + message,
            headers={"content-type": "application/grpc-web+proto", "x-grpc-web": "1", **(headers or {})},
        )


def status_of(answer: httpx.Response) -> dict[str, str]:
    """The trailers of a gRPC-Web answer, wherever they stand."""
    if "grpc-status" in answer.headers:
        return dict(answer.headers)
    content = answer.content
    while content:
        flags, length = content[0], int.from_bytes(content[1:5], "big")
        frame, content = content[5 : 5 + length], content[5 + length :]
        if flags & 0x80:
            lines = frame.decode().strip().split("\r\n")
            return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return {}


def reason_of(answer: httpx.Response) -> str:
    """The reason in an error, whose shape is checked on the way."""
    error: dict[str, Any] = answer.json()
    assert set(error) == {"code", "message", "details"}, error
    (info,) = error["details"]
    assert info["@type"] == "type.googleapis.com/google.rpc.ErrorInfo"
    assert info["domain"] == "puremusic"
    return str(info["reason"])


def metadata_value(text: str) -> bytes:
    """A `-bin` header's value, with or without its padding."""
    return base64.b64decode(text + "=" * (-len(text) % 4))


@contextmanager
def open_door(directory: Path, **settings: Any) -> Iterator[Door]:
    """Start the upstreams and Envoy; settings replace the tests' own."""
    key, upstream = SigningKey(), GrpcUpstream()
    with http_upstream(key.published) as http_port:
        chosen = replace(_settings(upstream.port, http_port), **settings)
        path = directory / "envoy.yaml"
        path.write_text(bootstrap(chosen))
        with (
            _running(path, directory / "envoy.log", chosen.admin.port),
            _clients(chosen.public.port) as (rest, channel),
        ):
            yield Door(chosen.public.port, rest, channel, upstream, key, directory / "envoy.log")
    upstream.stop()


def _settings(grpc_port: int, http_port: int) -> EnvoySettings:
    behind, page = Address("127.0.0.1", grpc_port), Address("127.0.0.1", http_port)
    return EnvoySettings(
        public=Address("127.0.0.1", _free_port()),
        admin=Address("127.0.0.1", _free_port()),
        auth=behind,
        ingest=behind,
        separation=behind,
        mir=behind,
        fusion=behind,
        gateway=behind,
        auth_http=page,
        gateway_http=page,
        s3=page,
        origins=(ORIGIN,),
        user_rate=_GENEROUS,
        address_rate=_GENEROUS,
        sign_in_rate=_GENEROUS,
    )


@contextmanager
def _running(path: Path, log: Path, admin_port: int) -> Iterator[None]:
    arguments = [
        "-c",
        str(path),
        "--disable-hot-restart",
        "--concurrency",
        "1",
        "--log-level",
        "warning",
        "--file-flush-interval-msec",
        "100",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen([str(PROGRAM), *arguments], stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_ready(process, admin_port, log)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _wait_ready(process: "subprocess.Popen[bytes]", admin_port: int, log: Path) -> None:
    """Until every service is healthy and the key set has been asked for."""

    def ready() -> bool:
        assert process.poll() is None, log.read_text()
        figures = _figures(admin_port)
        asked = sum(value for name, value in figures.items() if "jwks_fetch" in name)
        return asked > 0 and not _unhealthy(figures)

    assert until(ready, _START_SECONDS), f"Envoy was not ready:\n{log.read_text()}"


def _unhealthy(figures: dict[str, int]) -> list[str]:
    healthy = {name: value for name, value in figures.items() if name.endswith("-grpc.membership_healthy")}
    return [name for name, value in healthy.items() if value < 1]


def _figures(admin_port: int) -> dict[str, int]:
    connection = http.client.HTTPConnection("127.0.0.1", admin_port, timeout=2)
    try:
        connection.request("GET", "/stats?filter=membership_healthy|jwks_fetch")
        lines = connection.getresponse().read().decode().splitlines()
    except OSError:
        return {}
    finally:
        connection.close()
    return {name: int(value) for name, value in (line.split(": ") for line in lines)}


@contextmanager
def _clients(port: int) -> Iterator[tuple[httpx.Client, grpc.Channel]]:
    with (
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False) as rest,
        grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel,
    ):
        yield rest, channel


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
