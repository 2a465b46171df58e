"""What is stored stays stored, and a supervisor that is killed takes its children with it."""

import io
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nats
import psycopg
import pytest

from deploy.local.backing import Backing
from deploy.local.facts import NatsFacts
from deploy.local.home import Home
from deploy.local.waiting import until
from tests.servers.backing import object_client, throw_away_home

SUPERVISOR = """
import signal, sys
from pathlib import Path
from deploy.local.backing import Backing
from deploy.local.home import Home

with Home(Path(sys.argv[1])) as home, Backing(home, prefer={}) as backing:
    print(*[process.pid for process in backing.supervisor.processes], flush=True)
    signal.pause()
"""


@pytest.fixture
def home() -> Iterator[Home]:
    """A home that nobody uses."""
    with throw_away_home() as home:
        yield home


async def publish(facts: NatsFacts) -> None:
    client = await nats.connect(facts.url, user="ingest", password=facts.password("ingest"))
    await client.jetstream().add_stream(name="EVENTS", subjects=["events.>"])
    await client.jetstream().publish("events.track.uploaded.owner.id", b"a fact")
    await client.close()


async def last_fact(facts: NatsFacts) -> bytes | None:
    client = await nats.connect(facts.url, user="mir", password=facts.password("mir"))
    message = await client.jetstream().get_last_msg("EVENTS", "events.track.uploaded.owner.id")
    await client.close()
    return message.data


async def test_a_second_start_finds_everything_though_a_port_is_taken(home: Home) -> None:
    with home, Backing(home, prefer={}) as first:
        with psycopg.connect(first.postgres.url_with_password("auth")) as auth:
            auth.execute("CREATE TABLE kept AS SELECT 'a row' AS what")
        await publish(first.nats)
        object_client(first.s3).put_object(first.s3.bucket, "kept", io.BytesIO(b"an object"), 9)
        taken = first.ports["postgres"]
    with socket.create_server(("127.0.0.1", taken)), Home(home.root) as again, Backing(again, prefer={}) as second:
        assert second.ports["postgres"] != taken
        assert second.ports["s3"] == first.ports["s3"]
        with psycopg.connect(second.postgres.url_with_password("auth")) as auth:
            assert auth.execute("SELECT what FROM kept").fetchone() == ("a row",)
        assert await last_fact(second.nats) == b"a fact"
        with object_client(second.s3).get_object(second.s3.bucket, "kept") as kept:
            assert kept.data == b"an object"


def test_a_killed_supervisor_leaves_no_children(home: Home) -> None:
    children = run_and_kill(home)
    assert len(children) == 3
    assert until(lambda: not any(lives(pid) for pid in children), 10)


def test_a_start_right_after_a_kill_works(home: Home) -> None:
    children = run_and_kill(home)
    with home, Backing(home, prefer={}) as backing:
        assert not any(lives(pid) for pid in children)
        with psycopg.connect(backing.postgres.url_with_password("auth")) as auth:
            assert auth.execute("SELECT 1").fetchone() == (1,)


def run_and_kill(home: Home) -> list[int]:
    """Have another process start the servers, kill it, and return their pids."""
    command = [sys.executable, "-c", SUPERVISOR, str(home.root)]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as supervisor:
        assert supervisor.stdout
        children = [int(pid) for pid in supervisor.stdout.readline().split()]
        assert all(lives(pid) for pid in children)
        os.kill(supervisor.pid, signal.SIGKILL)
    return children


def lives(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"
