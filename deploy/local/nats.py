"""NATS with JetStream: a user per service, who may publish only what is that service's to say."""

import json
from collections.abc import Iterable
from pathlib import Path

from deploy.local import environment
from deploy.local.facts import NatsFacts
from deploy.local.home import Home
from deploy.local.mesh import Service
from deploy.local.ports import LOOPBACK
from deploy.local.process import Command
from deploy.local.programs import program
from deploy.local.supervisor import Supervisor
from deploy.local.waiting import answers_ok

__all__ = ["OPERATOR", "nats_facts", "permissions", "start_nats"]

OPERATOR = "operator"

_START_SECONDS = 30.0


def nats_facts(home: Home, port: int, monitor_port: int, services: Iterable[Service]) -> NatsFacts:
    """How the home's bus is reached; the passwords are made at the first call."""
    names = (*(service.name for service in services), OPERATOR)
    return NatsFacts(
        host=LOOPBACK,
        port=port,
        monitor_port=monitor_port,
        users={name: home.secret(f"nats-{name}") for name in names},
    )


def start_nats(supervisor: Supervisor, home: Home, facts: NatsFacts, services: Iterable[Service]) -> None:
    """Start the bus on the home's store and wait until JetStream is well."""
    store = home.directory("nats")
    config = home.run / "nats.json"
    _write_config(config, store, facts, services)
    command = Command(
        name="nats",
        argv=(program("nats-server"), "-c", str(config)),
        env=environment.for_server(store),
        cwd=store,
    )
    process = supervisor.start(command)
    process.wait_ready(lambda: answers_ok(facts.host, facts.monitor_port, "/healthz"), _START_SECONDS)


def permissions(service: Service) -> dict[str, object]:
    """What a service's user may publish and hear."""
    doorbell = f"jobs.{service.name}.>"
    facts = [f"events.{aggregate}.>" for aggregate in service.aggregates]
    jetstream = ["$JS.API.>", "$JS.ACK.>", "$JS.FC.>"]
    return {
        "publish": {
            "allow": [*facts, *service.publishes, doorbell, "progress.>", *jetstream],
            # Streams are everybody's: a service may make sure that one is there, not make it go or forget.
            "deny": ["$JS.API.STREAM.DELETE.>", "$JS.API.STREAM.PURGE.>"],
        },
        "subscribe": {"allow": ["events.>", "progress.>", "view.>", doorbell, "_INBOX.>"]},
    }


def _write_config(path: Path, store: Path, facts: NatsFacts, services: Iterable[Service]) -> None:
    users: list[dict[str, object]] = [{"user": OPERATOR, "password": facts.password(OPERATOR)}]
    users += [
        {"user": service.name, "password": facts.password(service.name), "permissions": permissions(service)}
        for service in services
    ]
    # The server's own language takes JSON as it is.
    config = {
        "listen": f"{facts.host}:{facts.port}",
        "http": f"{facts.host}:{facts.monitor_port}",
        "server_name": "puremusic",
        # Each message is on disk before it is acknowledged: an outbox row marked as published stays published,
        # also when the machine goes down. The default syncs every two minutes.
        "jetstream": {"store_dir": str(store), "sync_interval": "always"},
        "authorization": {"users": users},
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(config, indent=2))
