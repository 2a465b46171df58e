"""What mir makes of other services' facts: analyses by themselves, whatever the order in which it hears."""

import uuid

from puremusic.mir.v1 import mir_pb2

from deploy.local.waiting import until
from tests.integration.mir.running import Mir, User

SECONDS = 30


def new_id() -> str:
    """The id of something new."""
    return str(uuid.uuid4())


def heard(mir: Mir, user: User) -> None:
    """Wait until everything said so far was heard: facts are applied one after the other."""
    last = user.track()
    mir.service.tell_track("uploaded", last, 3)
    assert until(lambda: bool(user.present(last)), SECONDS)


def test_an_uploaded_track_is_analysed_by_itself(mir: Mir, ada: User) -> None:
    track = ada.track()
    mir.service.tell_track("uploaded", track, 3)
    heard(mir, ada)

    analysis = ada.present(track)[track.track_id]
    assert analysis.status == mir_pb2.ANALYSIS_STATUS_PENDING
    assert (analysis.user_id, analysis.version) == (ada.user_id, 1)
    assert mir.service.verbs("analysis", analysis.analysis_id) == ["pending"]


def test_a_track_that_declines_is_left_alone(mir: Mir, ada: User) -> None:
    track = ada.track(process=False)
    mir.service.tell_track("uploaded", track, 3)
    heard(mir, ada)

    assert not ada.present(track)
    assert ada.analyse(track).status == mir_pb2.ANALYSIS_STATUS_PENDING


def test_facts_that_come_again_change_nothing(mir: Mir, ada: User) -> None:
    track = ada.track()
    for version in (3, 3, 2):
        mir.service.tell_track("uploaded", track, version)
    heard(mir, ada)
    before = ada.present(track)[track.track_id]
    ada.cancel(track)
    mir.service.tell_track("uploaded", track, 4)
    heard(mir, ada)

    after = ada.present(track)[track.track_id]
    assert after.analysis_id == before.analysis_id
    assert after.status == mir_pb2.ANALYSIS_STATUS_CANCELLED
    assert mir.service.verbs("analysis", before.analysis_id) == ["pending", "cancelled"]


def test_a_fact_is_not_lost_to_the_limit_of_jobs(mir: Mir, ada: User) -> None:
    tracks = [ada.track() for _ in range(5)]
    for track in tracks:
        mir.service.tell_track("uploaded", track, 3)
    heard(mir, ada)

    assert len(ada.present(*tracks)) == 5


def test_a_deleted_track_is_forgotten_for_good(mir: Mir, ada: User) -> None:
    track = ada.track()
    analysis = ada.analyse(track)
    mir.service.tell_track("deleted", track, 5)
    heard(mir, ada)
    mir.service.tell_track("uploaded", track, 6)
    heard(mir, ada)

    assert not ada.present(track)
    assert mir.service.verbs("analysis", analysis.analysis_id) == ["pending", "deleted"]
    assert mir.changes(analysis.analysis_id)[-1][1].deleted
    assert not mir.service.query("SELECT FROM job WHERE job_id = %s", analysis.analysis_id)
    # Ingest may still say that the track is there: its own deletion and our hearing of it race.
    again = mir_pb2.CreateAnalysisRequest(track_id=track.track_id)
    assert ada.reason("CreateAnalysis", again) == ("NOT_FOUND", "TRACK_NOT_FOUND")


def test_a_track_deleted_before_it_was_uploaded_stays_deleted(mir: Mir, ada: User) -> None:
    track = ada.track()
    mir.service.tell_track("deleted", track, 5)
    mir.service.tell_track("uploaded", track, 3)
    heard(mir, ada)

    assert not ada.present(track)


def test_stems_that_come_before_the_track_was_heard_ask_for_nothing_more(mir: Mir, ada: User) -> None:
    track = ada.track()
    analysis = ada.analyse(track)
    ada.separated(track, {"drums": None}, new_id())
    heard(mir, ada)

    assert mir.service.verbs("analysis", analysis.analysis_id) == ["pending"]


def test_stems_have_no_track_heard_that_nobody_wants_heard(mir: Mir, ada: User) -> None:
    cancelled, unasked = ada.track(), ada.track(process=False)
    analysis = ada.analyse(cancelled)
    ada.cancel(cancelled)
    for track in (cancelled, unasked):
        ada.separated(track, {"drums": None}, new_id())
    heard(mir, ada)

    assert ada.present(cancelled, unasked)[cancelled.track_id].analysis_id == analysis.analysis_id
    assert not ada.present(unasked)


def test_what_a_person_said_and_stems_go_with_the_track(mir: Mir, ada: User) -> None:
    track = ada.track()
    ada.analyse(track)
    ada.correct(track, tempo={"bpm": 90})
    ada.separated(track, {"drums": None}, new_id())
    mir.service.tell_track("deleted", track, 5)
    ada.separated(track, {"bass": None}, new_id())
    heard(mir, ada)

    for table in ("correction", "track_stems"):
        assert not mir.service.query(f"SELECT FROM {table} WHERE track_id = %s", track.track_id)


def test_nothing_of_a_deleted_user_stays(mir: Mir, ada: User, bob: User) -> None:
    hers, his = [ada.track(), ada.track()], bob.track()
    analysis = ada.analyse(hers[0], idempotency_key="k")
    mir.service.tell_track("uploaded", hers[1], 3)
    heard(mir, ada)
    bob.analyse(his)
    ada.correct(hers[0], tempo={"bpm": 90})
    ada.separated(hers[1], {"drums": None}, new_id())

    mir.service.tell_user_deleted(ada.user_id)
    heard(mir, bob)

    assert not ada.present(*hers)
    for table in ("analysis", "job", "idempotency_key", "correction", "track_stems"):
        assert not mir.service.query(f"SELECT FROM {table} WHERE owner_id = %s", ada.user_id)
    assert mir.service.verbs("analysis", analysis.analysis_id) == ["pending", "pending", "deleted"]
    late = mir_pb2.CreateAnalysisRequest(track_id=ada.track().track_id)
    assert ada.reason("CreateAnalysis", late) == ("NOT_FOUND", "TRACK_NOT_FOUND")
    assert bob.present(his)


def test_everything_can_be_told_again(mir: Mir, ada: User) -> None:
    analysis = ada.analyse(ada.track())
    told = mir.service.republish()
    assert told == mir.service.query("SELECT count(*) FROM analysis")[0][0]
    first, again = mir.changes(analysis.analysis_id)
    assert first[0] == again[0] == "pending"
    assert first[1].meta.version == again[1].meta.version, "nothing has changed"
    assert first[1].meta.event_id != again[1].meta.event_id
