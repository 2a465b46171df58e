"""A database and a bus that were prepared as operators are told are what the services can work with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from deploy.chart.backing import nats, postgres
from deploy.local.mesh import SERVICE_NAMES, SERVICES
from deploy.local.nats import permissions
from deploy.local.ports import assign
from deploy.local.postgres import postgres_facts, start_postgres
from deploy.local.programs import program
from deploy.local.supervisor import Supervisor
from tests.chart.rendering import rendered
from tests.servers.backing import throw_away_home


def test_nats_takes_the_users(tmp_path: Path) -> None:
    config = tmp_path / "nats.conf"
    config.write_text(nats())
    passwords = {f"PASSWORD_{each.name.upper()}": "secret-1" for each in SERVICES}
    command = [program("nats-server"), "-t", "-c", str(config)]
    done = subprocess.run(command, env={**os.environ, **passwords}, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0  # without the passwords


def test_its_users_are_those_of_the_chart() -> None:
    text = nats()
    for each in SERVICES:
        text = text.replace(f"$PASSWORD_{each.name.upper()}", '""')
    users = {each["user"]: each["permissions"] for each in json.loads(text)["authorization"]["users"]}
    assert users == {each.name: permissions(each) for each in SERVICES}
    given = {
        variable["value"]
        for pod in rendered("minimal").pods()
        for variable in pod.main.get("env", [])
        if variable["name"] == "PUREMUSIC_NATS_USER"
    }
    assert given == set(users)


def test_postgres_takes_the_roles_and_a_service_its_schema() -> None:
    with throw_away_home() as home, home:
        supervisor = Supervisor(home)
        facts = postgres_facts(home, assign(["postgres"], {}, {})["postgres"], [])
        try:
            start_postgres(supervisor, home, facts)
            with psycopg.connect(facts.url_with_password("postgres"), autocommit=True) as administrator:
                for statement in postgres().splitlines():
                    administrator.execute(statement.encode())
                for role in SERVICE_NAMES:
                    administrator.execute(sql.SQL("ALTER ROLE {} PASSWORD 'hush'").format(sql.Identifier(role)))
            settings = {"PUREMUSIC_POSTGRES_URL": facts.url("mir"), "PUREMUSIC_POSTGRES_PASSWORD": "hush"}
            migrate = [sys.executable, "-m", "services.mir", "migrate"]
            # Two at once, as the init steps of two replicas.
            both = [subprocess.Popen(migrate, env={**os.environ, **settings}) for _ in range(2)]
            assert [each.wait(timeout=60) for each in both] == [0, 0]
            mir = facts.url("mir").replace("mir@", "mir:hush@")
            with psycopg.connect(mir) as own:
                assert own.execute("SELECT count(*) FROM mir.job").fetchone() == (0,)
            with (
                psycopg.connect(mir.replace("mir:", "fusion:")) as other,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                other.execute("SELECT count(*) FROM mir.job")
        finally:
            supervisor.close()
            supervisor.stop(["postgres"])
