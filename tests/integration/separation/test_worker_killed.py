"""A worker dies in the middle of a job: another one goes on where it was, and completes it, once."""

from collections import Counter

import numpy as np
import pytest
from puremusic.separation.v1 import separation_pb2 as pb

from tests.integration.separation.running import Pcm, Separation, User

RATE = 44_100
SONG_SECONDS = 30
STEMS = (pb.STEM_TYPE_BASS, pb.STEM_TYPE_PIANO)
EAGER = {"PUREMUSIC_SEPARATION_SEGMENT_SECONDS": "0"}


@pytest.fixture(scope="module")
def song() -> Pcm:
    """Six windows of noise."""
    noise: Pcm = np.random.default_rng(9).uniform(-0.9, 0.9, (SONG_SECONDS * RATE, 2)).astype(np.float32)
    return noise


def playable(user: User, separation_id: str) -> pb.Separation:
    """The separation once some of it can be heard."""
    return next(present for present in user.watch(separation_id) if present.playable_seconds > 0)


def share_done(light: Separation, separation_id: str) -> float:
    """The share of the song that is in segments."""
    ((end,),) = light.query("SELECT max(first_frame + frames) FROM segment WHERE separation_id = %s", separation_id)
    share: float = end / (SONG_SECONDS * RATE)
    return share


def first_progress(seen: list[pb.Separation], attempt: int) -> float:
    """The progress at which an attempt began to separate."""
    works = [present.work for present in seen]
    return min(work.progress for work in works if work.attempts == attempt and work.stage == "separating")


def test_a_killed_workers_job_goes_on_where_it_was_and_completes_once(light: Separation, song: Pcm) -> None:
    user, other = light.user(), light.user()
    first = light.start("work", "first", **EAGER)
    made = user.separate(user.track(song, RATE), *STEMS)
    playable(user, made.separation_id)
    first.kill()
    checkpoint = share_done(light, made.separation_id)

    light.start("work", "second", **EAGER)
    seen = list(user.watch(made.separation_id))
    done = seen[-1]
    unbroken = other.ended(other.separate(other.track(song, RATE), *STEMS).separation_id)

    assert done.status == pb.SEPARATION_STATUS_COMPLETED
    assert done.work.attempts == 2
    assert 0 < checkpoint < 1
    assert first_progress(seen, 2) >= 0.9 * checkpoint
    assert [stem.sha256 for stem in done.stems] == [stem.sha256 for stem in unbroken.stems]
    assert done.residual.sha256 == unbroken.residual.sha256
    assert (unbroken.work.attempts, unbroken.reused) == (1, False)

    finals = [done.residual.object_key, *(stem.object_key for stem in done.stems)]
    stored = light.objects(f"separation/{user.user_id}/{made.separation_id}/")
    assert sorted(finals) == [key for key in stored if "/segments/" not in key]
    assert light.query("SELECT count(*) FROM stem WHERE separation_id = %s", made.separation_id) == [(3,)]
    verbs = Counter(verb for verb, _ in light.facts(made.separation_id))
    assert (verbs["pending"], verbs["completed"], verbs["failed"]) == (1, 1, 0)
    assert all("/segments/" in key for key in light.orphans())


def test_a_worker_that_leaves_hands_its_job_back(light: Separation, song: Pcm) -> None:
    user = light.user()
    made = user.separate(user.track(song, RATE), *STEMS)
    playable(user, made.separation_id)

    light.supervisor.process("separation-second").stop()
    handed_back, checkpoint = user.get(made.separation_id), share_done(light, made.separation_id)
    light.start("work", "third", **EAGER)
    seen = list(user.watch(made.separation_id))

    assert handed_back.status == pb.SEPARATION_STATUS_PENDING
    assert handed_back.playable_seconds == pytest.approx(checkpoint * SONG_SECONDS)
    assert seen[-1].status == pb.SEPARATION_STATUS_COMPLETED
    assert seen[-1].work.attempts == 2
    assert first_progress(seen, 2) >= 0.9 * checkpoint
    (limit,) = light.query("SELECT max_attempts FROM job WHERE job_id = %s", made.separation_id)
    assert limit == (5,), "a hand-over is no failure: it must not use up an attempt"
