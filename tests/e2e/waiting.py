"""Waiting for a condition, never for a time."""

import threading
import time
from collections.abc import Callable

_BETWEEN_LOOKS = 0.1


def until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    """Look again and again until the condition holds; fails after `seconds`."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not holds():
        assert time.monotonic() < end, f"it did not come true in {seconds} s"
        pause.wait(_BETWEEN_LOOKS)
