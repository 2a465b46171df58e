"""How a home's parts are reached, for a person who debugs: no secrets, only the names of their files."""

import shlex

from deploy.local.home import Home, HomeError
from deploy.local.mesh import PROCESSES, SERVICE_NAMES, SERVICES
from deploy.local.nats import nats_facts
from deploy.local.postgres import postgres_facts
from deploy.local.seaweed import s3_facts
from deploy.local.settings import PUBLIC, Surroundings

__all__ = ["described"]


def described(home: Home) -> str:
    """The environment of every process, as shell assignments under a comment that names the process.

    It is that of the last start, whether that still runs or not.
    """
    home.read()
    ports = home.state.ports
    if PUBLIC not in ports:
        raise HomeError(f"{home.root} has not been started yet: python -m deploy.local up")
    surroundings = Surroundings(
        home,
        ports,
        postgres_facts(home, ports["postgres"], SERVICE_NAMES),
        nats_facts(home, ports["nats"], ports["nats.monitor"], SERVICES),
        s3_facts(home, ports["s3"]),
    )
    blocks = [
        f"# {spec.name}\n{_assignments(surroundings.settings(spec))}"
        for spec in PROCESSES
        if set(spec.ports) <= ports.keys()
    ]
    return "\n\n".join(blocks)


def _assignments(settings: dict[str, str]) -> str:
    return "\n".join(f"{name}={shlex.quote(value)}" for name, value in sorted(settings.items()))
