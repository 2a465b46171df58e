"""Everything that can go wrong for a reason a caller can understand.

    DomainError
    ├── InvalidInput         the request itself is wrong; repeating it will not help
    ├── Unauthenticated      nobody knows who is calling
    ├── Forbidden            the caller may not do this
    ├── NotFound             it does not exist, or it is somebody else's
    ├── AlreadyExists        it would be there twice
    ├── Conflict             the request contradicts another one
    ├── NotReady             the present state does not allow it; it may later
    ├── Exhausted            a limit is reached
    ├── Unavailable          a dependency is away; repeating it may help
    └── Internal             a fault of ours; the log has it

Each carries a `reason` for programs (UPPER_SNAKE_CASE, stable) and a sentence for people that says what to do. Nothing here
knows about gRPC; `chassis.status` maps these to status codes.
"""


class DomainError(Exception):
    """An error with a reason for programs, a sentence for people and figures for both."""

    def __init__(self, reason: str, message: str, **metadata: object) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = {key: str(value) for key, value in metadata.items()}


class InvalidInput(DomainError):
    """The request itself is wrong; repeating it will not help."""


class Unauthenticated(DomainError):
    """Nobody knows who is calling."""


class Forbidden(DomainError):
    """The caller is known and may not do this."""


class NotFound(DomainError):
    """It does not exist, or it belongs to somebody else: the answer is the same."""


class AlreadyExists(DomainError):
    """It would be there twice."""


class Conflict(DomainError):
    """The request contradicts an earlier or a simultaneous one."""


class NotReady(DomainError):
    """The present state does not allow it; it may later."""


class Exhausted(DomainError):
    """A limit is reached."""


class Unavailable(DomainError):
    """A dependency is away; repeating the request may help."""


class Internal(DomainError):
    """A fault of ours: the caller is told that much, the log has the rest."""
