"""What each of PureMusic's processes is told, as docs/conventions.md lists it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deploy.local.facts import NatsFacts, PostgresFacts, S3Facts
from deploy.local.home import Home
from deploy.local.mesh import SERVICES, ProcessSpec
from deploy.local.ports import LOOPBACK, USUAL_PUBLIC_PORT

__all__ = ["ENVOY_ADMIN", "PUBLIC", "Surroundings", "mesh_ports"]

PUBLIC = "public"
"""The name of Envoy's public port."""

ENVOY_ADMIN = "envoy.admin"
"""The name of Envoy's administrative port."""

_FIRST_USUAL_PORT = 18200

_WITH_KEYS = frozenset(service.name for service in SERVICES if service.objects)


def mesh_ports(specs: Iterable[ProcessSpec]) -> dict[str, int]:
    """The names of the ports that Envoy and the processes need, each with its usual number.

    A server has `<service>-serve.grpc` and `<service>-serve.http`, a worker `<service>-work.http`.
    """
    names = [ENVOY_ADMIN, *(name for spec in specs for name in spec.ports)]
    return {PUBLIC: USUAL_PUBLIC_PORT, **{name: _FIRST_USUAL_PORT + step for step, name in enumerate(names)}}


@dataclass(frozen=True)
class Surroundings:
    """All that a process's settings are made of."""

    home: Home
    ports: Mapping[str, int]
    postgres: PostgresFacts
    nats: NatsFacts
    s3: S3Facts

    @property
    def public_url(self) -> str:
        """Where clients find PureMusic."""
        return f"http://{self._address(PUBLIC)}"

    def settings(self, spec: ProcessSpec) -> dict[str, str]:
        """The environment of a process; secrets are in it as the paths of their files."""
        return {
            **self._listeners(spec),
            **self._peers(),
            **self._database(spec.service),
            **self._bus(spec.service),
            **(self._objects() if spec.service in _WITH_KEYS else {}),
            **self._mesh(),
            **{name: value.format(home=self.home.root) for name, value in spec.settings.items()},
        }

    def _mesh(self) -> dict[str, str]:
        return {
            "PUREMUSIC_PUBLIC_URL": self.public_url,
            "PUREMUSIC_JWKS_URL": f"http://{self._address('auth-serve.http')}/.well-known/jwks.json",
            "PUREMUSIC_TOKEN_ISSUER": "puremusic",
            "PUREMUSIC_TOKEN_AUDIENCE": "puremusic",
            "PUREMUSIC_SCRATCH_DIR": str(self.home.root / "scratch"),
            # No load balancer here has to notice that a process leaves, and a person waits at the terminal.
            "PUREMUSIC_GRACE_SECONDS": "0",
            "PUREMUSIC_DRAIN_SECONDS": "5",
        }

    def _listeners(self, spec: ProcessSpec) -> dict[str, str]:
        variables = {"grpc": "PUREMUSIC_LISTEN", "http": "PUREMUSIC_HTTP_LISTEN"}
        return {variables[name.rpartition(".")[2]]: self._address(name) for name in spec.ports}

    def _peers(self) -> dict[str, str]:
        servers = {name: name.removesuffix("-serve.grpc") for name in self.ports if name.endswith("-serve.grpc")}
        return {f"PUREMUSIC_{peer.upper()}_ADDRESS": self._address(name) for name, peer in servers.items()}

    def _database(self, service: str) -> dict[str, str]:
        return {
            "PUREMUSIC_POSTGRES_URL": self.postgres.url(service),
            "PUREMUSIC_POSTGRES_PASSWORD_FILE": str(self.postgres.roles[service].path),
        }

    def _bus(self, service: str) -> dict[str, str]:
        return {
            "PUREMUSIC_NATS_URL": self.nats.url,
            "PUREMUSIC_NATS_USER": service,
            "PUREMUSIC_NATS_PASSWORD_FILE": str(self.nats.users[service].path),
        }

    def _objects(self) -> dict[str, str]:
        return {
            "PUREMUSIC_S3_ENDPOINT": self.s3.endpoint,
            "PUREMUSIC_S3_PUBLIC_ENDPOINT": self.public_url,
            "PUREMUSIC_S3_REGION": self.s3.region,
            "PUREMUSIC_S3_BUCKET": self.s3.bucket,
            "PUREMUSIC_S3_ACCESS_KEY_FILE": str(self.s3.access_key.path),
            "PUREMUSIC_S3_SECRET_KEY_FILE": str(self.s3.secret_key.path),
        }

    def _address(self, port: str) -> str:
        return f"{LOOPBACK}:{self.ports[port]}"
