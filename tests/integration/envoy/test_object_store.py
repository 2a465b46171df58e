"""The real object store behind Envoy: what is signed for the public address works there, and nothing else does."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from chassis.config import Address, Secret
from chassis.objects import ObjectKey, ObjectStore, ObjectStoreConfig
from deploy.local.facts import S3Facts
from tests.integration.envoy.door import ORIGIN, Door, open_door

KEY = ObjectKey("ingest", "owner", "track", 1, "über a b.flac")
PART = b"p" * (5 * 1024 * 1024)


@pytest.fixture(scope="module")
def stored(objects: S3Facts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """An Envoy in front of the real store."""
    at = Address.parse(objects.endpoint.removeprefix("http://"))
    with open_door(tmp_path_factory.mktemp("store"), s3=at, bucket=objects.bucket) as door:
        yield door


@pytest.fixture(scope="module")
def store(objects: S3Facts, stored: Door) -> ObjectStore:
    """The services' own client, which signs for the public address."""
    config = ObjectStoreConfig(
        endpoint=objects.endpoint,
        public_endpoint=f"http://127.0.0.1:{stored.port}",
        access_key=Secret(objects.access_key.value),
        secret_key=Secret(objects.secret_key.value),
        region=objects.region,
        bucket=objects.bucket,
    )
    return ObjectStore(config)


async def test_a_form_upload_and_a_download(stored: Door, store: ObjectStore) -> None:
    content = bytes(range(256)) * 4096
    form, _ = store.presign_post(KEY, len(content))
    sent = stored.rest.post(form.url, data=form.fields, files={"file": content}, headers={"origin": ORIGIN})
    assert sent.status_code in (200, 201, 204), sent.text
    assert sent.headers["access-control-allow-origin"] == ORIGIN

    url, _ = store.presign_get(str(KEY), "über.flac")
    whole = stored.rest.get(url)
    assert whole.content == content
    assert "attachment" in whole.headers["content-disposition"]
    # As a browser fetches it, eagerly sending what it has for us.
    part = stored.rest.get(
        url,
        headers={"range": "bytes=2-4", "cookie": "refresh=x", "x-forwarded-host": "evil.example", **stored.bearer()},
    )
    assert (part.status_code, part.content) == (206, bytes([2, 3, 4]))


async def test_parts(stored: Door, store: ObjectStore) -> None:
    upload = await store.start_parts(KEY)
    for number in (2, 1):
        answer = stored.rest.put(store.presign_part(KEY, upload, number), content=PART, headers={"origin": ORIGIN})
        assert answer.status_code == 200, answer.text
        assert "etag" in answer.headers["access-control-expose-headers"]
    parts = await store.parts(KEY, upload)
    await store.complete_parts(KEY, upload, parts)
    found = await store.stat(str(KEY))
    assert found is not None
    assert found.size_bytes == 2 * len(PART)


async def test_another_form_than_the_signed_one_is_refused(stored: Door, store: ObjectStore) -> None:
    form, _ = store.presign_post(KEY, 10)
    for fields, content in ((form.fields | {"key": "ingest/other"}, b"x" * 10), (form.fields, b"x" * 11)):
        answer = stored.rest.post(form.url, data=fields, files={"file": content})
        assert answer.status_code in (400, 403), answer.text


async def test_a_forged_signature_lists_nothing(
    stored: Door, objects: S3Facts, store: ObjectStore, tmp_path: Path
) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"secret")
    await store.put_file(KEY, path, "audio/flac")
    signed, _ = store.presign_get(str(KEY), "secret")
    query = httpx.URL(signed).query.decode()
    for target in (
        f"/{objects.bucket}/?list-type=2&{query}",
        f"/{objects.bucket}/ingest/?{query}",
        f"/{objects.bucket}",
    ):
        answer = stored.rest.get(target)
        assert answer.status_code in (403, 404), answer.text
        assert str(KEY) not in answer.text
