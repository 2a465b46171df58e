"""The object store (any S3): typed keys, files in and out, presigned requests. Calls are retried with backoff.

Keys are `<service>/<owner>/<aggregate>/<attempt>/<name>`. An object is real while a row points at its aggregate and attempt.
"""

import asyncio
import functools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ParamSpec, TypeVar
from urllib.parse import quote, urlsplit

import urllib3
from minio import Minio
from minio.datatypes import PostPolicy
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error

from chassis.config import Secret, setting
from chassis.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

StoreError = S3Error
"""What the store refuses, and repeating it does not help."""

ATTEMPTS = 4
FIRST_DELAY = 0.2
DOWNLOAD_SECONDS = 3600
UPLOAD_SECONDS = 3600
LISTING_PAGE = 1000


@dataclass(frozen=True)
class ObjectStoreConfig:
    """How the object store is reached by services and by clients."""

    endpoint: str = setting("S3_ENDPOINT", "http(s)://host:port as services reach it")
    public_endpoint: str = setting(
        "S3_PUBLIC_ENDPOINT", "http(s)://host:port as clients reach it; URLs are signed for it"
    )
    access_key: Secret = setting("S3_ACCESS_KEY", "access key")
    secret_key: Secret = setting("S3_SECRET_KEY", "secret key")
    region: str = setting("S3_REGION", "region", "us-east-1")
    bucket: str = setting("S3_BUCKET", "bucket; must exist", "puremusic")


@dataclass(frozen=True)
class ObjectKey:
    """Where an object lies. `service` and `owner_id` come first, so that all of an owner's objects share a prefix."""

    service: str
    owner_id: str
    aggregate_id: str
    attempt: int
    name: str

    def __str__(self) -> str:
        return f"{self.service}/{self.owner_id}/{self.aggregate_id}/{self.attempt}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> "ObjectKey":
        """Read a key back; raises ValueError on anything else."""
        service, owner_id, aggregate_id, attempt, name = text.split("/", 4)
        return cls(service, owner_id, aggregate_id, int(attempt), name)


@dataclass(frozen=True)
class StoredObject:
    """An object as the store lists it."""

    key: str
    size_bytes: int
    modified: datetime
    etag: str = ""


@dataclass(frozen=True)
class PresignedPost:
    """A form that a client may send once, and not for long."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True)
class UploadedPart:
    """A part of a multipart upload that has arrived."""

    number: int
    etag: str
    size_bytes: int
    modified: datetime


@dataclass(frozen=True)
class UnfinishedUpload:
    """A multipart upload that nobody has completed."""

    key: str
    upload_id: str
    started: datetime


class ObjectStore:
    """One bucket. Every method blocks no event loop."""

    def __init__(self, config: ObjectStoreConfig) -> None:
        self._bucket = config.bucket
        self._client = _client(config.endpoint, config)
        self._public = _client(config.public_endpoint, config)

    async def check(self) -> None:
        """Raise unless the store answers and the bucket is there."""
        if not await _call(self._client.bucket_exists, self._bucket):
            raise Unavailable("BUCKET_MISSING", f"The bucket {self._bucket} does not exist.")

    async def put_file(self, key: ObjectKey, path: Path, content_type: str) -> StoredObject:
        """Store a file, in parts if it is large."""
        await _call(self._client.fput_object, self._bucket, str(key), str(path), content_type=content_type)
        return StoredObject(str(key), path.stat().st_size, datetime.now(UTC))

    async def get_file(self, key: str, path: Path) -> int:
        """Fetch an object into a file and return its size in bytes."""
        await _call(self._client.fget_object, self._bucket, key, str(path))
        return path.stat().st_size

    async def get_bytes(self, key: str) -> bytes:
        """Fetch a small object."""
        return await _call(self._read, key)

    def _read(self, key: str) -> bytes:
        answer = self._client.get_object(self._bucket, key)
        try:
            content: bytes = answer.read()
            return content
        finally:
            answer.close()
            answer.release_conn()

    async def stat(self, key: str) -> StoredObject | None:
        """Describe an object; None if it is not there."""
        try:
            found = await _call(self._client.stat_object, self._bucket, key)
        except S3Error as error:
            if error.code in ("NoSuchKey", "NoSuchObject", "NotFound"):
                return None
            raise
        return StoredObject(key, found.size or 0, found.last_modified or datetime.now(UTC), found.etag or "")

    async def below(self, prefix: str) -> list[StoredObject]:
        """List everything below a prefix."""

        def read() -> list[StoredObject]:
            found = self._client.list_objects(self._bucket, prefix=prefix, recursive=True)
            return [
                StoredObject(str(item.object_name), item.size or 0, item.last_modified or datetime.now(UTC))
                for item in found
            ]

        return await _call(read)

    async def remove(self, keys: Sequence[str]) -> None:
        """Remove objects; those that are not there are no error."""

        def delete() -> None:
            failures = self._client.remove_objects(self._bucket, (DeleteObject(key) for key in keys))
            for failure in failures:
                raise Unavailable("OBJECT_NOT_REMOVED", f"The object store kept {failure.name}: {failure.message}")

        if keys:
            await _call(delete)

    async def remove_prefix(self, prefix: str) -> int:
        """Remove everything below a prefix and return how many objects that were."""
        found = await self.below(prefix)
        for page in _pages([item.key for item in found], LISTING_PAGE):
            await self.remove(page)
        return len(found)

    def presign_get(
        self, key: str, filename: str, *, inline: bool = False, content_type: str = ""
    ) -> tuple[str, datetime]:
        """Return an address under which anybody may fetch the object for an hour, and when it runs out. Makes no call."""
        disposition = "inline" if inline else "attachment"
        headers: dict[str, str | list[str] | tuple[str]] = {
            "response-content-disposition": f"{disposition}; {_filename_parameters(filename)}"
        }
        if content_type:
            headers["response-content-type"] = content_type
        expires = timedelta(seconds=DOWNLOAD_SECONDS)
        url = self._public.presigned_get_object(self._bucket, key, expires=expires, response_headers=headers)
        return url, datetime.now(UTC) + expires

    def presign_post(self, key: ObjectKey, size_bytes: int) -> tuple[PresignedPost, datetime]:
        """Return a form that stores exactly this key with exactly this size. Makes no call."""
        expires = datetime.now(UTC) + timedelta(seconds=UPLOAD_SECONDS)
        policy = PostPolicy(self._bucket, expires)
        policy.add_equals_condition("key", str(key))
        policy.add_content_length_range_condition(size_bytes, size_bytes)
        fields = self._public.presigned_post_policy(policy)
        base = self._public._base_url  # the client has no public way to say where it points
        url = f"{base._url.scheme}://{base.host}/{self._bucket}"
        return PresignedPost(url, {**fields, "key": str(key)}), expires

    async def start_parts(self, key: ObjectKey) -> str:
        """Begin a multipart upload and return its id."""
        return await _call(
            self._client._create_multipart_upload, self._bucket, str(key), {}
        )  # minio's only multipart calls

    def presign_part(self, key: ObjectKey, upload_id: str, number: int) -> str:
        """Return an address to PUT one part to. Makes no call."""
        return str(
            self._public.get_presigned_url(
                "PUT",
                self._bucket,
                str(key),
                expires=timedelta(seconds=UPLOAD_SECONDS),
                extra_query_params={"uploadId": upload_id, "partNumber": str(number)},
            )
        )

    async def parts(self, key: ObjectKey, upload_id: str) -> list[UploadedPart]:
        """List the parts that have arrived; none of an upload that is completed or gone.

        Where a part was sent more than once, some stores list every version of it.
        """

        def read() -> Iterator[UploadedPart]:
            marker: str | None = None
            while True:
                page = self._client._list_parts(self._bucket, str(key), upload_id, part_number_marker=marker)
                for part in page.parts:
                    modified = part.last_modified or datetime.now(UTC)
                    yield UploadedPart(part.part_number, part.etag, part.size or 0, modified)
                if not page.is_truncated:
                    return
                marker = str(page.next_part_number_marker)

        try:
            return await _call(lambda: list(read()))
        except S3Error as error:
            if error.code != "NoSuchUpload":
                raise
            return []

    async def complete_parts(self, key: ObjectKey, upload_id: str, parts: Sequence[UploadedPart]) -> None:
        """Make one object of the parts. If the upload is completed or gone already, `stat` knows which."""
        from minio.datatypes import Part

        ordered = [Part(part.number, part.etag) for part in sorted(parts, key=lambda part: part.number)]
        try:
            await _call(self._client._complete_multipart_upload, self._bucket, str(key), upload_id, ordered)
        except S3Error as error:
            if error.code != "NoSuchUpload":
                raise

    async def unfinished(self, prefix: str) -> list[UnfinishedUpload]:
        """List the multipart uploads below a prefix that were begun and not completed; at most a thousand."""

        def read() -> list[UnfinishedUpload]:
            found = self._client._list_multipart_uploads(self._bucket, prefix=prefix)
            return [
                UnfinishedUpload(str(item.object_name), str(item.upload_id), item.initiated_time or datetime.now(UTC))
                for item in found.uploads
            ]

        return await _call(read)

    async def abort_parts(self, key: ObjectKey | str, upload_id: str) -> None:
        """Forget a multipart upload and its parts; one that is gone already is no error."""
        try:
            await _call(self._client._abort_multipart_upload, self._bucket, str(key), upload_id)
        except S3Error as error:
            if error.code != "NoSuchUpload":
                raise


def _client(endpoint: str, config: ObjectStoreConfig) -> Minio:
    parts = urlsplit(endpoint)
    return Minio(
        parts.netloc,
        access_key=config.access_key.reveal(),
        secret_key=config.secret_key.reveal(),
        secure=parts.scheme == "https",
        region=config.region,
        http_client=urllib3.PoolManager(
            maxsize=16, timeout=urllib3.Timeout(connect=5, read=60), retries=urllib3.Retry(0, redirect=False)
        ),
    )


def _transient(error: Exception) -> bool:
    """Whether a repetition may help: the connection failed, or the store had trouble of its own."""
    if isinstance(error, S3Error):
        return bool(error.response.status >= 500)
    return isinstance(error, urllib3.exceptions.HTTPError | MinioException | OSError)


async def _call(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking call in a thread, and again, with backoff, when the store was not reached or stumbled."""
    call = functools.partial(function, *args, **kwargs)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await asyncio.to_thread(call)
        except (S3Error, urllib3.exceptions.HTTPError, MinioException, OSError) as error:
            if not _transient(error):
                raise
            if attempt == ATTEMPTS:
                raise Unavailable("STORE_UNAVAILABLE", "The object store does not answer. Try again.") from error
            await asyncio.sleep(FIRST_DELAY * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311  # jitter
    raise AssertionError("unreachable")


def _pages(items: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _filename_parameters(filename: str) -> str:
    """RFC 6266: an ASCII fallback and the exact name (RFC 8187)."""
    fallback = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in filename)
    return f"filename=\"{fallback}\"; filename*=UTF-8''{quote(filename, safe='')}"


def age_seconds(stored: StoredObject) -> float:
    """Seconds since the object was written."""
    return time.time() - stored.modified.timestamp()
