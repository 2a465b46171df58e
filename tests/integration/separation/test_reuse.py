"""The same audio, asked for twice: by the real workers it is computed once, and heard by everybody who may."""

import uuid

import numpy as np
import pytest
from puremusic.separation.v1 import separation_pb2 as pb

from deploy.local.ports import LOOPBACK, assign
from deploy.local.waiting import answers_ok, until
from tests import songs
from tests.integration.separation.running import READY_SECONDS, Pcm, Separation, User, wait_until_gone

SHARED = {"PUREMUSIC_SEPARATION_SHARE_ACROSS_USERS": "true"}


@pytest.fixture(scope="module")
def song() -> tuple[Pcm, int]:
    """A few seconds of music: one window."""
    composed = songs.compose(seconds=4)
    return composed.mix, composed.sample_rate


@pytest.fixture(scope="module")
def two_workers(light: Separation) -> Separation:
    """Two workers that share what they compute among users."""
    (port,) = assign(("another.http",), {}, {}).values()
    listen = {"PUREMUSIC_HTTP_LISTEN": f"{LOOPBACK}:{port}"}
    another = light.supervisor.start(light.command("work", "another", **SHARED, **listen))
    light.start("work", "one", **SHARED)
    another.wait_ready(lambda: answers_ok(LOOPBACK, port, "/ready"), READY_SECONDS)
    return light


def keys(separation: pb.Separation) -> list[str]:
    """Where its stems and its residual are."""
    return [stem.object_key for stem in (*separation.stems, separation.residual)]


def gone(separation: Separation, user: User) -> bool:
    """Whether a user's separations are."""
    return not separation.query("SELECT 1 FROM separation WHERE owner_id = %s", user.user_id)


def test_what_is_asked_for_twice_at_once_is_computed_once(two_workers: Separation, song: tuple[Pcm, int]) -> None:
    user, content_hash = two_workers.user(), uuid.uuid4().hex
    tracks = [user.track(*song, content_hash=content_hash) for _ in range(2)]

    asked = [user.separate(track_id) for track_id in tracks]
    done = [user.ended(made.separation_id) for made in asked]

    assert [made.status for made in done] == [pb.SEPARATION_STATUS_COMPLETED] * 2
    first, second = sorted(done, key=lambda made: made.reused)
    assert (first.reused, second.reused) == (False, True)
    assert first.work.engine_seconds > 0 == second.work.engine_seconds
    assert keys(first) == keys(second)
    assert first.null_test == second.null_test
    assert first.null_test.exact
    assert not {stem.stem_id for stem in first.stems} & {stem.stem_id for stem in second.stems}
    assert {stem.track_id for stem in second.stems} == {second.track_id}
    assert two_workers.objects(f"separation/{user.user_id}/{second.separation_id}/") == []


def test_another_user_gets_the_same_stems_and_keeps_them(two_workers: Separation, song: tuple[Pcm, int]) -> None:
    owner, other, content_hash = two_workers.user(), two_workers.user(), uuid.uuid4().hex
    first = owner.ended(owner.separate(owner.track(*song, content_hash=content_hash)).separation_id)
    second = other.ended(other.separate(other.track(*song, "Theirs", content_hash=content_hash)).separation_id)
    assert (second.reused, keys(second)) == (True, keys(first))

    owner.tell_deleted()
    assert until(lambda: gone(two_workers, owner), 30)

    archive = pb.GetArchiveDownloadUrlRequest(separation_id=second.separation_id, format=pb.AUDIO_FORMAT_WAV)
    assert other.call("GetArchiveDownloadUrl", archive).filename == "Theirs - stems.zip"
    mp3 = pb.GetStemDownloadUrlRequest(stem_id=second.stems[0].stem_id, format=pb.AUDIO_FORMAT_MP3)
    assert other.call("GetStemDownloadUrl", mp3).filename == "Theirs - drums.mp3"
    assert set(keys(second)) <= set(two_workers.objects(f"separation/{owner.user_id}/"))
    other.tell_deleted()
    for user in (owner, other):
        wait_until_gone(two_workers, user)
    assert not two_workers.orphans()


def test_when_the_one_that_computes_is_cancelled_the_next_computes(
    two_workers: Separation, song: tuple[Pcm, int]
) -> None:
    user, content_hash = two_workers.user(), uuid.uuid4().hex
    pcm, rate = song
    tracks = [user.track(np.tile(pcm, (30, 1)), rate, content_hash=content_hash) for _ in range(2)]
    first = user.separate(tracks[0], pb.STEM_TYPE_BASS)
    user.begun(first.separation_id)
    second = user.separate(tracks[1], pb.STEM_TYPE_BASS)
    waits = "SELECT 1 FROM separation JOIN job ON job_id = separation_id WHERE separation_id = %s AND recipe <> ''"
    assert until(lambda: two_workers.query(waits + " AND state = 'pending'", second.separation_id) != [], 30)

    user.call("CancelSeparation", pb.CancelSeparationRequest(separation_id=first.separation_id))
    assert user.ended(first.separation_id).status == pb.SEPARATION_STATUS_CANCELLED
    assert user.begun(second.separation_id).status == pb.SEPARATION_STATUS_SEPARATING
    user.call("CancelSeparation", pb.CancelSeparationRequest(separation_id=second.separation_id))
