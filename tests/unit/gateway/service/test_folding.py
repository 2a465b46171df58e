"""From a service's own words to the job and the card that a client sees."""

import pytest
from puremusic.fusion.v1 import fusion_pb2
from puremusic.gateway.v1 import gateway_pb2
from puremusic.ingest.v1 import ingest_pb2
from puremusic.job.v1 import job_pb2
from puremusic.mir.v1 import mir_pb2
from puremusic.separation.v1 import separation_pb2

from services.gateway import folding

FAILURE = job_pb2.Failure(reason="NOT_AUDIO", message="This is no audio.")


@pytest.mark.parametrize("status", [value.number for value in ingest_pb2.TrackStatus.DESCRIPTOR.values[1:]])
def test_every_track_status_is_known(status: ingest_pb2.TrackStatus.ValueType) -> None:
    job = folding.job_of_track(ingest_pb2.Track(track_id="t", status=status))
    assert (job is None) == (status == ingest_pb2.TRACK_STATUS_AWAITING_UPLOAD)
    assert folding.TRACK_STATUS_NAMES[status]


@pytest.mark.parametrize("status", [value.number for value in separation_pb2.SeparationStatus.DESCRIPTOR.values[1:]])
def test_every_separation_status_is_known(status: separation_pb2.SeparationStatus.ValueType) -> None:
    assert folding.job_of_separation(separation_pb2.Separation(status=status)).state in folding.STATE_NAMES


@pytest.mark.parametrize("status", [value.number for value in mir_pb2.AnalysisStatus.DESCRIPTOR.values[1:]])
def test_every_analysis_status_is_known(status: mir_pb2.AnalysisStatus.ValueType) -> None:
    assert folding.job_of_analysis(mir_pb2.Analysis(status=status)).state in folding.STATE_NAMES


@pytest.mark.parametrize("status", [value.number for value in fusion_pb2.FusionStatus.DESCRIPTOR.values[1:]])
def test_every_fusion_status_is_known(status: fusion_pb2.FusionStatus.ValueType) -> None:
    assert folding.job_of_fusion(fusion_pb2.Fusion(status=status)).state in folding.STATE_NAMES


def test_every_stem_type_but_the_residual_has_a_name() -> None:
    types = {value.number for value in separation_pb2.StemType.DESCRIPTOR.values[1:]}
    assert set(folding.STEM_NAMES) == types - {separation_pb2.STEM_TYPE_RESIDUAL}


def test_every_card_status_has_a_name() -> None:
    assert set(folding.CARD_STATUS_NAMES) == {value.number for value in gateway_pb2.CardStatus.DESCRIPTOR.values[1:]}


def test_only_three_states_are_final() -> None:
    assert {folding.STATE_NAMES[state] for state in folding.ENDED} == {"completed", "failed", "cancelled"}


def test_a_refused_track_keeps_no_bytes() -> None:
    work = job_pb2.Work(bytes_written=50)
    kept = ingest_pb2.Track(status=ingest_pb2.TRACK_STATUS_UPLOADED, size_bytes=100, work=work)
    refused = ingest_pb2.Track(status=ingest_pb2.TRACK_STATUS_FAILED, size_bytes=100, work=work)
    assert (folding.bytes_of_track(kept), folding.bytes_of_track(refused)) == (150, 0)


def test_a_card_says_why_it_failed_and_nothing_of_failures_that_were_made_good() -> None:
    track = ingest_pb2.Track(track_id="t")
    failed = separation_pb2.Separation(separation_id="s", work=job_pb2.Work(failure=FAILURE))
    done = separation_pb2.Separation(stems=[separation_pb2.Stem(stem_id="v", type=separation_pb2.STEM_TYPE_VOCALS)])
    assert folding.to_card("failed", track, failed, None, None).failure == FAILURE
    mended = folding.to_card("separated", track, failed, done, None)
    assert not mended.HasField("failure")
    assert [(stem.stem_id, stem.type) for stem in mended.stems] == [("v", "vocals")]


def test_a_residual_is_none_of_a_cards_stems_but_takes_room() -> None:
    guitar = separation_pb2.Stem(stem_id="g", type=separation_pb2.STEM_TYPE_GUITAR, size_bytes=30)
    residual = separation_pb2.Stem(stem_id="r", type=separation_pb2.STEM_TYPE_RESIDUAL, size_bytes=12)
    done = separation_pb2.Separation(stems=[guitar], residual=residual)
    stems = folding.to_card("separated", ingest_pb2.Track(), done, done, None).stems
    assert [(stem.stem_id, stem.type) for stem in stems] == [("g", "guitar")]
    assert folding.bytes_of_separation(done) == 42


def test_a_card_and_a_job_say_how_far_the_newest_separation_is_playable() -> None:
    newest = separation_pb2.Separation(status=separation_pb2.SEPARATION_STATUS_SEPARATING, playable_seconds=5.85)
    done = separation_pb2.Separation(playable_seconds=60)
    assert folding.to_card("separating", ingest_pb2.Track(), newest, done, None).playable_seconds == 5.85
    assert folding.job_of_separation(newest).playable_seconds == 5.85


def test_a_card_of_a_refused_track_says_why() -> None:
    track = ingest_pb2.Track(track_id="t", work=job_pb2.Work(failure=FAILURE))
    assert folding.to_card("failed", track, None, None, None).failure == FAILURE


def test_what_could_not_be_heard_is_absent_from_the_card() -> None:
    card = folding.to_card("uploaded", ingest_pb2.Track(), None, None, mir_pb2.Analysis())
    assert not card.HasField("tempo_bpm")
    assert (card.key, card.camelot) == ("", "")
