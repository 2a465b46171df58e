"""The cost of a pod, told to something that listens as Kubernetes' API server does."""

import asyncio
import http.server
import json
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chassis import deletion_cost
from chassis.deletion_cost import ANNOTATION, DeletionCost, PodConfig, cost_of
from chassis.tasks import end
from tests.integration.chassis.waiting import until


@dataclass
class ApiServer:
    """What was asked of it."""

    address: str = ""
    calls: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Path, content type, authorization, cost."""
    status: int = 200


@pytest.fixture
def api() -> Iterator[ApiServer]:
    told = ApiServer()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_PATCH(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            cost = body["metadata"]["annotations"].pop(ANNOTATION)
            assert body == {"metadata": {"annotations": {}}}
            told.calls.append((self.path, self.headers["content-type"], self.headers["authorization"], cost))
            self.send_response(told.status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield told
        server.shutdown()
        thread.join()


@dataclass
class Work:
    seconds: float | None = None


@pytest.fixture
async def work(api: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Work]:
    monkeypatch.setattr(deletion_cost, "LOOK_SECONDS", 0.02)
    (tmp_path / "token").write_text("first\n")
    config = PodConfig("worker-1", "music", api.address, str(tmp_path))
    present = Work()
    keeping = asyncio.create_task(DeletionCost(config, lambda: present.seconds).run())
    yield present
    assert not keeping.done()
    await end([keeping])


def _calls(api: ApiServer, count: int) -> "asyncio.Future[bool]":
    async def enough() -> bool:
        return len(api.calls) >= count

    return asyncio.ensure_future(until(enough))


async def test_idle_busy_and_idle_again(api: ApiServer, work: Work) -> None:
    await _calls(api, 1)
    work.seconds = 1.0
    await _calls(api, 2)
    work.seconds = 61.0
    await _calls(api, 3)
    work.seconds = None
    await _calls(api, 4)
    assert [cost for *_, cost in api.calls] == ["0", "10", "11", "0"]
    path, kind, _, _ = api.calls[0]
    assert path == "/api/v1/namespaces/music/pods/worker-1"
    assert kind == "application/merge-patch+json"


async def test_a_renewed_token_is_used(api: ApiServer, work: Work, tmp_path: Path) -> None:
    await _calls(api, 1)
    (tmp_path / "token").write_text("second\n")
    work.seconds = 0.0
    await _calls(api, 2)
    assert [authorization for _, _, authorization, _ in api.calls] == ["Bearer first", "Bearer second"]


async def test_a_refusal_is_said_once_and_tried_again(
    api: ApiServer, work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    await _calls(api, 1)
    api.status = 403
    work.seconds = 1.0
    await _calls(api, 4)
    api.status = 200
    await _calls(api, 5)
    assert {cost for *_, cost in api.calls[1:]} == {"10"}
    assert len([record for record in caplog.records if record.message == "deletion cost not kept"]) == 1


def test_a_worker_without_work_goes_first() -> None:
    assert cost_of(None) < cost_of(0.0) < cost_of(60.0) < cost_of(3600.0)
    assert cost_of(59.9) == cost_of(0.0)
