"""When a request is sent again, and after how long."""

import random

from cli.client.errors import ApiError, LimitReached, Unavailable

__all__ = ["seconds_until_retry"]

_TRIES = 5
_FIRST_PAUSE = 0.25
_LONGEST_WAIT = 60.0


def seconds_until_retry(error: ApiError, tries: int, *, repeatable: bool) -> float | None:
    """Return how long to wait before sending a request again after `tries` times, or None when it is no use.

    A rate limit was met before anything happened. When nobody answered, something may have happened all the same: then
    only what is repeatable is repeated.
    """
    if tries >= _TRIES or (error.retry_after or 0.0) > _LONGEST_WAIT:
        return None
    if isinstance(error, LimitReached):
        return error.retry_after
    if isinstance(error, Unavailable) and (repeatable or not error.delivered):
        return error.retry_after or backoff(tries)
    return None


def backoff(tries: int) -> float:
    """Return a pause that doubles each time, at most eight seconds, spread so that clients don't come back together."""
    return float(min(_FIRST_PAUSE * 2 ** (tries - 1), 8.0) * random.uniform(0.7, 1.3))  # noqa: S311 - not a secret
