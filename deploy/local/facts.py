"""What one needs to know to connect to the backing servers."""

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.home import Secret

__all__ = ["NatsFacts", "PostgresFacts", "S3Facts"]


@dataclass(frozen=True)
class PostgresFacts:
    """One database, with a role per service that owns the schema of its own name."""

    host: str
    port: int
    database: str
    roles: Mapping[str, Secret]
    superuser: Secret

    def url(self, role: str) -> str:
        """`postgresql://role@host:port/database`, without the password."""
        return f"postgresql://{role}@{self.host}:{self.port}/{self.database}"

    def url_with_password(self, role: str) -> str:
        """The URL with the password in it, for a client that takes nothing else; not for logs."""
        return f"postgresql://{role}:{self.password(role)}@{self.host}:{self.port}/{self.database}"

    def password(self, role: str) -> str:
        """The password of a service's role, or of `postgres`."""
        return self.superuser.value if role == "postgres" else self.roles[role].value


@dataclass(frozen=True)
class NatsFacts:
    """The bus, with a user per service who may say what is that service's to say; `operator` may everything."""

    host: str
    port: int
    monitor_port: int
    users: Mapping[str, Secret]

    @property
    def url(self) -> str:
        """`nats://host:port`."""
        return f"nats://{self.host}:{self.port}"

    @property
    def monitor_url(self) -> str:
        """Where the server tells about itself: `/healthz`, `/jsz`, `/connz`."""
        return f"http://{self.host}:{self.monitor_port}"

    def password(self, user: str) -> str:
        """The password of a service's user, or of `operator`."""
        return self.users[user].value


@dataclass(frozen=True)
class S3Facts:
    """The object store and its one bucket."""

    endpoint: str
    region: str
    bucket: str
    access_key: Secret
    secret_key: Secret
