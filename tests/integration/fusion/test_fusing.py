"""Fusion's worker makes songs: what comes out is what was asked for, measured on the files that a client fetches."""

import hashlib
import io

import httpx
import numpy as np
import pytest
import soundfile
from puremusic.fusion.v1 import fusion_pb2 as pb

from tests import songs
from tests.integration.fusion.running import BASS, DRUMS, RATE, Fusion, User, named, tone
from tests.integration.service import Pcm


def fetched(user: User, fusion_id: str, kind: "pb.FusionFormat.ValueType") -> tuple[bytes, Pcm, int]:
    """A finished song as a client fetches it: the file, its samples, their rate."""
    answer = httpx.get(user.address(fusion_id, format=kind).url, trust_env=False).raise_for_status()
    pcm, rate = soundfile.read(io.BytesIO(answer.content), dtype="float32", always_2d=True)
    return answer.content, pcm, rate


def test_two_songs_become_one(working: Fusion, ada: User) -> None:
    one, other = songs.compose(seconds=6, seed=1), songs.compose(seconds=5, seed=2)
    bass, drums = ada.stem(one.stems["bass"], BASS), ada.stem(other.stems["drums"], DRUMS)
    quiet = pb.SelectedStem(stem_id=bass.stem_id, gain_db=-6)
    softly = pb.Output(loudness_lufs=-28)  # so that nothing need be limited
    made = ada.fuse(quiet, named(drums.track_id, "drums"), title="One / two?", output=softly)
    seen = list(ada.watch(made.fusion_id))

    done, result = seen[-1], seen[-1].result
    assert done.status == pb.FUSION_STATUS_COMPLETED
    progress = [fusion.work.progress for fusion in seen]
    assert progress == sorted(progress)
    assert (result.frames, result.sample_rate) == (len(one.mix), RATE)
    assert result.duration_seconds == len(one.mix) / RATE
    assert result.true_peak_dbtp <= -1
    assert result.loudness_lufs == pytest.approx(-28, abs=0.2)
    assert result.limited_db == 0
    assert (done.work.attempts, done.work.device) == (1, "cpu")
    assert done.work.bytes_written > sum(file.size_bytes for file in result.files)  # the receipt
    assert [verb for verb, _ in working.changes(done.fusion_id)] == ["pending", "fusing", "completed"]
    assert len(working.service.objects(f"{ada.user_id}/{done.fusion_id}/1/")) == 4

    expected = 10 ** (-6 / 20) * one.stems["bass"]
    expected[: len(other.mix)] += other.stems["drums"]
    for file in result.files:
        content, pcm, rate = fetched(ada, done.fusion_id, file.format)
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file.sha256, file.size_bytes)
        assert (rate, pcm.shape) == (RATE, one.mix.shape)
        if file.format != pb.FUSION_FORMAT_MP3:
            assert np.abs(pcm - expected * 10 ** (result.applied_gain_db / 20)).max() < 1e-4


def test_a_stem_that_was_stored_softer_is_mixed_as_loud_as_it_is(working: Fusion, ada: User) -> None:
    plain, softer = ada.stem(tone(220, peak=0.4)), ada.stem(tone(220, peak=0.1), scale_bits=2)
    results = [ada.ended(ada.fuse(stem).fusion_id).result for stem in (plain, softer)]
    assert results[1].applied_gain_db == pytest.approx(results[0].applied_gain_db, abs=0.01)


def test_downloads_have_names_that_are_only_names(working: Fusion, ada: User) -> None:
    done = ada.ended(ada.fuse(ada.stem(tone(220)), title='../../étude: "I" / 2').fusion_id)
    saved, played = ada.address(done.fusion_id), ada.address(done.fusion_id, format=pb.FUSION_FORMAT_MP3, inline=True)

    assert saved.filename == "_.._étude_ _I_ _ 2.wav"
    assert saved.expire_time.seconds > done.work.finish_time.seconds + 3000
    answers = [httpx.get(address.url, trust_env=False) for address in (saved, played)]
    dispositions = [answer.headers["content-disposition"] for answer in answers]
    assert [answer.headers["content-type"] for answer in answers] == ["audio/wav", "audio/mpeg"]
    assert dispositions[0].startswith('attachment; filename="_.._')
    assert dispositions[1].startswith("inline;")
    assert {file.format: file.size_bytes for file in done.result.files}[pb.FUSION_FORMAT_MP3] == played.size_bytes


def test_muted_stems_count_for_the_length_alone(working: Fusion, ada: User) -> None:
    long, short = ada.stem(tone(220, 2)), ada.stem(tone(440, 1))
    done = ada.ended(ada.fuse(pb.SelectedStem(stem_id=long.stem_id, mute=True), short).fusion_id)
    silent = ada.ended(ada.fuse(pb.SelectedStem(stem_id=short.stem_id, mute=True)).fusion_id)

    _, pcm, _ = fetched(ada, done.fusion_id, pb.FUSION_FORMAT_FLAC)
    assert len(pcm) == 2 * RATE
    assert not pcm[RATE + 100 :].any()
    assert silent.status == pb.FUSION_STATUS_COMPLETED
    assert not silent.result.HasField("loudness_lufs")


def test_what_cannot_be_fused_says_why(working: Fusion, ada: User) -> None:
    gone, surround = ada.stem(tone(220)), ada.stem(tone(220, channels=6))
    working.service.remove(gone.object_key)

    for stem, reason in ((gone, "STEM_GONE"), (surround, "STEMS_NOT_MIXABLE")):
        failed = ada.ended(ada.fuse(stem, ada.stem(tone(440))).fusion_id)
        assert (failed.status, failed.work.failure.reason) == (pb.FUSION_STATUS_FAILED, reason)
        assert failed.work.failure.message
        assert failed.work.attempts == 1, "trying again would not help"
        assert not working.service.objects(f"{ada.user_id}/{failed.fusion_id}")


def test_a_verdict_is_kept_and_replaced(working: Fusion, ada: User) -> None:
    fusion_id = ada.ended(ada.fuse(ada.stem(tone(220))).fusion_id).fusion_id
    ada.rate(fusion_id, 2, "Too loud.")
    rated = ada.rate(fusion_id, 5)

    assert (rated.rating.stars, rated.rating.comment) == (5, "")
    assert ada.get(fusion_id) == rated
    assert working.service.verbs("fusion", fusion_id)[-3:] == ["completed", "rated", "rated"]
    for stars, comment, reason in (
        (0, "", "STARS_OUT_OF_RANGE"),
        (6, "", "STARS_OUT_OF_RANGE"),
        (3, "x" * 2001, "COMMENT_TOO_LONG"),
    ):
        request = pb.RateFusionRequest(fusion_id=fusion_id, stars=stars, comment=comment)
        assert ada.reason("RateFusion", request) == ("INVALID_ARGUMENT", reason)


def test_the_shortest_come_first_and_what_failed_comes_last(working: Fusion, ada: User) -> None:
    gone = ada.stem(tone(220))
    working.service.remove(gone.object_key)
    made = [
        ada.ended(ada.fuse(stem).fusion_id).fusion_id for stem in (gone, ada.stem(tone(220, 2)), ada.stem(tone(220)))
    ]
    request, listed = pb.ListFusionsRequest(page_size=1, order=pb.FUSION_ORDER_DURATION), []
    for _ in made:
        page = ada.call("ListFusions", request)
        listed += [fusion.fusion_id for fusion in page.fusions]
        request.page_token = page.next_page_token

    assert listed == made[::-1]
    assert not request.page_token


def test_a_renamed_fusion_is_saved_under_its_new_title(working: Fusion, ada: User) -> None:
    done = ada.ended(ada.fuse(ada.stem(tone(220)), title="Mine").fusion_id)
    renamed = ada.rename(done.fusion_id, "Night drive")

    assert (renamed.result, renamed.status) == (done.result, done.status)
    assert ada.address(done.fusion_id, format=pb.FUSION_FORMAT_MP3).filename == "Night drive.mp3"
    assert working.service.verbs("fusion", done.fusion_id)[-2:] == ["completed", "updated"]


def test_a_finished_fusion_outlives_its_tracks_but_not_its_owner(working: Fusion, ada: User) -> None:
    stem = ada.stem(tone(220))
    done = ada.ended(ada.fuse(stem).fusion_id)
    ada.tell_track_deleted(stem.track_id)
    pending = ada.fuse(ada.stem(tone(220)))  # once this one is done the fact has had its time
    ada.ended(pending.fusion_id)

    assert ada.get(done.fusion_id) == done
    assert fetched(ada, done.fusion_id, pb.FUSION_FORMAT_WAV)[0]
    working.service.tell_user_deleted(ada.user_id)
    ada.wait_until_gone()
    assert working.service.verbs("fusion", done.fusion_id)[-1] == "deleted"


def test_deletion_leaves_no_orphans(working: Fusion, ada: User, bob: User) -> None:
    long = tone(220, 60)
    finished = ada.ended(ada.fuse(ada.stem(tone(220))).fusion_id)
    mixing = ada.fuse(ada.stem(long))
    ada.begun(mixing.fusion_id)
    ada.delete(mixing.fusion_id)
    storing = ada.fuse(ada.stem(long))
    next(present for present in ada.watch(storing.fusion_id) if present.work.progress >= 0.85)
    ada.delete(storing.fusion_id)
    ada.delete(finished.fusion_id)

    # The worker goes on with what is next.
    assert bob.ended(bob.fuse(bob.stem(tone(220))).fusion_id).status == pb.FUSION_STATUS_COMPLETED
    assert not working.service.objects(ada.user_id)
    assert not working.service.orphans()
    for fusion in (finished, mixing, storing):
        assert working.service.verbs("fusion", fusion.fusion_id)[-1] == "deleted"
        assert ada.reason("GetFusion", pb.GetFusionRequest(fusion_id=fusion.fusion_id))[1] == "FUSION_NOT_FOUND"


def test_what_is_being_fused_can_be_cancelled(working: Fusion, ada: User) -> None:
    made = ada.fuse(ada.stem(tone(220, 60)))
    ada.begun(made.fusion_id)
    ada.cancel(made.fusion_id)

    cancelled = ada.ended(made.fusion_id)
    assert cancelled.status == pb.FUSION_STATUS_CANCELLED
    assert not cancelled.HasField("result")
    assert working.service.verbs("fusion", made.fusion_id) == ["pending", "fusing", "cancelled"]


def test_a_user_who_goes_takes_everything_along(working: Fusion, ada: User, bob: User) -> None:
    ada.ended(ada.fuse(ada.stem(tone(220))).fusion_id)
    busy = ada.fuse(ada.stem(tone(220, 60)))
    ada.begun(busy.fusion_id)
    working.service.tell_user_deleted(ada.user_id)
    ada.wait_until_gone()

    assert bob.ended(bob.fuse(bob.stem(tone(220))).fusion_id).status == pb.FUSION_STATUS_COMPLETED
    assert not working.service.objects(ada.user_id)
    assert not working.service.orphans()
