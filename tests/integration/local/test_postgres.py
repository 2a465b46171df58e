"""A service's role owns its schema and sees nothing else."""

from dataclasses import replace

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from deploy.local.facts import PostgresFacts
from deploy.local.mesh import SERVICE_NAMES
from deploy.local.postgres import furnish


def connect(facts: PostgresFacts, role: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(facts.url(role), password=facts.password(role), autocommit=True)


@pytest.mark.parametrize("role", SERVICE_NAMES)
def test_a_role_builds_in_its_own_schema_without_naming_it(database: PostgresFacts, role: str) -> None:
    with connect(database, role) as own:
        own.execute("CREATE TABLE mine (id int)")
        home = own.execute("SELECT schemaname FROM pg_tables WHERE tablename = 'mine' AND tableowner = %s", (role,))
        assert home.fetchone() == (role,)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM auth.passwords",
        "INSERT INTO auth.passwords VALUES ('x')",
        "CREATE TABLE auth.planted (id int)",
        "CREATE TABLE public.planted (id int)",
        "CREATE SCHEMA planted",
        "CREATE DATABASE planted",
        "CREATE ROLE planted",
        "SET ROLE auth",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('postgresql.conf')",
    ],
)
def test_a_role_cannot_reach_beyond_its_schema(database: PostgresFacts, statement: str) -> None:
    with connect(database, "auth") as auth:
        auth.execute("CREATE TABLE IF NOT EXISTS passwords (word text)")
    with connect(database, "mir") as mir, pytest.raises(InsufficientPrivilege):
        mir.execute(statement.encode())


def test_a_role_cannot_enter_another_database(database: PostgresFacts) -> None:
    for name in ("postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            connect(replace(database, database=name), "auth")


def test_a_wrong_password_is_refused(database: PostgresFacts) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(database.url("auth"), password=database.password("mir"))


def test_furnishing_again_changes_nothing(database: PostgresFacts) -> None:
    with connect(database, "fusion") as fusion:
        fusion.execute("CREATE TABLE kept AS SELECT 1 AS one")
    furnish(database)
    with connect(database, "fusion") as fusion:
        assert fusion.execute("SELECT one FROM kept").fetchone() == (1,)


def test_what_is_committed_is_on_disk(database: PostgresFacts) -> None:
    with connect(database, "auth") as auth:
        settings = [auth.execute(f"SHOW {name}".encode()).fetchone() for name in ("fsync", "synchronous_commit")]
    assert settings == [("on",), ("on",)]
