"""Which port each listener gets: the one it had, else the usual one, else any free one."""

import random
import socket
from collections.abc import Collection, Iterable, Mapping

from deploy.local.errors import StackError

__all__ = ["LOOPBACK", "USUAL_BACKING_PORTS", "USUAL_PUBLIC_PORT", "PortTakenError", "assign", "is_free"]

LOOPBACK = "127.0.0.1"

USUAL_PUBLIC_PORT = 8080

# Not 5432, 4222 and 8333: the machine's own servers may want those after us.
USUAL_BACKING_PORTS: Mapping[str, int] = {
    "postgres": 18100,
    "nats": 18110,
    "nats.monitor": 18111,
    "s3": 18120,
    "s3.grpc": 18121,
    "weed.master": 18122,
    "weed.master.grpc": 18123,
    "weed.volume": 18124,
    "weed.volume.grpc": 18125,
    "weed.filer": 18126,
    "weed.filer.grpc": 18127,
}

# Below the range the kernel takes for outgoing connections (32768 and up): a port chosen here is still free when
# the server gets round to binding it.
_SPARE = range(20_000, 30_000)


class PortTakenError(StackError):
    """A port that was asked for by number is in use."""


def is_free(port: int) -> bool:
    """Whether a server could listen on the port on the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections of the last run in TIME_WAIT are no hindrance, a listener is.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def assign(
    names: Iterable[str],
    usual: Mapping[str, int],
    remembered: Mapping[str, int],
    *,
    demanded: Mapping[str, int] | None = None,
    avoid: Collection[int] = (),
) -> dict[str, int]:
    """A free port of its own for each name.

    Remembered ports come first, so that a URL from yesterday still works; then usual ones. A demanded port is
    taken or refused, never replaced. Ports to `avoid` are spoken for, if not in use yet.
    """
    demanded = demanded or {}
    for name, port in demanded.items():
        if not is_free(port):
            raise PortTakenError(f"port {port}, asked for as {name}, is in use")
    chosen: dict[str, int] = {}
    for name in names:
        used = {*chosen.values(), *demanded.values(), *avoid}
        wishes = [table[name] for table in (remembered, usual) if name in table]
        chosen[name] = demanded[name] if name in demanded else _first_free(wishes, used)
    return chosen


def _first_free(wishes: Iterable[int], used: set[int]) -> int:
    spare = random.sample(_SPARE, len(_SPARE))
    for port in (*wishes, *spare):
        if port not in used and is_free(port):
            return port
    raise PortTakenError(f"no free port between {_SPARE.start} and {_SPARE.stop}")
