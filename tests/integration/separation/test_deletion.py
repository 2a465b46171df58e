"""A user goes while a track is being taken apart: nothing stays, and the worker goes on with the next one."""

from puremusic.separation.v1 import separation_pb2 as pb

from tests import songs
from tests.integration.separation.running import Separation, silence, wait_until_gone


def test_deletion_stops_the_work_and_leaves_no_orphans(working: Separation) -> None:
    user, next_user = working.user(), working.user()
    song = songs.compose(seconds=20)
    user.ended(user.separate(user.track(silence(), 22_050)).separation_id)
    busy = user.separate(user.track(song.mix, song.sample_rate))
    waiting = user.separate(user.track(silence(), 22_050))
    user.begun(busy.separation_id)

    user.tell_deleted()
    wait_until_gone(working, user)
    after = next_user.separate(next_user.track(silence(), 22_050))

    assert next_user.ended(after.separation_id).status == pb.SEPARATION_STATUS_COMPLETED
    assert not working.objects(f"separation/{user.user_id}/")
    assert not working.orphans()
    for separation_id in (busy.separation_id, waiting.separation_id):
        assert working.facts(separation_id)[-1][0] == "deleted"
    late = pb.CreateSeparationRequest(track_id=user.track(silence(), 22_050))
    assert user.reason("CreateSeparation", late) == ("NOT_FOUND", "TRACK_NOT_FOUND")
