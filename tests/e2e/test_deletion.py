"""What is deleted is gone everywhere; finished fusions survive their tracks, not their owner."""

from pathlib import Path

import httpx
import pytest

from deploy.local.stack import Mesh
from tests import songs
from tests.e2e.rest import PASSWORD, Rest, new_user
from tests.e2e.waiting import until
from tests.servers.mesh import grant


@pytest.fixture
def operator(mesh: Mesh) -> Rest:
    rest = new_user(mesh.url)
    grant(mesh, rest.email, "admin")
    rest.token = rest.post("/api/v1/auth/login", email=rest.email, password=PASSWORD)["accessToken"]
    return rest


def orphans(operator: Rest, *, dry_run: bool = True) -> dict[str, int]:
    answer = operator.post("/api/v1/admin/garbage:collect", dryRun=dry_run, graceSeconds="0")
    return {service["service"]: int(service["orphans"]) for service in answer["services"]}


@pytest.fixture
def swept(operator: Rest) -> None:
    """No segment of a separation that other tests have completed is there any more: a deletion leaves none of its own."""
    orphans(operator, dry_run=False)
    assert set(orphans(operator).values()) == {0}


def fused(rest: Rest, folder: Path) -> tuple[str, str]:
    """Bring in a short song, fuse two of its stems, and return track and fusion."""
    song = songs.compose(tempo_bpm=110, seconds=4, seed=5)
    path = songs.write(song.mix, song.sample_rate, folder / "song.wav")
    track = rest.upload(path)["trackId"]
    rest.settle(jobs=3)
    rest.refined(track)
    stems = [{"trackId": track, "type": kind} for kind in ("drums", "bass")]
    fusion = rest.post("/api/v1/fusions", stems=stems)["fusionId"]
    assert rest.ended(f"/api/v1/fusions/{fusion}", "fusion")["status"] == "FUSION_STATUS_COMPLETED"
    return track, fusion


@pytest.mark.usefixtures("swept")
def test_deletion_leaves_no_orphan_and_keeps_the_fusion(user: Rest, operator: Rest, tmp_path: Path) -> None:
    track, fusion = fused(user, tmp_path)
    stem = user.get(f"/api/v1/library/{track}")["stems"][0]["stemId"]
    user.ok("DELETE", f"/api/v1/tracks/{track}")
    until(lambda: user.call("GET", f"/api/v1/library/{track}").status_code == 404)
    until(lambda: user.call("GET", f"/api/v1/stems/{stem}/download").status_code == 404)
    until(lambda: user.call("GET", f"/api/v1/tracks/{track}/analysis").status_code == 404)
    until(lambda: set(orphans(operator).values()) == {0})
    url = user.get(f"/api/v1/fusions/{fusion}/download")["url"]
    assert httpx.get(url).status_code == 200


@pytest.mark.usefixtures("swept")
def test_an_account_takes_everything_with_it(user: Rest, operator: Rest, tmp_path: Path) -> None:
    _, fusion = fused(user, tmp_path)
    url = user.get(f"/api/v1/fusions/{fusion}/download")["url"]
    exported = user.get("/api/v1/auth/me:export")
    assert exported["user"]["email"] == user.email
    user.post("/api/v1/auth/me:delete", password=PASSWORD)
    until(lambda: httpx.get(url).status_code == 404)
    until(lambda: not user.get("/api/v1/library")["cards"])
    until(lambda: set(orphans(operator).values()) == {0})
    assert user.refused("POST", "/api/v1/auth/login", {"email": user.email, "password": PASSWORD})[0] == 401


def test_the_read_model_can_be_rebuilt(user: Rest, operator: Rest, tmp_path: Path) -> None:
    track, _ = fused(user, tmp_path)
    before = user.get(f"/api/v1/library/{track}")
    jobs = {job["jobId"]: job["status"] for job in user.get("/api/v1/jobs")["jobs"]}
    operator.post("/api/v1/admin/read-model:rebuild")

    def same() -> bool:
        answer = user.call("GET", f"/api/v1/library/{track}")
        listed = {job["jobId"]: job["status"] for job in user.get("/api/v1/jobs")["jobs"]}
        return answer.status_code == 200 and answer.json() == before and listed == jobs

    until(same)
