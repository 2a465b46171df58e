"""A whole song, as people bring it: minutes long, compressed, at a rate of its own."""

import httpx
import pytest
import soundfile

from deploy.local.stack import Mesh
from tests.e2e.rest import new_user
from tests.servers import real_music


@pytest.mark.slow
def test_a_whole_mp3_goes_through(mesh: Mesh, tmp_path_factory: pytest.TempPathFactory) -> None:
    rest = new_user(mesh.url)
    track = rest.upload(real_music.asc_music_mp3())["trackId"]
    jobs = rest.settle(jobs=3, seconds=1800)
    assert {job["state"] for job in jobs.values()} == {"JOB_STATE_COMPLETED"}, jobs
    audio = rest.get(f"/api/v1/tracks/{track}")["audio"]
    (separation,) = rest.get("/api/v1/separations")["separations"]
    assert separation["nullTest"]["exact"] is True
    path = tmp_path_factory.mktemp("stems") / "stem.flac"
    for stem in rest.get(f"/api/v1/tracks/{track}/stems")["stems"]:
        url = rest.get(f"/api/v1/stems/{stem['stemId']}/download")["url"]
        path.write_bytes(httpx.get(url, timeout=60).content)
        found = soundfile.info(path)
        assert (found.frames, found.samplerate) == (int(audio["frames"]), audio["sampleRate"])
