"""Logins and their refresh tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_LATER = "now() + make_interval(secs => :seconds)"


@dataclass(frozen=True)
class Login:
    """A row of `login`: the family of refresh tokens that one login began."""

    login_id: str
    created_at: datetime
    expires_at: datetime
    revoked: bool


@dataclass(frozen=True)
class RefreshToken:
    """A refresh token and its family, as they stand now."""

    login_id: str
    user_id: str
    used: bool
    expired: bool
    revoked: bool


async def add(connection: AsyncConnection, login_id: str, user_id: str, seconds: float) -> None:
    """Begin a family of refresh tokens that ends after so many seconds, however often it is refreshed."""
    await connection.execute(
        text(f"INSERT INTO login (login_id, user_id, expires_at) VALUES (:login_id, :user_id, {_LATER})"),
        {"login_id": login_id, "user_id": user_id, "seconds": seconds},
    )


async def add_token(connection: AsyncConnection, login_id: str, token_hash: bytes, seconds: float) -> int:
    """Add a token to the family and return the seconds it is good for; the family's own end limits them."""
    added = await connection.execute(
        text(
            "INSERT INTO refresh_token (token_hash, login_id, expires_at)"
            f" SELECT :token_hash, login_id, least({_LATER}, expires_at) FROM login WHERE login_id = :login_id"
            " RETURNING floor(extract(epoch FROM expires_at - now()))"
        ),
        {"login_id": login_id, "token_hash": token_hash, "seconds": seconds},
    )
    return int(added.scalar_one())


async def find_token(connection: AsyncConnection, token_hash: bytes) -> RefreshToken | None:
    """Return the token and hold its family until the transaction ends, so that two who bring it take turns."""
    await connection.execute(
        text(
            "SELECT 1 FROM login WHERE login_id = (SELECT login_id FROM refresh_token WHERE token_hash = :token_hash)"
            " FOR UPDATE"
        ),
        {"token_hash": token_hash},
    )
    # A statement of its own: it sees what the one that had its turn before has written.
    found = await connection.execute(
        text(
            "SELECT login_id, user_id, used_at IS NOT NULL AS used,"
            " revoked_at IS NOT NULL AS revoked, refresh_token.expires_at <= now() AS expired"
            " FROM refresh_token JOIN login USING (login_id) WHERE token_hash = :token_hash"
        ),
        {"token_hash": token_hash},
    )
    row = found.first()
    return None if row is None else RefreshToken(**row._mapping)


async def use(connection: AsyncConnection, token_hash: bytes) -> None:
    """Note that the token was exchanged."""
    await connection.execute(
        text("UPDATE refresh_token SET used_at = now() WHERE token_hash = :token_hash"), {"token_hash": token_hash}
    )


async def revoke(connection: AsyncConnection, login_id: str) -> None:
    """End one family."""
    await connection.execute(
        text("UPDATE login SET revoked_at = now() WHERE login_id = :login_id AND revoked_at IS NULL"),
        {"login_id": login_id},
    )


async def revoke_all(connection: AsyncConnection, user_id: str) -> None:
    """End every family of a user."""
    await connection.execute(
        text("UPDATE login SET revoked_at = now() WHERE user_id = :user_id AND revoked_at IS NULL"),
        {"user_id": user_id},
    )


async def unexpired(connection: AsyncConnection, user_id: str) -> Sequence[Login]:
    """Return the logins of a user that have not run out, newest first."""
    found = await connection.execute(
        text(
            "SELECT login_id, created_at, expires_at, revoked_at IS NOT NULL AS revoked FROM login"
            " WHERE user_id = :user_id AND expires_at > now() ORDER BY created_at DESC, login_id"
        ),
        {"user_id": user_id},
    )
    return [Login(**row._mapping) for row in found]
