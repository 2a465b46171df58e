"""A track is taken apart: from the request to stems in the store, over the real servers, by the real worker."""

import hashlib
import io

import numpy as np
import soundfile
from numpy.typing import NDArray
from puremusic.ingest.v1 import ingest_pb2
from puremusic.separation.v1 import separation_pb2 as pb

from deploy.local.waiting import until
from tests import songs
from tests.integration.separation.running import Pcm, Separation, User, silence
from tests.servers.real_music import MusdbClip


def decoded(content: bytes) -> tuple[Pcm, int]:
    """An audio file's samples."""
    pcm, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    return pcm, rate


def test_real_music_is_taken_apart_and_watched(working: Separation, clip: MusdbClip) -> None:
    user = working.user()
    track_id = user.track(clip.mix, clip.sample_rate, "Falcon 69")

    created = user.separate(track_id)
    seen = list(user.watch(created.separation_id))

    assert created.status == pb.SEPARATION_STATUS_PENDING
    assert seen[-1].status == pb.SEPARATION_STATUS_COMPLETED
    progress = [present.work.progress for present in seen]
    assert progress == sorted(progress)
    assert any(present.work.stage == "separating" and present.work.HasField("eta_seconds") for present in seen)
    done = seen[-1]
    assert done.work.device == "cpu"
    assert 0 < done.work.engine_seconds < 120
    assert done.work.attempts == 1
    assert done.work.bytes_read > 0
    # More, if some of it was published early.
    assert done.work.bytes_written >= sum(stem.size_bytes for stem in (*done.stems, done.residual))
    _check_stems(working, done, clip)
    verbs, versions = zip(*((verb, fact.meta.version) for verb, fact in working.facts(done.separation_id)), strict=True)
    assert tuple(dict.fromkeys(verbs)) == ("pending", "separating", "completed")
    assert list(versions) == sorted(set(versions))


def _check_stems(working: Separation, done: pb.Separation, clip: MusdbClip) -> None:
    """Each stem is what its row says, of the track's own shape, and close to the true one."""
    assert [pb.StemType.Name(stem.type) for stem in done.stems] == [
        f"STEM_TYPE_{name.upper()}" for name in ("drums", "bass", "other", "vocals")
    ]
    least = {"drums": 9.0, "bass": 2.5, "vocals": 4.0, "other": -10.0}
    for stem in done.stems:
        content = working.content(stem.object_key)
        assert hashlib.sha256(content).hexdigest() == stem.sha256
        assert len(content) == stem.size_bytes
        pcm, rate = decoded(content)
        assert (pcm.shape, rate) == (clip.mix.shape, clip.sample_rate)
        assert (stem.frames, stem.channels, stem.sample_rate) == (len(pcm), 2, rate)
        name = pb.StemType.Name(stem.type).removeprefix("STEM_TYPE_").lower()
        truth = clip.stems[name]
        heard = pcm * 10 ** (stem.attenuation_db / 20)
        sdr = 10 * np.log10(np.sum(truth**2) / np.sum((truth - heard) ** 2))
        assert sdr > least[name], name


def _check_sum(working: Separation, done: pb.Separation, master_key: str) -> None:
    """Stems and residual are the master, bit for bit."""
    total = sum(_steps(working, stem.object_key) << stem.scale_bits for stem in (*done.stems, done.residual))
    assert np.array_equal(total, _steps(working, master_key))
    assert done.null_test.exact
    assert done.null_test.depth_db > 20


def _steps(working: Separation, key: str) -> NDArray[np.int32]:
    """A 24-bit file's samples, as integers."""
    stored, _ = soundfile.read(io.BytesIO(working.content(key)), dtype="int32", always_2d=True)
    steps: NDArray[np.int32] = stored >> 8
    return steps


def test_the_same_request_returns_the_same_separation(working: Separation) -> None:
    user = working.user()
    track_id = user.track(silence(), 22_050)
    vocals, bass = pb.STEM_TYPE_VOCALS, pb.STEM_TYPE_BASS

    first = user.separate(track_id, vocals, bass, vocals)
    again = user.separate(track_id, bass, vocals)
    other = user.separate(track_id, vocals)
    done = user.ended(first.separation_id)
    after = user.separate(track_id, vocals, bass)

    assert first.separation_id == again.separation_id == after.separation_id != other.separation_id
    assert [stem.type for stem in done.stems] == [bass, vocals]
    assert (done.stems[0].frames, done.stems[0].channels, done.stems[0].sample_rate) == (22_050, 1, 22_050)
    assert done.stems[0].duration_seconds == 1.0


def test_an_idempotency_key_belongs_to_one_request(working: Separation) -> None:
    user = working.user()
    track_id = user.track(silence(), 22_050)

    first = user.separate(track_id, idempotency_key="k")
    assert user.separate(track_id, idempotency_key="k").separation_id == first.separation_id
    other = pb.CreateSeparationRequest(track_id=track_id, stem_types=[pb.STEM_TYPE_BASS], idempotency_key="k")
    assert user.reason("CreateSeparation", other) == ("ABORTED", "IDEMPOTENCY_CONFLICT")


def test_what_is_wrong_is_named(working: Separation) -> None:
    user = working.user()
    track_id = user.track(silence(), 22_050)
    create = pb.CreateSeparationRequest
    unready = user.track(silence(), 22_050)
    working.ingest.tracks[unready].status = ingest_pb2.TRACK_STATUS_CHECKING

    for request, code, reason in (
        (create(track_id=track_id, model="spleeter"), "INVALID_ARGUMENT", "UNKNOWN_MODEL"),
        (create(track_id=track_id, stem_types=[pb.STEM_TYPE_UNSPECIFIED]), "INVALID_ARGUMENT", "UNKNOWN_STEM"),
        (create(track_id="nothing"), "NOT_FOUND", "TRACK_NOT_FOUND"),
        (create(track_id=unready), "FAILED_PRECONDITION", "TRACK_NOT_READY"),
        (create(), "INVALID_ARGUMENT", "FIELD_REQUIRED"),
    ):
        assert user.reason("CreateSeparation", request) == (code, reason)
    forged = pb.ListSeparationsRequest(page_token="WyJ5ZXN0ZXJkYXkiLCAieCJd")
    assert user.reason("ListSeparations", forged) == ("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID")


def test_nobody_sees_what_is_not_theirs(working: Separation) -> None:
    owner, stranger = working.user(), working.user()
    track_id = owner.track(silence(), 22_050)
    done = owner.ended(owner.separate(track_id).separation_id)
    separation_id = done.separation_id

    for method, request, reason in (
        ("CreateSeparation", pb.CreateSeparationRequest(track_id=track_id), "TRACK_NOT_FOUND"),
        ("GetSeparation", pb.GetSeparationRequest(separation_id=separation_id), "SEPARATION_NOT_FOUND"),
        ("CancelSeparation", pb.CancelSeparationRequest(separation_id=separation_id), "SEPARATION_NOT_FOUND"),
        ("GetArchiveDownloadUrl", pb.GetArchiveDownloadUrlRequest(separation_id=separation_id), "SEPARATION_NOT_FOUND"),
        ("GetStemDownloadUrl", pb.GetStemDownloadUrlRequest(stem_id=done.stems[0].stem_id), "STEM_NOT_FOUND"),
        ("BatchGetStems", pb.BatchGetStemsRequest(stem_ids=[done.stems[0].stem_id]), "STEM_NOT_FOUND"),
        ("ListStems", pb.ListStemsRequest(track_id=track_id), "TRACK_NOT_FOUND"),
    ):
        assert stranger.reason(method, request) == ("NOT_FOUND", reason)
    assert not stranger.call("ListSeparations", pb.ListSeparationsRequest(track_id=track_id)).separations


def test_lists_come_in_pages_newest_first(working: Separation) -> None:
    user = working.user()
    tracks = [user.track(silence(), 22_050) for _ in range(3)]
    made = [user.separate(track_id, pb.STEM_TYPE_BASS).separation_id for track_id in tracks]

    first = user.call("ListSeparations", pb.ListSeparationsRequest(page_size=2))
    second = user.call("ListSeparations", pb.ListSeparationsRequest(page_size=2, page_token=first.next_page_token))
    one = user.call("ListSeparations", pb.ListSeparationsRequest(track_id=tracks[1]))

    assert [each.separation_id for each in (*first.separations, *second.separations)] == made[::-1]
    assert not second.next_page_token
    assert [each.separation_id for each in one.separations] == [made[1]]


def test_stems_of_a_track_are_those_of_its_newest_separation(working: Separation) -> None:
    user = working.user()
    track_id = user.track(silence(), 22_050)
    assert not user.call("ListStems", pb.ListStemsRequest(track_id=track_id)).stems

    user.ended(user.separate(track_id).separation_id)
    newest = user.ended(user.separate(track_id, pb.STEM_TYPE_DRUMS, pb.STEM_TYPE_VOCALS).separation_id)
    listed = user.call("ListStems", pb.ListStemsRequest(track_id=track_id)).stems
    wanted = [stem.stem_id for stem in reversed(newest.stems)]
    fetched = user.call("BatchGetStems", pb.BatchGetStemsRequest(stem_ids=wanted)).stems

    assert list(listed) == list(newest.stems)
    assert [stem.stem_id for stem in fetched] == wanted


def test_a_new_track_is_separated_by_itself_unless_declined(working: Separation) -> None:
    user = working.user()
    wanted = user.track(silence(), 22_050, process=True)
    declined = user.track(silence(), 22_050, process=False)

    user.tell_track("uploaded", declined, 3)
    user.tell_track("uploaded", wanted, 3)
    user.tell_track("uploaded", wanted, 3)
    made = _only_separation(user)

    assert made.track_id == wanted
    assert len(user.ended(made.separation_id).stems) == 4


def _only_separation(user: User) -> pb.Separation:
    request = pb.ListSeparationsRequest()
    assert until(lambda: len(user.call("ListSeparations", request).separations) > 0, 30)
    (made,) = user.call("ListSeparations", request).separations
    separation: pb.Separation = made
    return separation


def test_a_cancelled_separation_ends_within_a_window_and_leaves_nothing(working: Separation) -> None:
    user = working.user()
    song = songs.compose(seconds=30)
    track_id = user.track(song.mix, song.sample_rate)
    made = user.separate(track_id)
    user.begun(made.separation_id)

    user.call("CancelSeparation", pb.CancelSeparationRequest(separation_id=made.separation_id))
    ended = user.ended(made.separation_id)
    again = user.separate(track_id)
    user.call("CancelSeparation", pb.CancelSeparationRequest(separation_id=again.separation_id))

    assert ended.status == pb.SEPARATION_STATUS_CANCELLED
    assert ended.work.progress < 0.9
    assert not ended.stems
    # What was there to be heard early stays until nobody can be playing it any more.
    assert not [key for key in working.objects(f"separation/{user.user_id}/") if "/segments/" not in key]
    assert again.separation_id != made.separation_id
    assert user.ended(again.separation_id).status == pb.SEPARATION_STATUS_CANCELLED
