"""What has run out and may go."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def prune(connection: AsyncConnection, memory_seconds: float) -> int:
    """Remove logins, tokens, keys and failures that can't matter any more; return how many."""
    removed = 0
    for statement in (
        # Used refresh tokens stay as long as their family: that is how a stolen one is recognised.
        "DELETE FROM login WHERE expires_at <= now()",
        "DELETE FROM reset_token WHERE expires_at <= now()",
        "DELETE FROM api_key WHERE expires_at <= now() - interval '30 days'",
        "DELETE FROM failed_login WHERE failed_at < now() - make_interval(secs => :seconds) AND locked_until <= now()",
    ):
        pruned = await connection.execute(
            text(statement), {"seconds": memory_seconds} if ":seconds" in statement else {}
        )
        removed += pruned.rowcount
    return removed
