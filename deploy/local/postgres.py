"""PostgreSQL: one cluster, one database, a role and a schema per service."""

import os
import signal
from collections.abc import Iterable, Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.local import environment
from deploy.local.facts import PostgresFacts
from deploy.local.home import Home, Secret
from deploy.local.ports import LOOPBACK
from deploy.local.process import Command
from deploy.local.quarters import Quarters, find_quarters
from deploy.local.supervisor import Supervisor

__all__ = ["DATABASE", "furnish", "postgres_facts", "start_postgres"]

DATABASE = "puremusic"

_START_SECONDS = 60.0

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    # Ten processes with a pool each, and room for a person with psql.
    "max_connections": "200",
    "shared_buffers": "128MB",
    # A crash of the machine must not lose a job: as Postgres ships it, said here so that it stays so.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Queries here touch few rows; compiling them costs more than it saves.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
}


def postgres_facts(home: Home, port: int, services: Iterable[str]) -> PostgresFacts:
    """How the home's cluster is reached; the passwords are made at the first call."""
    return PostgresFacts(
        host=LOOPBACK,
        port=port,
        database=DATABASE,
        roles={service: home.secret(f"postgres-{service}") for service in services},
        superuser=home.secret("postgres-superuser"),
    )


def start_postgres(supervisor: Supervisor, home: Home, facts: PostgresFacts) -> None:
    """Start the home's cluster (made at the first start) and furnish its database for the services."""
    quarters = find_quarters(home)
    if not (quarters.data / "PG_VERSION").exists():
        _make_cluster(supervisor, home, quarters, facts.superuser)
    _drop_stale_lock(quarters.data)
    process = supervisor.start(_server(home, quarters, facts.port))
    process.wait_ready(lambda: _accepts(facts), _START_SECONDS)
    furnish(facts)


def furnish(facts: PostgresFacts) -> None:
    """Give a database its roles and schemas; as often as one likes, for as many databases as one likes."""
    with _as_superuser(facts, "postgres") as server:
        for role, secret in facts.roles.items():
            _ensure_role(server, role, secret)
        _ensure_database(server, facts)
    with _as_superuser(facts, facts.database) as database, database.transaction():
        database.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        for role in facts.roles:
            _ensure_schema(database, facts.database, role)


def _make_cluster(supervisor: Supervisor, home: Home, quarters: Quarters, superuser: Secret) -> None:
    # A half-made cluster has no PG_VERSION that we would have seen, but initdb refuses its leavings.
    draft = quarters.data.with_name("data.new")
    password = quarters.data.with_name("superuser-password")
    _remove(supervisor, home, quarters, draft)
    password.write_text(superuser.value)
    password.chmod(0o600)
    if quarters.account:
        os.chown(password, quarters.account.uid, quarters.account.gid)
    try:
        argv = (
            *(str(quarters.programs / "initdb"), "-D", str(draft), "--encoding=UTF8", "--data-checksums"),
            *("--username=postgres", f"--pwfile={password}", "--auth=scram-sha-256"),
            # Postgres' own collation: sorted the same on every machine, whatever locales that has.
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        )
        supervisor.run(_command(home, quarters, "postgres-initdb", argv), _START_SECONDS)
    finally:
        password.unlink()
    draft.rename(quarters.data)
    # Nothing has been migrated in a new cluster, whatever an old one went through.
    home.state.migrated.clear()
    home.save()


def _remove(supervisor: Supervisor, home: Home, quarters: Quarters, path: Path) -> None:
    if path.exists():
        supervisor.run(_command(home, quarters, "postgres-clear", ("rm", "-rf", str(path))), _START_SECONDS)


def _server(home: Home, quarters: Quarters, port: int) -> Command:
    settings = {**_SETTINGS, "port": str(port)}
    flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    argv = (str(quarters.programs / "postgres"), "-D", str(quarters.data), *flags)
    return _command(home, quarters, "postgres", argv)


def _command(home: Home, quarters: Quarters, name: str, argv: tuple[str, ...]) -> Command:
    return Command(
        name=name,
        argv=argv,
        env=environment.for_server(quarters.data.parent),
        cwd=quarters.data.parent,
        account=quarters.account,
        # SIGTERM would wait until every client has gone; SIGINT hangs up on them and shuts down cleanly.
        stop_signal=signal.SIGINT,
    )


def _drop_stale_lock(data: Path) -> None:
    """Remove the lock file of a server that was killed.

    Postgres only asks whether its number lives, and in a container, where numbers start anew, it may: as
    somebody else. Who has the cluster as working directory is its server.
    """
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    number = lock.read_text().partition("\n")[0]
    try:
        served = Path(f"/proc/{number}/cwd").readlink() == data
    except OSError:
        served = False
    if not served:
        lock.unlink()


def _accepts(facts: PostgresFacts) -> bool:
    try:
        _as_superuser(facts, "postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def _as_superuser(facts: PostgresFacts, database: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=facts.host,
        port=facts.port,
        dbname=database,
        user="postgres",
        password=facts.superuser.value,
        connect_timeout=5,
        autocommit=True,
    )


def _ensure_role(server: psycopg.Connection[tuple[object, ...]], role: str, secret: Secret) -> None:
    name = sql.Identifier(role)
    if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
        server.execute(sql.SQL("CREATE ROLE {}").format(name))
    # Hashed here, so that the password itself appears in no statement and so in no log.
    verifier = server.pgconn.encrypt_password(secret.value.encode(), role.encode(), b"scram-sha-256").decode()
    rights = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS PASSWORD {}"
    server.execute(sql.SQL("ALTER ROLE {} " + rights).format(name, sql.Literal(verifier)))


def _ensure_database(server: psycopg.Connection[tuple[object, ...]], facts: PostgresFacts) -> None:
    database = sql.Identifier(facts.database)
    if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (facts.database,)).fetchone():
        server.execute(sql.SQL("CREATE DATABASE {}").format(database))
    for name in (database, sql.Identifier("postgres"), sql.Identifier("template1")):
        server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    for role in facts.roles:
        server.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(role)))


def _ensure_schema(database: psycopg.Connection[tuple[object, ...]], name: str, role: str) -> None:
    parts = {"role": sql.Identifier(role), "database": sql.Identifier(name)}
    for statement in (
        "CREATE SCHEMA IF NOT EXISTS {role} AUTHORIZATION {role}",
        "REVOKE ALL ON SCHEMA {role} FROM PUBLIC",
        "ALTER ROLE {role} IN DATABASE {database} SET search_path = {role}",
    ):
        database.execute(sql.SQL(statement).format(**parts))
