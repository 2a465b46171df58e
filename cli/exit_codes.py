"""What the command line's exit code says.

0    done
1    a job failed or was cancelled
2    the command makes no sense as typed, or a file here can't be read or written
3    nobody is signed in, or the session has ended
4    there is no such thing, or it is not yours
5    refused: not valid, not allowed, or not possible now
6    a limit is reached
7    PureMusic does not answer, or something broke there
130  Ctrl-C
"""

from enum import IntEnum

from cli.client import ApiError, LimitReached, NotFound, NotSignedIn, Refused, Unavailable

__all__ = ["ExitCode", "of_error"]


class ExitCode(IntEnum):
    """How a command ended."""

    OK = 0
    JOB_FAILED = 1
    USAGE = 2
    NOT_SIGNED_IN = 3
    NOT_FOUND = 4
    REFUSED = 5
    LIMIT = 6
    UNAVAILABLE = 7


_OF: dict[type[ApiError], ExitCode] = {
    NotSignedIn: ExitCode.NOT_SIGNED_IN,
    NotFound: ExitCode.NOT_FOUND,
    Refused: ExitCode.REFUSED,
    LimitReached: ExitCode.LIMIT,
    Unavailable: ExitCode.UNAVAILABLE,
}


def of_error(error: ApiError) -> ExitCode:
    """Return the exit code of a command that ended with this."""
    return _OF.get(type(error), ExitCode.UNAVAILABLE)
