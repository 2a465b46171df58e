"""What cannot be planned, and what to do about it."""

from __future__ import annotations

__all__ = ["PlanError"]


class PlanError(ValueError):
    """A wish that cannot be planned.

    Attributes:
        code: for programs, UPPER_SNAKE_CASE, stable.
        message: for people: what is wrong and what to do.
        params: the figures of the message.
    """

    def __init__(self, code: str, message: str, **params: str | float) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.params = params
