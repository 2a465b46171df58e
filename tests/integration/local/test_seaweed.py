"""The object store holds clients to what was signed."""

import io
from datetime import UTC, datetime, timedelta

import httpx
import minio
import pytest
from minio.datatypes import PostPolicy

from deploy.local.backing import Backing
from deploy.local.facts import S3Facts
from tests.servers.backing import object_client

KEY = "local/owner/track/1/original"
LIMIT = 1000


@pytest.fixture
def store(objects: S3Facts) -> minio.Minio:
    """A client with the keys."""
    return object_client(objects)


@pytest.fixture
def form(objects: S3Facts, store: minio.Minio) -> dict[str, str]:
    """What a client is given in order to upload one object of at most LIMIT bytes."""
    policy = PostPolicy(objects.bucket, datetime.now(UTC) + timedelta(minutes=5))
    policy.add_equals_condition("key", KEY)
    policy.add_content_length_range_condition(1, LIMIT)
    return {"key": KEY, **store.presigned_post_policy(policy)}


def post(objects: S3Facts, form: dict[str, str], content: bytes) -> int:
    url = f"{objects.endpoint}/{objects.bucket}"
    return httpx.post(url, data=form, files={"file": ("song", content)}, trust_env=False).status_code


def test_an_upload_as_signed_arrives(objects: S3Facts, store: minio.Minio, form: dict[str, str]) -> None:
    assert post(objects, form, b"x" * LIMIT) in {200, 201, 204}
    assert store.stat_object(objects.bucket, KEY).size == LIMIT


def test_an_upload_over_or_under_the_size_is_refused(objects: S3Facts, form: dict[str, str]) -> None:
    assert post(objects, form, b"x" * (LIMIT + 1)) == 400
    assert post(objects, form, b"") == 400


@pytest.mark.parametrize("change", [{"key": "local/other"}, {"x-amz-signature": "0" * 64}, {"policy": "e30="}])
def test_an_upload_with_a_changed_form_is_refused(
    objects: S3Facts, form: dict[str, str], change: dict[str, str]
) -> None:
    assert post(objects, {**form, **change}, b"x") in {400, 403}


def test_an_upload_after_its_time_is_refused(objects: S3Facts, store: minio.Minio) -> None:
    policy = PostPolicy(objects.bucket, datetime.now(UTC) - timedelta(minutes=1))
    policy.add_equals_condition("key", KEY)
    policy.add_content_length_range_condition(1, LIMIT)
    assert post(objects, {"key": KEY, **store.presigned_post_policy(policy)}, b"x") == 403


def test_nothing_is_read_or_listed_without_keys(objects: S3Facts, store: minio.Minio) -> None:
    store.put_object(objects.bucket, "local/secret", io.BytesIO(b"x"), 1)
    for path in ("", "local/secret"):
        assert httpx.get(f"{objects.endpoint}/{objects.bucket}/{path}", trust_env=False).status_code == 403


@pytest.mark.parametrize(
    ("part", "path", "refusal"),
    [
        ("weed.master", "/dir/assign", 404),
        ("weed.master", "/col/delete?collection=puremusic", 404),
        ("weed.filer", "/buckets/puremusic/local/inside", 404),
        ("weed.volume", "/1,01637037d6", 401),
    ],
)
def test_the_stores_parts_take_no_orders_by_http(backing: Backing, part: str, path: str, refusal: int) -> None:
    answer = httpx.get(f"http://127.0.0.1:{backing.ports[part]}{path}", trust_env=False)
    assert answer.status_code == refusal


def test_the_bucket_is_empty_of_what_the_start_put_there(objects: S3Facts, store: minio.Minio) -> None:
    names = {entry.object_name for entry in store.list_objects(objects.bucket, recursive=True)}
    assert not {name for name in names if name.startswith(".")}
