"""Objects: only presigned requests get through, as they are."""

import httpx
import pytest

from tests.integration.envoy.door import ORIGIN, Door, reason_of

SIGNED = "X-Amz-Signature=abc&X-Amz-Expires=60"


def _refused(answer: httpx.Response) -> None:
    assert answer.status_code == 403, answer.text
    assert reason_of(answer) == "NOT_PRESIGNED"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/puremusic"),
        ("GET", "/puremusic/"),
        ("GET", f"/puremusic/?list-type=2&{SIGNED}"),
        ("GET", f"/puremusic?list-type=2&{SIGNED}"),
        ("GET", "/puremusic/ingest/u/t/1/master.flac"),
        ("HEAD", "/puremusic/ingest/u/t/1/master.flac"),
        ("DELETE", f"/puremusic/ingest/u/t/1/master.flac?{SIGNED}"),
        ("POST", f"/puremusic/ingest/u/t/1/master.flac?uploads&{SIGNED}"),
        ("PUT", "/puremusic/ingest/u/t/1/master.flac"),
        ("OPTIONS", "/puremusic/ingest/u/t/1/master.flac"),
    ],
)
def test_everything_else_is_refused(door: Door, method: str, path: str) -> None:
    answer = door.rest.request(method, path)
    assert answer.status_code == 403
    if method != "HEAD":
        _refused(answer)


def test_a_signed_download_goes_through_untouched(door: Door) -> None:
    spoofed = {"x-forwarded-host": "evil.example", "cookie": "refresh=1", "authorization": "Bearer x"}
    told = door.rest.get(f"/puremusic/a//b%20c?{SIGNED}", headers={**spoofed, "range": "bytes=0-1"}).json()
    assert (told["query"], told["headers"]["range"]) == (SIGNED, "bytes=0-1")
    assert told["path"] == "/puremusic/a//b c"
    assert told["headers"]["host"] == f"127.0.0.1:{door.port}"
    assert not told["headers"].keys() & spoofed.keys()


def test_a_form_and_a_part_go_through(door: Door) -> None:
    large = b"x" * (3 * 1024 * 1024)
    assert door.rest.post("/puremusic", content=large).json()["size"] == len(large)
    assert door.rest.put(f"/puremusic/a/b?partNumber=1&{SIGNED}", content=large).json()["size"] == len(large)


def test_an_upload_without_a_size_or_with_too_large_a_one(door: Door) -> None:
    _refused(door.rest.put(f"/puremusic/a?{SIGNED}", content=(b"x" for _ in range(3))))
    _refused(door.rest.post("/puremusic", content=b"x" * (17 * 1024 * 1024 + 1)))


def test_envoy_alone_says_who_may_read(door: Door) -> None:
    ours = door.rest.get(f"/puremusic/a?{SIGNED}", headers={"origin": ORIGIN})
    assert ours.headers["access-control-allow-origin"] == ORIGIN
    theirs = door.rest.get(f"/puremusic/a?{SIGNED}", headers={"origin": "http://evil.example"})
    assert "access-control-allow-origin" not in theirs.headers


def test_a_users_file_can_not_run_on_our_origin(door: Door) -> None:
    answer = door.rest.get(f"/puremusic/a?{SIGNED}")
    assert answer.headers["content-security-policy"] == "sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_buckets_name_is_not_a_prefix(door: Door) -> None:
    assert door.rest.get("/puremusic-logo.svg").json()["path"] == "/puremusic-logo.svg"
