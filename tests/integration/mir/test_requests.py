"""What callers may ask of mir, and what they hear when they may not. No worker runs: what is asked for stays pending."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from puremusic.ingest.v1 import ingest_pb2
from puremusic.mir.v1 import mir_pb2 as pb

from tests.integration.mir.running import JOBS_PER_USER, Mir, User, correction, silence


def test_one_under_way_is_kept_and_one_that_ended_is_replaced(mir: Mir, ada: User) -> None:
    track = ada.track()
    first, again = ada.analyse(track), ada.analyse(track)
    assert first.analysis_id == again.analysis_id

    assert ada.cancel(track).status == pb.ANALYSIS_STATUS_CANCELLED
    second = ada.analyse(track)

    assert second.analysis_id != first.analysis_id
    assert second.status == pb.ANALYSIS_STATUS_PENDING
    assert mir.service.verbs("analysis", first.analysis_id) == ["pending", "cancelled", "deleted"]
    assert list(ada.present(track).values()) == [second]


def test_two_requests_at_once_make_one_analysis(mir: Mir, ada: User) -> None:
    for _ in range(JOBS_PER_USER):
        track, together = ada.track(), threading.Barrier(4)

        def ask(track: ingest_pb2.Track = track, together: threading.Barrier = together) -> str:
            together.wait()
            return ada.analyse(track).analysis_id

        with ThreadPoolExecutor(4) as pool:
            made = {future.result() for future in [pool.submit(ask) for _ in range(4)]}
        assert len(made) == 1
        ada.cancel(track)


def test_an_idempotency_key_belongs_to_one_request(ada: User) -> None:
    track = ada.track()
    first = ada.analyse(track, idempotency_key="k")
    ada.cancel(track)

    assert ada.analyse(track, idempotency_key="k").analysis_id == first.analysis_id
    other = pb.CreateAnalysisRequest(track_id=ada.track().track_id, idempotency_key="k")
    assert ada.reason("CreateAnalysis", other) == ("ABORTED", "IDEMPOTENCY_CONFLICT")


def test_unfinished_jobs_are_limited(ada: User, bob: User) -> None:
    tracks = [ada.track() for _ in range(JOBS_PER_USER)]
    for track in tracks:
        ada.analyse(track)
    more = pb.CreateAnalysisRequest(track_id=ada.track().track_id)

    assert ada.reason("CreateAnalysis", more) == ("RESOURCE_EXHAUSTED", "TOO_MANY_JOBS")
    bob.analyse(bob.track())
    ada.cancel(tracks[0])
    ada.call("CreateAnalysis", more)


def test_a_track_must_be_ready_and_the_callers_own(ada: User, bob: User) -> None:
    checking = ada.track()
    checking.status = ingest_pb2.TRACK_STATUS_CHECKING
    create = pb.CreateAnalysisRequest

    for user, request, code, reason in (
        (ada, create(track_id=checking.track_id), "FAILED_PRECONDITION", "TRACK_NOT_READY"),
        (ada, create(track_id="nothing"), "NOT_FOUND", "TRACK_NOT_FOUND"),
        (bob, create(track_id=ada.track().track_id), "NOT_FOUND", "TRACK_NOT_FOUND"),
        (ada, create(), "INVALID_ARGUMENT", "FIELD_REQUIRED"),
        (ada, create(track_id="x", idempotency_key="k" * 101), "NOT_FOUND", "TRACK_NOT_FOUND"),
    ):
        assert user.reason("CreateAnalysis", request) == (code, reason)


def test_nobody_sees_what_is_not_theirs(ada: User, bob: User) -> None:
    track, own = ada.track(), bob.track()
    ada.analyse(track)
    bob.analyse(own)

    for method, request in (
        ("GetAnalysis", pb.GetAnalysisRequest(track_id=track.track_id)),
        ("CancelAnalysis", pb.CancelAnalysisRequest(track_id=track.track_id)),
        ("UpdateAnalysis", correction(track, tempo={"bpm": 90})),
        ("ListAnalysisFiles", pb.ListAnalysisFilesRequest(track_id=track.track_id)),
    ):
        assert bob.reason(method, request) == ("NOT_FOUND", "ANALYSIS_NOT_FOUND")
    assert set(bob.present(track, own)) == {own.track_id}
    with pytest.raises(Exception, match="no analysis, or it is not yours"):
        next(bob.watch(track))


def test_what_is_said_is_kept_before_anything_was_heard(mir: Mir, ada: User) -> None:
    track = ada.track()
    analysis = ada.analyse(track)
    said = ada.correct(track, tempo={"bpm": 96.5}, key={"tonic": 9, "mode": pb.MODE_MINOR})

    assert said.corrections.tempo.bpm == 96.5
    assert said.version == analysis.version + 1
    assert ada.correct(track, tempo={"bpm": 96.5}) == said, "saying it again changes nothing"
    cleared = ada.correct(track, "tempo", "downbeat_seconds", key={"tonic": 1, "mode": pb.MODE_MAJOR})
    assert cleared.corrections == pb.Corrections(key=pb.KeyCorrection(tonic=9, mode=pb.MODE_MINOR))
    assert not ada.correct(track, "key").HasField("corrections")
    told = [fact.analysis.corrections.key.tonic for _, fact in mir.changes(analysis.analysis_id)]
    assert told == [0, 9, 9, 0]


@pytest.mark.parametrize(
    ("fields", "said", "code", "reason"),
    [
        (("tempo",), {"tempo": {"bpm": 1000}}, "INVALID_ARGUMENT", "TEMPO_OUT_OF_RANGE"),
        (("tempo",), {"tempo": {"factor": 5}}, "INVALID_ARGUMENT", "TEMPO_FACTOR_INVALID"),
        (("tempo",), {"tempo": {"factor": 2}}, "FAILED_PRECONDITION", "TEMPO_NOT_HEARD"),
        (("downbeat_seconds",), {"downbeat_seconds": 1.5}, "INVALID_ARGUMENT", "DOWNBEAT_OUT_OF_RANGE"),
        (("key",), {"key": {"tonic": 12, "mode": pb.MODE_MAJOR}}, "INVALID_ARGUMENT", "KEY_INVALID"),
        (("key",), {"key": {"tonic": 1}}, "INVALID_ARGUMENT", "FIELD_REQUIRED"),
        (("time_signature",), {"time_signature": {"numerator": 4}}, "INVALID_ARGUMENT", "TIME_SIGNATURE_INVALID"),
        (("loudness",), {}, "INVALID_ARGUMENT", "UPDATE_MASK_INVALID"),
        ((), {}, "INVALID_ARGUMENT", "UPDATE_MASK_INVALID"),
    ],
)
def test_what_can_t_be_right_is_refused(
    ada: User, fields: tuple[str, ...], said: dict[str, object], code: str, reason: str
) -> None:
    track = ada.track(silence())
    ada.analyse(track)
    ada.cancel(track)
    assert ada.reason("UpdateAnalysis", correction(track, *fields, **said)) == (code, reason)


def test_batches_have_a_limit(ada: User) -> None:
    many = pb.BatchGetAnalysesRequest(track_ids=[str(number) for number in range(101)])
    assert ada.reason("BatchGetAnalyses", many) == ("INVALID_ARGUMENT", "BATCH_TOO_LARGE")
    assert ada.reason("BatchGetAnalyses", pb.BatchGetAnalysesRequest())[1] == "FIELD_REQUIRED"


def test_a_watch_sends_what_is_and_ends_with_the_job(ada: User) -> None:
    track = ada.track()
    analysis = ada.analyse(track)
    watching = ada.watch(track)

    assert next(watching) == analysis
    cancelled = ada.cancel(track)
    assert [change.status for change in watching] == [pb.ANALYSIS_STATUS_CANCELLED]
    assert ada.cancel(track) == cancelled, "what has ended stays as it is"
    assert list(ada.watch(track)) == [cancelled]
