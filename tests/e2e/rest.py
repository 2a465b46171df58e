"""A REST client as a caller would write it, for the tests: plain HTTP and JSON through Envoy."""

import functools
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.waiting import until

PASSWORD = "correct horse battery"
TERMS = "1"

Json = dict[str, Any]

ENDED = ("JOB_STATE_COMPLETED", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED")


@functools.cache
def _connections() -> httpx.Client:
    """One pool for all users of the session: who calls is in each request's token."""
    return httpx.Client(timeout=30)


def _unseen(_: Json) -> None:
    return


@dataclass
class Rest:
    """One user at the public API."""

    url: str
    token: str = ""
    email: str = ""
    refresh_token: str = ""
    user_id: str = ""
    http: httpx.Client = field(default_factory=lambda: _connections())

    def call(self, method: str, path: str, body: Json | None = None, **options: Any) -> httpx.Response:
        """Send a request with the token, if there is one."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= options.pop("headers", {})
        return self.http.request(method, f"{self.url}{path}", json=body, headers=headers, **options)

    def ok(self, method: str, path: str, body: Json | None = None, **options: Any) -> Json:
        """Send a request that must succeed, and return its answer."""
        answer = self.call(method, path, body, **options)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text}"
        found: Json = answer.json()
        return found

    def get(self, path: str, **params: Any) -> Json:
        """GET, which must succeed."""
        return self.ok("GET", path, params=params)

    def post(self, path: str, **body: Any) -> Json:
        """POST, which must succeed."""
        return self.ok("POST", path, body)

    def refused(self, method: str, path: str, body: Json | None = None, **options: Any) -> tuple[int, str]:
        """Send a request that must be refused in the one error shape; return the HTTP status and the reason."""
        answer = self.call(method, path, body, **options)
        return answer.status_code, reason(answer)

    def watch(self, path: str) -> Iterator[Json]:
        """Follow a server stream as server-sent events."""
        headers = {"authorization": f"Bearer {self.token}"}
        with self.http.stream("GET", f"{self.url}{path}", headers=headers, timeout=120) as stream:
            assert stream.status_code == 200, stream.read()
            assert stream.headers["content-type"].startswith("text/event-stream")
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    yield json.loads(line.removeprefix("data:"))

    def send(self, upload: Json, content: bytes) -> None:
        """Send a file's bytes as its upload says."""
        if "post" in upload:
            answer = self.http.post(upload["post"]["url"], data=upload["post"]["fields"], files={"file": content})
            assert answer.status_code in (200, 201, 204), answer.text
            return
        size = int(upload["parts"]["partSize"])
        for part in upload["parts"]["missing"]:
            start = (part["number"] - 1) * size
            answer = self.http.put(part["url"], content=content[start : start + int(part["sizeBytes"])])
            assert answer.status_code == 200, answer.text

    def upload(self, path: Path, **options: Any) -> Json:
        """Bring a file in and return its track, which is being checked."""
        content = path.read_bytes()
        created = self.post(
            "/api/v1/tracks",
            filename=options.pop("filename", path.name),
            sizeBytes=str(len(content)),
            rightsConfirmed=True,
            **options,
        )
        self.send(created["upload"], content)
        return self.post(f"/api/v1/tracks/{created['track']['trackId']}:completeUpload")

    def settle(self, jobs: int, seconds: float = 300, seen: Callable[[Json], None] = _unseen) -> dict[str, Json]:
        """Follow all jobs until `jobs` of them are there and every one has ended; return them by id.

        `seen` is shown each change.
        """
        known: dict[str, Json] = {}
        end = time.monotonic() + seconds
        for update in self.watch("/api/v1/jobs:watch"):
            assert time.monotonic() < end, f"after {seconds} s: {known}"
            if "snapshot" in update:  # it leaves out what has ended before
                known |= {job["jobId"]: job for job in self.get("/api/v1/jobs")["jobs"]}
            if "job" in update:
                known[update["job"]["jobId"]] = update["job"]
                seen(update["job"])
            known.pop(update.get("deletedJobId", ""), None)
            if len(known) >= jobs and all(job["state"] in ENDED for job in known.values()):
                break
        return known

    def settle_one(self, job_id: str) -> Json:
        """Follow one job until it has ended and return it."""
        for update in self.watch(f"/api/v1/jobs:watch?jobIds={job_id}"):
            jobs = [*update.get("snapshot", {}).get("jobs", ()), *([update["job"]] if "job" in update else [])]
            for job in jobs:
                if job["jobId"] == job_id and job["state"] in ENDED:
                    ended: Json = job
                    return ended
        raise AssertionError(f"the watch ended before job {job_id} did")

    def refined(self, *track_ids: str) -> None:
        """Wait until these tracks were heard with their stems: that follows a separation by itself."""

        def heard() -> bool:
            found = self.get("/api/v1/analyses:batchGet", trackIds=track_ids)["analyses"]
            states = [(each["status"], each.get("source")) for each in found]
            return states == [("ANALYSIS_STATUS_COMPLETED", "ANALYSIS_SOURCE_STEMS")] * len(track_ids)

        until(heard, 120)

    def ended(self, path: str, kind: str) -> Json:
        """Follow one thing's own watch to its end and return it as it ended."""
        last: Json = {}
        for update in self.watch(f"{path}:watch"):
            last = update[kind]
        return last


def reason(answer: httpx.Response) -> str:
    """The reason in the one error shape, which is checked on the way."""
    body = answer.json()
    assert set(body) == {"code", "message", "details"}, body
    assert isinstance(body["code"], int), body
    assert body["message"].strip(), body
    info = body["details"][0]
    assert info["@type"] == "type.googleapis.com/google.rpc.ErrorInfo", body
    return str(info["reason"])


def new_user(url: str) -> Rest:
    """Register somebody new and sign them in."""
    rest = Rest(url)
    rest.email = f"{uuid.uuid4().hex[:12]}@example.org"
    session = rest.post("/api/v1/auth/register", email=rest.email, password=PASSWORD, acceptedTermsVersion=TERMS)
    rest.token, rest.refresh_token = session["accessToken"], session["refreshToken"]
    rest.user_id = session["user"]["userId"]
    return rest
