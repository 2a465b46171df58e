"""Accounts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

COLUMNS = (
    "user_id, email, email_key, display_name, password_hash, roles, accepted_terms_version, accepted_terms_at,"
    " version, created_at"
)


@dataclass(frozen=True)
class Account:
    """A row of `account`."""

    user_id: str
    email: str
    email_key: str
    display_name: str
    password_hash: str
    roles: tuple[str, ...]
    accepted_terms_version: str
    accepted_terms_at: datetime
    version: int
    created_at: datetime


@dataclass(frozen=True)
class NewAccount:
    """What an account begins with."""

    user_id: str
    email: str
    email_key: str
    display_name: str
    password_hash: str
    terms_version: str


async def add(connection: AsyncConnection, new: NewAccount) -> Account | None:
    """Add the account; None when the e-mail address is taken."""
    added = await connection.execute(
        text(
            "INSERT INTO account (user_id, email, email_key, display_name, password_hash, accepted_terms_version)"
            " VALUES (:user_id, :email, :email_key, :display_name, :password_hash, :terms_version)"
            f" ON CONFLICT (email_key) DO NOTHING RETURNING {COLUMNS}"
        ),
        vars(new),
    )
    return account_of_row(added.first())


async def find(connection: AsyncConnection, user_id: str, lock: str = "") -> Account | None:
    """Return the account; `lock` is `FOR UPDATE` or `FOR SHARE`."""
    found = await connection.execute(
        text(f"SELECT {COLUMNS} FROM account WHERE user_id = :user_id {lock}"), {"user_id": user_id}
    )
    return account_of_row(found.first())


async def find_by_email(connection: AsyncConnection, email_key: str) -> Account | None:
    """Return the account with this address."""
    found = await connection.execute(
        text(f"SELECT {COLUMNS} FROM account WHERE email_key = :email_key"), {"email_key": email_key}
    )
    return account_of_row(found.first())


async def update(
    connection: AsyncConnection, user_id: str, display_name: str | None, terms_version: str | None
) -> Account | None:
    """Change what is not None."""
    changed = await connection.execute(
        text(
            "UPDATE account SET display_name = coalesce(:display_name, display_name),"
            " accepted_terms_version = coalesce(:terms_version, accepted_terms_version),"
            " accepted_terms_at = CASE WHEN CAST(:terms_version AS text) IS NULL THEN accepted_terms_at ELSE now() END"
            f" WHERE user_id = :user_id RETURNING {COLUMNS}"
        ),
        {"user_id": user_id, "display_name": display_name, "terms_version": terms_version},
    )
    return account_of_row(changed.first())


async def set_password(connection: AsyncConnection, user_id: str, password_hash: str) -> Account | None:
    """Replace the password's hash."""
    changed = await connection.execute(
        text(f"UPDATE account SET password_hash = :password_hash WHERE user_id = :user_id RETURNING {COLUMNS}"),
        {"user_id": user_id, "password_hash": password_hash},
    )
    return account_of_row(changed.first())


async def grant_role(connection: AsyncConnection, email_key: str, role: str) -> bool:
    """Give the account a role, if it has not got it; False without such an account."""
    granted = await connection.execute(
        text(
            "UPDATE account SET roles = CASE WHEN :role = ANY(roles) THEN roles ELSE array_append(roles, :role) END"
            " WHERE email_key = :email_key"
        ),
        {"email_key": email_key, "role": role},
    )
    return granted.rowcount == 1


async def delete(connection: AsyncConnection, user_id: str) -> Account | None:
    """Remove the account and everything that refers to it; return what it was."""
    deleted = await connection.execute(
        text(f"DELETE FROM account WHERE user_id = :user_id RETURNING {COLUMNS}"), {"user_id": user_id}
    )
    return account_of_row(deleted.first())


def account_of_row(row: Row[Any] | None) -> Account | None:
    return None if row is None else Account(**{**row._mapping, "roles": tuple(row.roles)})
