"""`python -m deploy.chart.backing postgres | nats`: what a database and a bus of your own need, without a password.

The bus's users may say what they may on one machine: the same table makes both.
"""

import json
import sys
from typing import Any

from deploy.local.mesh import SERVICE_NAMES, SERVICES
from deploy.local.nats import permissions

__all__ = ["nats", "postgres"]


def postgres(database: str = "puremusic") -> str:
    """The SQL that an administrator runs once, connected to the database. Passwords are set with `\\password ROLE`."""
    lines = ["REVOKE ALL ON SCHEMA public FROM PUBLIC;", f"REVOKE ALL ON DATABASE {database} FROM PUBLIC;"]
    for role in SERVICE_NAMES:
        lines += [
            f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS;",
            f"GRANT CONNECT ON DATABASE {database} TO {role};",
            f"CREATE SCHEMA {role} AUTHORIZATION {role};",
            f"REVOKE ALL ON SCHEMA {role} FROM PUBLIC;",
            f"ALTER ROLE {role} IN DATABASE {database} SET search_path = {role};",
        ]
    return "\n".join(lines) + "\n"


def nats() -> str:
    """The users of NATS' configuration; each password is a variable that the server reads from its own environment."""
    users: list[dict[str, Any]] = [
        {"user": each.name, "password": f"$PASSWORD_{each.name.upper()}", "permissions": permissions(each)}
        for each in SERVICES
    ]
    # NATS' own language takes JSON; a variable stands there without quotes.
    text = json.dumps({"authorization": {"users": users}}, indent=1)
    for each in SERVICES:
        text = text.replace(f'"$PASSWORD_{each.name.upper()}"', f"$PASSWORD_{each.name.upper()}")
    return text + "\n"


if __name__ == "__main__":
    if sys.argv[1:] not in (["postgres"], ["nats"]):
        sys.exit(__doc__)
    sys.stdout.write(postgres() if sys.argv[1] == "postgres" else nats())
