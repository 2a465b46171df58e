import httpx
import pytest

from cli.client import ApiError, LimitReached, NotFound, NotSignedIn, Refused, Unavailable
from cli.client.errors import from_response, not_delivered
from cli.exit_codes import ExitCode, of_error
from tests.unit.cli.scripted import refusal

ASKED = httpx.Request("GET", "http://music.test/")


def test_an_error_carries_all_that_the_api_said() -> None:
    answer = refusal(429, 8, "TRACK_QUOTA", headers=[("retry-after", "7")], limit="200", used="200")
    error = from_response(answer(ASKED))
    assert isinstance(error, LimitReached)
    assert (error.code, error.reason, error.message) == ("RESOURCE_EXHAUSTED", "TRACK_QUOTA", "because of TRACK_QUOTA")
    assert error.metadata == {"limit": "200", "used": "200"}
    assert error.retry_after == 7.0


@pytest.mark.parametrize(
    ("code", "kind", "exit_code"),
    [
        (3, Refused, ExitCode.REFUSED),
        (5, NotFound, ExitCode.NOT_FOUND),
        (6, Refused, ExitCode.REFUSED),
        (7, Refused, ExitCode.REFUSED),
        (8, LimitReached, ExitCode.LIMIT),
        (9, Refused, ExitCode.REFUSED),
        (10, Refused, ExitCode.REFUSED),
        (13, Unavailable, ExitCode.UNAVAILABLE),
        (14, Unavailable, ExitCode.UNAVAILABLE),
        (16, NotSignedIn, ExitCode.NOT_SIGNED_IN),
    ],
)
def test_each_code_has_a_kind_and_an_exit_code(code: int, kind: type[ApiError], exit_code: ExitCode) -> None:
    error = from_response(refusal(400, code, "X")(ASKED))
    assert type(error) is kind
    assert of_error(error) is exit_code


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b"", NotSignedIn),
        (403, b"<html>", Refused),
        (404, b"[]", NotFound),
        (413, b"", LimitReached),
        (418, b"", Refused),
        (429, b"slow down", LimitReached),
        (500, b"", Unavailable),
        (502, b"<html>bad gateway</html>", Unavailable),
        (503, b'{"code": "nonsense"}', Unavailable),
        (503, b'{"code": 14, "details": "nonsense"}', Unavailable),
    ],
)
def test_what_a_proxy_says_is_understood_by_its_status(status: int, body: bytes, kind: type[ApiError]) -> None:
    assert type(from_response(httpx.Response(status, content=body))) is kind


def test_a_request_that_met_nobody_was_not_delivered() -> None:
    assert not not_delivered(httpx.ConnectError("refused"), "http://x").delivered
    assert not_delivered(httpx.ReadTimeout("slow"), "http://x").delivered
