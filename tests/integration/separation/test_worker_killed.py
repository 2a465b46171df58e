"""A worker dies in the middle of a job: another one completes it, once."""

from collections import Counter

from puremusic.separation.v1 import separation_pb2 as pb

from tests import songs
from tests.integration.separation.running import Separation


def test_a_killed_workers_job_is_completed_by_another_once(separation: Separation) -> None:
    user = separation.user()
    song = songs.compose(seconds=11)
    first = separation.start("work", "first")
    made = user.separate(user.track(song.mix, song.sample_rate))
    user.begun(made.separation_id)

    first.kill()
    separation.start("work", "second")
    done = user.ended(made.separation_id)

    assert done.status == pb.SEPARATION_STATUS_COMPLETED
    assert done.work.attempts == 2
    assert {stem.frames for stem in done.stems} == {len(song.mix)}
    keys = sorted(stem.object_key for stem in done.stems)
    assert len(keys) == 4
    assert keys == separation.objects(f"separation/{user.user_id}/{made.separation_id}/")
    assert separation.query("SELECT count(*) FROM stem WHERE separation_id = %s", made.separation_id) == [(4,)]
    verbs = Counter(verb for verb, _ in separation.facts(made.separation_id))
    assert verbs == {"pending": 1, "separating": 2, "completed": 1}
    assert not separation.orphans()


def test_a_worker_that_leaves_hands_its_job_back(separation: Separation) -> None:
    user = separation.user()
    song = songs.compose(seconds=11)
    made = user.separate(user.track(song.mix, song.sample_rate), pb.STEM_TYPE_BASS)
    user.begun(made.separation_id)

    separation.supervisor.process("separation-second").stop()
    handed_back = user.get(made.separation_id)
    separation.start("work", "third")
    done = user.ended(made.separation_id)

    assert handed_back.status == pb.SEPARATION_STATUS_PENDING
    assert done.status == pb.SEPARATION_STATUS_COMPLETED
    assert done.work.attempts == 2
    (limit,) = separation.query("SELECT max_attempts FROM job WHERE job_id = %s", made.separation_id)
    assert limit == (5,), "a hand-over is no failure: it must not use up an attempt"
