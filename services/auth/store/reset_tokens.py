"""Tokens with which an operator lets a user set a new password."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.store.accounts import COLUMNS, Account, account_of_row

_LATER = "now() + make_interval(secs => :seconds)"


async def add(connection: AsyncConnection, token_hash: bytes, user_id: str, seconds: float) -> datetime:
    """Add the token and return when it runs out."""
    added = await connection.execute(
        text(
            "INSERT INTO reset_token (token_hash, user_id, expires_at)"
            f" VALUES (:token_hash, :user_id, {_LATER}) RETURNING expires_at"
        ),
        {"token_hash": token_hash, "user_id": user_id, "seconds": seconds},
    )
    expires_at: datetime = added.scalar_one()
    return expires_at


async def account_of(connection: AsyncConnection, token_hash: bytes) -> Account | None:
    """Return whose password the token may set; None when it is unknown or has run out."""
    found = await connection.execute(
        text(
            f"SELECT {COLUMNS} FROM account WHERE user_id ="
            " (SELECT user_id FROM reset_token WHERE token_hash = :token_hash AND expires_at > now())"
        ),
        {"token_hash": token_hash},
    )
    return account_of_row(found.first())


async def take(connection: AsyncConnection, token_hash: bytes) -> bool:
    """Use the token up, and the user's others with it; False when somebody was faster or it has run out."""
    taken = await connection.execute(
        text("DELETE FROM reset_token WHERE token_hash = :token_hash AND expires_at > now() RETURNING user_id"),
        {"token_hash": token_hash},
    )
    user_id = taken.scalar_one_or_none()
    if user_id is None:
        return False
    await connection.execute(text("DELETE FROM reset_token WHERE user_id = :user_id"), {"user_id": user_id})
    return True
