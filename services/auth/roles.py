"""Roles: who is an operator. Given at the command line, by somebody who holds the database's password."""

import sys

from chassis.postgres import Database, PostgresConfig
from services.auth.emails import email_key
from services.auth.store import accounts

ROLES = ("user", "admin")


async def grant(postgres: PostgresConfig, email: str, role: str) -> None:
    """Give an account a role, from its next token on; ends the process with a sentence where there is none."""
    database = Database(postgres)
    async with database.transaction() as connection:
        granted = await accounts.grant_role(connection, email_key(email), role)
    await database.close()
    if not granted:
        sys.exit(f"There is no account with the e-mail address {email}.")
