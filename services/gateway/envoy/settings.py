"""What an installation decides about its Envoy."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from chassis.config import Address
from services.gateway.envoy.contract import DESCRIPTORS

__all__ = ["GRPC_SERVICES", "EnvoySettings", "Rate"]

GRPC_SERVICES = ("auth", "ingest", "separation", "mir", "fusion", "gateway")


@dataclass(frozen=True)
class Rate:
    """So many requests at once, and as many again in each such time."""

    requests: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read `requests/seconds`."""
        requests, _, seconds = text.partition("/")
        return cls(int(requests), int(seconds))

    @property
    def retry_seconds(self) -> int:
        """After how long one more request passes."""
        return max(1, -(-self.seconds // self.requests))

    def __str__(self) -> str:
        return f"{self.requests}/{self.seconds}"


_NOWHERE = Address("127.0.0.1", 0)
_USER_RATE = Rate(1200, 60)
_ADDRESS_RATE = Rate(6000, 60)
_SIGN_IN_RATE = Rate(60, 60)


@dataclass(frozen=True)
class EnvoySettings:
    """Addresses, names and limits. A host that is no IP address is looked up in DNS, all its addresses are used."""

    public: Annotated[Address, "where clients connect"]
    admin: Annotated[Address, "Envoy's own operators' port; never reachable from outside"]
    auth: Annotated[Address, "gRPC address of auth"]
    ingest: Annotated[Address, "gRPC address of ingest"]
    separation: Annotated[Address, "gRPC address of separation"]
    mir: Annotated[Address, "gRPC address of mir"]
    fusion: Annotated[Address, "gRPC address of fusion"]
    gateway: Annotated[Address, "gRPC address of gateway"]
    auth_http: Annotated[Address, "HTTP address of auth, for its key set"]
    gateway_http: Annotated[Address, "HTTP address of gateway: session, WebSocket, docs, health, web client"]
    s3: Annotated[Address, "address of the object store"]
    s3_ca: Annotated[str, "CA bundle, where Envoy runs, that vouches for the object store; empty: no TLS to it"] = ""
    bucket: Annotated[str, "bucket that presigned requests go to"] = "puremusic"
    descriptors: Annotated[Path, "descriptor set, read now"] = DESCRIPTORS
    envoy_descriptors: Annotated[str, "the descriptor set's path where Envoy runs; empty: the same"] = ""
    origins: Annotated[tuple[str, ...], "browser origins besides our own, `https://music.example`"] = ()
    issuer: Annotated[str, "issuer that tokens must name"] = "puremusic"
    audience: Annotated[str, "audience that tokens must name"] = "puremusic"
    jwks_path: Annotated[str, "path of auth's key set"] = "/.well-known/jwks.json"
    user_rate: Annotated[Rate, "requests per user, as requests/seconds"] = _USER_RATE
    address_rate: Annotated[Rate, "requests per client address"] = _ADDRESS_RATE
    sign_in_rate: Annotated[Rate, "calls without a token (login, register, refresh) per client address"] = _SIGN_IN_RATE
    certificate: Annotated[
        str, "file, where Envoy runs, that names the public certificate (SDS, as `public`); empty: no TLS"
    ] = ""
    probes: Annotated[Address, "where an orchestrator asks for /ready and /stats/prometheus; port 0: nowhere"] = (
        _NOWHERE
    )
    trusted_hops: Annotated[int, "proxies in front of Envoy whose x-forwarded-for is believed"] = 0
    max_body_bytes: Annotated[int, "largest body of an API request"] = 1024 * 1024
    max_upload_bytes: Annotated[int, "largest body of one presigned upload"] = 17 * 1024 * 1024
    max_heap_bytes: Annotated[int, "memory at which Envoy refuses work"] = 1024 * 1024 * 1024
    max_connections: Annotated[int, "connections at which Envoy refuses more"] = 10_000

    def grpc_addresses(self) -> dict[str, Address]:
        """The gRPC address of each service, by its name."""
        return {name: getattr(self, name) for name in GRPC_SERVICES}
