"""Waiting for a condition, never for a length of time."""

import http.client
import time
from collections.abc import Callable

__all__ = ["answers_ok", "until"]

_PAUSE = 0.02


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask for the condition again and again; False when it still does not hold after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_PAUSE)
    return True


def answers_ok(host: str, port: int, path: str) -> bool:
    """Whether `GET path` is answered with 200.

    http.client and not urllib: the question goes to this machine, whatever proxy the environment names.
    """
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
