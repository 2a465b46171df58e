"""What gateway itself serves, through Envoy: the read model and its rebuilding, the browser's session, sockets, pages."""

import json
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from deploy.local.stack import Mesh
from tests import songs
from tests.e2e.rest import PASSWORD, Rest, new_user, reason
from tests.e2e.waiting import until
from tests.servers.mesh import grant

SESSION = "/api/v1/session"


@pytest.fixture
def operator(mesh: Mesh) -> Rest:
    rest = new_user(mesh.url)
    grant(mesh, rest.email, "admin")
    rest.token = rest.post("/api/v1/auth/login", email=rest.email, password=PASSWORD)["accessToken"]
    return rest


def bring_in(rest: Rest, folder: Path, *, process: bool) -> str:
    """Upload four seconds of a song and wait until everything about it has ended."""
    song = songs.compose(tempo_bpm=110, seconds=4, seed=7)
    path = songs.write(song.mix, song.sample_rate, folder / "song.wav")
    track: str = rest.upload(path, process=process)["trackId"]
    expected = "CARD_STATUS_SEPARATED" if process else "CARD_STATUS_UPLOADED"
    until(lambda: rest.get(f"/api/v1/library/{track}")["status"] == expected, seconds=120)
    until(lambda: not process or bool(rest.get(f"/api/v1/library/{track}").get("tempoBpm")), seconds=120)
    return track


def model(rest: Rest) -> dict[str, Any]:
    """All that the read model shows somebody."""
    return {path: rest.get(f"/api/v1/{path}") for path in ("library", "jobs", "usage")}


def test_a_rebuilt_read_model_is_the_same_and_misses_nothing_meanwhile(
    user: Rest, operator: Rest, tmp_path: Path
) -> None:
    kept, gone, renamed = (bring_in(user, tmp_path, process=number == 0) for number in range(3))
    user.ok("DELETE", f"/api/v1/tracks/{gone}")
    until(lambda: len(user.get("/api/v1/library")["cards"]) == 2)
    before = model(user)
    # What deleted work has cost, no service could tell any more.
    assert {kind["kind"]: kind["jobs"] for kind in before["usage"]["kinds"]}["JOB_KIND_IMPORT"] == "3"

    stop = threading.Event()

    def rename() -> None:
        for number in range(1000):
            user.ok("PATCH", f"/api/v1/tracks/{renamed}?updateMask=title", {"title": f"Title {number}"})
            if stop.is_set():
                break

    busy = threading.Thread(target=rename)
    busy.start()
    try:
        for _ in range(3):
            assert int(operator.post("/api/v1/admin/read-model:rebuild")["published"]) >= 4
    finally:
        stop.set()
        busy.join()
    title = user.get(f"/api/v1/tracks/{renamed}")["title"]
    until(
        lambda: {card["trackId"]: card["title"] for card in user.get("/api/v1/library")["cards"]}.get(renamed) == title
    )
    user.ok("PATCH", f"/api/v1/tracks/{renamed}?updateMask=title", {"title": "song"})
    until(lambda: without_versions(model(user)) == without_versions(before))
    assert user.call("GET", f"/api/v1/library/{gone}").status_code == 404
    assert user.get(f"/api/v1/library/{kept}")["stems"]


def without_versions(shown: dict[str, Any]) -> dict[str, Any]:
    """The same without the number of changes that it took."""
    bare: dict[str, Any] = json.loads(json.dumps(shown))
    for job in bare["jobs"]["jobs"]:
        job.pop("version")
    return bare


@pytest.fixture
def browser(mesh: Mesh) -> httpx.Client:
    page = {"origin": mesh.url, "sec-fetch-site": "same-origin", "x-puremusic-session": "1"}
    return httpx.Client(base_url=mesh.url, headers=page)


def test_a_browser_s_session(user: Rest, browser: httpx.Client) -> None:
    with browser:
        signed_in = browser.post(SESSION, json={"email": user.email, "password": PASSWORD})
        assert signed_in.status_code == 200
        assert "refreshToken" not in signed_in.text
        refreshed = browser.post(f"{SESSION}/refresh", json={})
        token = refreshed.json()["accessToken"]
        assert Rest(user.url, token).get("/api/v1/auth/me")["email"] == user.email
        assert browser.delete(SESSION).status_code == 204
        over = browser.post(f"{SESSION}/refresh", json={})
        assert (over.status_code, reason(over)) == (401, "SESSION_MISSING")
        foreign = browser.post(SESSION, json={}, headers={"origin": "https://evil.example"})
        assert (foreign.status_code, reason(foreign)) == (403, "ORIGIN_NOT_ALLOWED")


def socket_of(rest: Rest, job_id: str, token: str) -> ClientConnection:
    """Open a socket as a browser would."""
    offers = [Subprotocol("puremusic.v1"), Subprotocol(f"bearer.{token}")]
    return connect(f"{rest.url.replace('http', 'ws', 1)}/ws/jobs/{job_id}", subprotocols=offers, proxy=None)


def test_a_job_over_a_websocket(user: Rest, tmp_path: Path) -> None:
    song = songs.compose(tempo_bpm=110, seconds=4, seed=9)
    track = user.upload(songs.write(song.mix, song.sample_rate, tmp_path / "song.wav"), process=False)["trackId"]
    until(lambda: user.call("GET", f"/api/v1/jobs/{track}").status_code == 200)
    with socket_of(user, track, user.token) as socket:
        states = [json.loads(message)["state"] for message in socket]
    assert states[-1] == "JOB_STATE_COMPLETED"
    assert (socket.close_code, socket.close_reason) == (1000, "JOB_ENDED")


def test_a_websocket_says_why_it_closes(user: Rest) -> None:
    for token, expected in ((user.token, (4404, "JOB_NOT_FOUND")), ("nonsense", (4401, "TOKEN_INVALID"))):
        with socket_of(user, "nothing", token) as socket, pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)
        assert (socket.close_code, socket.close_reason) == expected


def test_pages(mesh: Mesh) -> None:
    health = httpx.get(f"{mesh.url}/health")
    assert health.status_code == 200, health.text
    assert set(health.json()["services"]) == {"auth", "ingest", "separation", "mir", "fusion", "gateway"}
    described = httpx.get(f"{mesh.url}/openapi.json")
    assert described.json()["openapi"].startswith("3.1")
    page = httpx.get(f"{mesh.url}/docs")
    assert page.status_code == 200
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert httpx.get(f"{mesh.url}/").text
    assert httpx.get(f"{mesh.url}/metrics").status_code == 404
