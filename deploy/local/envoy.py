"""Envoy: the one door of the mesh."""

from pathlib import Path

from deploy.local import environment
from deploy.local.home import Home
from deploy.local.ports import LOOPBACK
from deploy.local.process import Command, Process
from deploy.local.programs import installed
from deploy.local.supervisor import Supervisor
from deploy.local.waiting import answers_ok

__all__ = ["start_envoy", "validate_envoy"]

_START_SECONDS = 30.0


def validate_envoy(supervisor: Supervisor, home: Home, bootstrap: Path) -> None:
    """Have Envoy read a bootstrap without serving; what it objects to is in the StartError."""
    supervisor.run(_command(home, "envoy-validate", bootstrap, "--mode", "validate"), _START_SECONDS)


def start_envoy(supervisor: Supervisor, home: Home, bootstrap: Path, admin_port: int) -> Process:
    """Start Envoy with a bootstrap and wait until it takes connections."""
    process = supervisor.start(_command(home, "envoy", bootstrap))
    process.wait_ready(lambda: answers_ok(LOOPBACK, admin_port, "/ready"), _START_SECONDS)
    return process


def _command(home: Home, name: str, bootstrap: Path, *mode: str) -> Command:
    # No hot restart: it claims shared memory by a number that a second stack on this machine would claim too.
    # The wheel's own console script is a Python program that becomes this one, half a second later.
    envoy = installed("envoy") / "_bin" / "envoy"
    argv = (str(envoy), "-c", str(bootstrap), "--disable-hot-restart", "--concurrency", "2", *mode)
    return Command(
        name=name,
        argv=(*argv, "--log-level", "warning"),
        env=environment.for_server(home.root),
        cwd=home.run,
        # Watch streams stay open for hours; nobody waits for them when the stack is stopped.
        grace_seconds=3.0,
    )
