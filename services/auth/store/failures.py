"""Failed logins, by the hash of the address, whether or not an account has it."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_LATER = "now() + make_interval(secs => :seconds)"


async def seconds_locked(connection: AsyncConnection, email_hash: bytes) -> float:
    """Return for how much longer nobody gets in with this address."""
    found = await connection.execute(
        text(
            "SELECT extract(epoch FROM locked_until - now()) FROM failed_login"
            " WHERE email_hash = :email_hash AND locked_until > now()"
        ),
        {"email_hash": email_hash},
    )
    return float(found.scalar_one_or_none() or 0.0)


async def count(connection: AsyncConnection, email_hash: bytes, memory_seconds: float) -> int:
    """Count a failure and return how many there are; after a quiet time the count begins anew."""
    counted = await connection.execute(
        text(
            "INSERT INTO failed_login (email_hash, failures) VALUES (:email_hash, 1) ON CONFLICT (email_hash)"
            " DO UPDATE SET failed_at = now(), failures = CASE"
            " WHEN failed_login.failed_at < now() - make_interval(secs => :seconds) THEN 1"
            " ELSE failed_login.failures + 1 END RETURNING failures"
        ),
        {"email_hash": email_hash, "seconds": memory_seconds},
    )
    return int(counted.scalar_one())


async def lock_for(connection: AsyncConnection, email_hash: bytes, seconds: float) -> None:
    """Let nobody in with this address for so long."""
    await connection.execute(
        text(f"UPDATE failed_login SET locked_until = {_LATER} WHERE email_hash = :email_hash"),
        {"email_hash": email_hash, "seconds": seconds},
    )


async def forgive(connection: AsyncConnection, email_hash: bytes) -> None:
    """Forget the failures."""
    await connection.execute(
        text("DELETE FROM failed_login WHERE email_hash = :email_hash"), {"email_hash": email_hash}
    )
