"""The public API as Python: what the command line, the demo and the benches call PureMusic with.

async with Api(url, SessionCredentials(url, SessionInMemory())) as api:
    ...
"""

from cli.client.api import Api
from cli.client.credentials import ApiKeyCredentials, Credentials, SessionCredentials
from cli.client.errors import ApiError, LimitReached, NotFound, NotSignedIn, Refused, Unavailable
from cli.client.session_store import KeptSession, SessionFile, SessionInMemory

__all__ = [
    "Api",
    "ApiError",
    "ApiKeyCredentials",
    "Credentials",
    "KeptSession",
    "LimitReached",
    "NotFound",
    "NotSignedIn",
    "Refused",
    "SessionCredentials",
    "SessionFile",
    "SessionInMemory",
    "Unavailable",
]
