import pytest
from puremusic.auth.v1 import auth_pb2
from puremusic.fusion.v1 import fusion_pb2
from puremusic.gateway.v1 import gateway_pb2
from puremusic.ingest.v1 import ingest_pb2
from puremusic.separation.v1 import separation_pb2

from cli.client import methods
from cli.client.contract import RestCall, method, rest_call

TRACKS = ingest_pb2.DESCRIPTOR.services_by_name["TracksService"]


def test_path_variables_are_not_repeated_in_the_query() -> None:
    request = separation_pb2.GetStemDownloadUrlRequest(stem_id="s1", format=separation_pb2.AUDIO_FORMAT_MP3)
    assert rest_call(methods.GET_STEM_DOWNLOAD, request) == RestCall(
        "GET", "/api/v1/stems/s1/download", (("format", "AUDIO_FORMAT_MP3"),), None
    )


def test_a_list_is_a_repeated_query_parameter_by_its_json_name() -> None:
    request = gateway_pb2.WatchJobsRequest(job_ids=["a", "b"])
    assert rest_call(methods.WATCH_JOBS, request).query == (("jobIds", "a"), ("jobIds", "b"))


def test_truth_values_are_lower_case() -> None:
    request = fusion_pb2.GetDownloadUrlRequest(fusion_id="f", inline=True)
    assert rest_call(methods.GET_FUSION_DOWNLOAD, request).query == (("inline", "true"),)


def test_a_body_holds_what_the_path_does_not() -> None:
    call = rest_call(methods.CANCEL_JOB, gateway_pb2.CancelJobRequest(job_id="j"))
    assert call == RestCall("POST", "/api/v1/jobs/j:cancel", (), {})


def test_a_field_that_is_false_on_purpose_is_said() -> None:
    request = ingest_pb2.CreateTrackRequest(filename="a", size_bytes=7, process=False)
    assert rest_call(methods.CREATE_TRACK, request).body == {"filename": "a", "sizeBytes": "7", "process": False}


def test_one_field_can_be_the_body() -> None:
    update = method(TRACKS, "UpdateTrack", ingest_pb2.UpdateTrackRequest, ingest_pb2.Track)
    request = ingest_pb2.UpdateTrackRequest(track=ingest_pb2.Track(track_id="t", title="New"))
    request.update_mask.paths.append("title")
    call = rest_call(update, request)
    assert call == RestCall("PATCH", "/api/v1/tracks/t", (("updateMask", "title"),), {"title": "New"})


def test_an_id_cannot_lead_anywhere_else() -> None:
    call = rest_call(methods.GET_TRACK, ingest_pb2.GetTrackRequest(track_id="../admin?x=1"))
    assert call.path == "/api/v1/tracks/..%2Fadmin%3Fx%3D1"


def test_an_empty_id_is_refused_before_it_becomes_another_address() -> None:
    with pytest.raises(ValueError, match="track_id is empty"):
        rest_call(methods.GET_TRACK, ingest_pb2.GetTrackRequest())


def test_a_method_of_other_messages_is_refused() -> None:
    with pytest.raises(TypeError, match="other messages"):
        method(TRACKS, "GetTrack", auth_pb2.GetMeRequest, ingest_pb2.Track)


def test_what_needs_no_token_and_what_must_not_be_sent_twice() -> None:
    assert methods.LOGIN.public
    assert not methods.GET_ME.public
    assert not methods.REFRESH.repeatable
    assert methods.CREATE_TRACK.repeatable
    assert methods.WATCH_JOBS.streams
