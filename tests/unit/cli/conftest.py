"""What the tests of the command line share."""

import pytest
from puremusic.auth.v1 import auth_pb2

from tests.unit.cli.scripted import EMAIL, Script, answer


@pytest.fixture
def script() -> Script:
    """A server at which the session can be refreshed."""
    made = Script()
    session = auth_pb2.Session(access_token="access-1", refresh_token="refresh-2", user=auth_pb2.User(email=EMAIL))
    made.on("POST", "/api/v1/auth/refresh", answer(session))
    return made
