"""Stems of different songs are brought together, as it was decided when they were asked for."""

import io
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from puremusic.fusion.v1 import fusion_pb2 as pb

from tests.integration.fusion.running import RATE, Fusion, User, tone, wish
from tests.integration.service import Pcm
from tests.songs import Song, compose

SECONDS = 8.0
LOSSLESS = pb.Output(unmastered=True, encodings=[pb.Encoding(format=pb.FUSION_FORMAT_WAV, bits=32)])
TEMPO = pb.Match(mode=pb.MATCH_MODE_TEMPO)


@pytest.fixture(scope="module")
def slow() -> Song:
    """A song in C major."""
    return compose(tempo_bpm=100, tonic=0, seconds=SECONDS, seed=3)


@pytest.fixture(scope="module")
def fast() -> Song:
    """One in D major, a little faster."""
    return compose(tempo_bpm=110, tonic=2, seconds=SECONDS, seed=4)


def fetched(user: User, fusion_id: str) -> Pcm:
    """The song as a client fetches it."""
    answer = httpx.get(user.address(fusion_id).url, trust_env=False).raise_for_status()
    pcm: Pcm = soundfile.read(io.BytesIO(answer.content), dtype="float32", always_2d=True)[0]
    return pcm


def onsets(channel: NDArray[np.float32]) -> NDArray[np.float64]:
    """How much louder each millisecond is than the one before."""
    step = RATE // 1000
    power = np.square(channel[: len(channel) // step * step].reshape(-1, step).astype(np.float64)).mean(axis=1)
    rises: NDArray[np.float64] = np.maximum(0.0, np.diff(10 * np.log10(power + 1e-6)))
    return rises


def lag_ms(left: NDArray[np.float64], right: NDArray[np.float64]) -> int:
    """How much later one is than the other, at most 200 ms."""
    lags = range(-200, 201)
    return max(lags, key=lambda lag: float(np.dot(left[200:-200], np.roll(right, -lag)[200:-200])))


def test_beats_of_two_songs_fall_together(working: Fusion, ada: User, slow: Song, fast: Song) -> None:
    one, other = ada.song(slow), ada.song(fast)
    left = pb.SelectedStem(stem_id=one["drums"].stem_id, pan=-1)
    right = pb.SelectedStem(stem_id=other["drums"].stem_id, pan=1)
    made = ada.fuse(left, right, match=TEMPO, output=LOSSLESS)
    assert 100 <= made.plan.tempo_bpm <= 110
    assert [track.speed for track in made.plan.tracks] == pytest.approx(
        [made.plan.tempo_bpm / 100, made.plan.tempo_bpm / 110], rel=1e-3
    )

    done = ada.ended(made.fusion_id)
    assert done.status == pb.FUSION_STATUS_COMPLETED, done.work.failure
    assert done.plan == made.plan
    pcm = fetched(ada, done.fusion_id)
    assert abs(lag_ms(onsets(pcm[:, 0]), onsets(pcm[:, 1]))) <= 10


def test_a_single_stem_becomes_faster_and_higher(working: Fusion, ada: User) -> None:
    stem = ada.stem(tone(220, 4))
    changed = pb.SelectedStem(stem_id=stem.stem_id, speed=2, semitones=7)
    pcm = fetched(ada, ada.ended(ada.fuse(changed, output=LOSSLESS).fusion_id).fusion_id)

    assert len(pcm) == 2 * RATE
    middle = pcm[RATE // 2 : 3 * RATE // 2, 0]
    peak = int(np.argmax(np.abs(np.fft.rfft(middle * np.hanning(len(middle))))))  # a bin is a Hertz
    assert peak == pytest.approx(220 * 2 ** (7 / 12), abs=1)


def test_a_plan_is_chosen_among_those_that_are_suggested(ada: User, slow: Song, fast: Song) -> None:
    vocals, drums = ada.song(slow, "Slow one")["vocals"], ada.song(fast, "Fast one")["drums"]
    stems = [pb.SelectedStem(stem_id=stem.stem_id) for stem in (vocals, drums)]
    match = pb.Match(mode=pb.MATCH_MODE_TEMPO_AND_KEY)
    plans = ada.call("SuggestFusion", pb.SuggestFusionRequest(stems=stems, match=match, count=3)).plans

    assert [plan.rank for plan in plans] == list(range(1, len(plans) + 1))
    costs = [plan.cost.total for plan in plans]
    assert costs == sorted(costs)
    assert any("Slow one" in reason.message or "Fast one" in reason.message for reason in plans[0].reasons)
    second = ada.fuse(*stems, match=match, choice=2)
    assert (second.plan.rank, second.plan.tempo_bpm, second.plan.cost) == (2, plans[1].tempo_bpm, plans[1].cost)
    beyond = wish(*stems, choice=2)  # there is one way to leave everything as it is
    assert ada.reason("CreateFusion", beyond) == ("INVALID_ARGUMENT", "CHOICE_OUT_OF_RANGE")


def test_two_singers_take_turns_even_where_nothing_is_matched(ada: User, slow: Song, fast: Song) -> None:
    singers = [ada.song(slow)["vocals"], ada.song(fast)["vocals"]]
    as_given = ada.fuse(*singers)
    arranged = ada.fuse(*singers, match=pb.Match(arrange=pb.ARRANGE_MODE_AUTOMATIC))

    (collision,), (settled,) = as_given.plan.collisions, arranged.plan.collisions
    assert {collision.stem_id, collision.other_stem_id} == {stem.stem_id for stem in singers}
    assert (collision.certain, collision.remedy, settled.certain) == (False, "none", True)
    assert settled.remedy in ("turns", "ducked")


def test_tracks_are_balanced_before_gains(ada: User, slow: Song, fast: Song) -> None:
    loud, soft = ada.song(slow, stem_lufs=-14)["vocals"], ada.song(fast, stem_lufs=-20)["vocals"]
    chosen = [pb.SelectedStem(stem_id=stem.stem_id, gain_db=2) for stem in (loud, soft)]
    made = ada.fuse(*chosen, balance=True)

    assert {track.track_id: track.balance_db for track in made.plan.tracks} == {loud.track_id: -3, soft.track_id: 3}
    assert [stem.gain_db for stem in made.stems] == [2, 2]
    unheard = wish(ada.stem(), loud, balance=True)
    assert ada.reason("CreateFusion", unheard) == ("FAILED_PRECONDITION", "ANALYSIS_NOT_READY")


def test_what_was_asked_for_is_shown_again(ada: User, slow: Song) -> None:
    stem = ada.song(slow)["vocals"]
    chosen = pb.SelectedStem(
        stem_id=stem.stem_id,
        track_id=stem.track_id,
        type="vocals",
        trim=pb.Trim(start_seconds=1, end_seconds=4),
        loops=2,
        fade_in_seconds=0.5,
        speed=1.25,
        semitones=-2,
        low_cut_hz=90,
        effects=pb.Effects(preset="hall"),
    )
    output = pb.Output(loudness_lufs=-16, encodings=[pb.Encoding(format=pb.FUSION_FORMAT_OGG)])
    made = ada.fuse(chosen, output=output, length=pb.Length(policy=pb.LENGTH_POLICY_LONGEST))
    assert (list(made.stems), made.output) == ([chosen], output)
    assert ada.get(made.fusion_id) == made


def test_tracks_are_compared_with_reasons(ada: User, bob: User, slow: Song, fast: Song) -> None:
    one, near = ada.song(slow)["vocals"].track_id, ada.song(compose(tempo_bpm=101, seconds=SECONDS, seed=5))
    far, foreign = ada.song(fast)["drums"].track_id, bob.song(fast)["drums"].track_id
    same = near["drums"].track_id

    found = ada.call("GetCompatibility", pb.GetCompatibilityRequest(track_id=one, other_track_id=same))
    assert 0 < found.score <= 1
    assert found.reasons
    ranked = ada.call("RankTracks", pb.RankTracksRequest(track_id=one)).tracks
    assert [each.other_track_id for each in ranked] == [same, far]
    assert ranked[0].score == found.score > ranked[1].score
    named = pb.RankTracksRequest(track_id=one, candidate_track_ids=[far, foreign])
    assert [each.other_track_id for each in ada.call("RankTracks", named).tracks] == [far]

    unheard = pb.GetCompatibilityRequest(track_id=one, other_track_id=foreign)
    assert ada.reason("GetCompatibility", unheard) == ("FAILED_PRECONDITION", "ANALYSIS_NOT_READY")
    flute = pb.RankTracksRequest(track_id=one, role="flute")
    assert ada.reason("RankTracks", flute) == ("INVALID_ARGUMENT", "ROLE_UNKNOWN")


def test_what_cannot_be_planned_is_refused_at_once(fusion: Fusion, ada: User, slow: Song) -> None:
    stem, unheard = ada.song(slow)["vocals"], ada.stem()

    def settings(**chosen: Any) -> pb.CreateFusionRequest:
        return wish(pb.SelectedStem(stem_id=stem.stem_id, **chosen))

    for request, code, reason in (
        (wish(stem, unheard, match=TEMPO), "FAILED_PRECONDITION", "ANALYSIS_NOT_READY"),
        (
            wish(stem, match=pb.Match(mode=pb.MATCH_MODE_TEMPO, bpm=400)),
            "INVALID_ARGUMENT",
            "TARGET_TEMPO_OUT_OF_RANGE",
        ),
        (wish(stem, match=pb.Match(bpm=100)), "INVALID_ARGUMENT", "TARGET_WITHOUT_MATCH"),
        (wish(stem, length=pb.Length(policy=pb.LENGTH_POLICY_BARS)), "INVALID_ARGUMENT", "BARS_OUT_OF_RANGE"),
        (settings(trim=pb.Trim(start_seconds=3, end_seconds=2)), "INVALID_ARGUMENT", "TRIM_EMPTY"),
        (settings(loops=2, loop_to_end=True), "INVALID_ARGUMENT", "LOOPS_CONTRADICT"),
        (settings(speed=3), "INVALID_ARGUMENT", "SETTING_OUT_OF_RANGE"),
        (settings(effects=pb.Effects(preset="cave")), "INVALID_ARGUMENT", "PRESET_UNKNOWN"),
        (settings(effects=pb.Effects(delay=pb.Delay(feedback=0.5))), "INVALID_ARGUMENT", "SETTING_OUT_OF_RANGE"),
        (
            wish(stem, output=pb.Output(encodings=[pb.Encoding(format=pb.FUSION_FORMAT_MP3, bits=16)])),
            "INVALID_ARGUMENT",
            "BITS_NOT_POSSIBLE",
        ),
        (
            wish(stem, output=pb.Output(encodings=[pb.Encoding(format=pb.FUSION_FORMAT_WAV)] * 2)),
            "INVALID_ARGUMENT",
            "ENCODING_TWICE",
        ),
        (
            wish(stem, output=pb.Output(unmastered=True, loudness_lufs=-12)),
            "INVALID_ARGUMENT",
            "MASTERING_CONTRADICTS",
        ),
        (wish(stem, preview=pb.Preview(start_seconds=SECONDS)), "INVALID_ARGUMENT", "PREVIEW_OUT_OF_RANGE"),
        (wish(stem, preview=pb.Preview(duration_seconds=31)), "INVALID_ARGUMENT", "SETTING_OUT_OF_RANGE"),
    ):
        assert ada.reason("CreateFusion", request) == (code, reason)
    assert not fusion.service.query("SELECT FROM fusion WHERE owner_id = %s", ada.user_id)


def test_a_preview_is_the_part_of_the_song_and_is_not_listed(
    working: Fusion, ada: User, slow: Song, fast: Song
) -> None:
    # At the tempo of one of them, so that it is not stretched: its samples are the very same. The other is in its place.
    one, other = ada.song(slow)["drums"], ada.song(fast)["drums"]
    match = pb.Match(mode=pb.MATCH_MODE_TEMPO, tempo_track_id=one.track_id)
    stems = [pb.SelectedStem(stem_id=stem.stem_id, pan=pan, gain_db=-12) for stem, pan in ((one, -1), (other, 1))]
    whole = ada.ended(ada.fuse(*stems, match=match, output=LOSSLESS).fusion_id)
    window = pb.Preview(start_seconds=2.5, duration_seconds=1.5)
    part = ada.ended(ada.fuse(*stems, match=match, output=LOSSLESS, preview=window).fusion_id)

    assert (part.status, part.preview) == (pb.FUSION_STATUS_COMPLETED, window)
    start, heard = round(2.5 * RATE), fetched(ada, part.fusion_id)
    song = fetched(ada, whole.fusion_id)[start : start + len(heard)]
    assert heard.shape == (round(1.5 * RATE), 2)
    assert np.abs(heard[:, 0] - song[:, 0]).max() < 1e-6
    assert abs(lag_ms(onsets(heard[:, 1]), onsets(song[:, 1]))) <= 1
    listed = ada.call("ListFusions", pb.ListFusionsRequest()).fusions
    assert [each.fusion_id for each in listed] == [whole.fusion_id]
    both = ada.call("ListFusions", pb.ListFusionsRequest(include_previews=True)).fusions
    assert [each.fusion_id for each in both] == [part.fusion_id, whole.fusion_id]


def test_every_file_that_is_asked_for_is_there_and_no_other(working: Fusion, ada: User) -> None:
    kinds = [pb.FUSION_FORMAT_FLAC, pb.FUSION_FORMAT_OPUS, pb.FUSION_FORMAT_STEMS_ZIP, pb.FUSION_FORMAT_STEM_MP4]
    output = pb.Output(encodings=[pb.Encoding(format=kind) for kind in kinds], tags=pb.Tags(artist="Ada"), cover=True)
    done = ada.ended(ada.fuse(ada.stem(tone(220)), ada.stem(tone(330)), output=output, title="Two").fusion_id)

    assert [file.format for file in done.result.files] == kinds
    assert ada.address(done.fusion_id).filename == "Two.flac"
    assert ada.address(done.fusion_id, format=pb.FUSION_FORMAT_STEMS_ZIP).filename == "Two.zip"
    assert ada.address(done.fusion_id, format=pb.FUSION_FORMAT_STEM_MP4).filename == "Two.stem.mp4"
    assert len(working.service.objects(f"{ada.user_id}/{done.fusion_id}/")) == len(kinds) + 1
    wav = pb.GetDownloadUrlRequest(fusion_id=done.fusion_id, format=pb.FUSION_FORMAT_WAV)
    assert ada.reason("GetDownloadUrl", wav) == ("NOT_FOUND", "FORMAT_NOT_RENDERED")


def test_a_fusion_from_before_there_were_plans_is_still_made(fusion: Fusion, working: Fusion, ada: User) -> None:
    stem = ada.stem(tone(220))
    plain = ada.ended(ada.fuse(pb.SelectedStem(stem_id=stem.stem_id, gain_db=-3)).fusion_id)
    fusion.service.query(
        "UPDATE fusion SET commission = NULL, plan = NULL, asked = '{}', result = NULL WHERE fusion_id = %s"
        " RETURNING fusion_id",
        plain.fusion_id,
    )
    fusion.service.query(
        "UPDATE job SET state = 'pending', attempt = 0, finished_at = NULL, rung_at = now() - interval '1 hour'"
        " WHERE job_id = %s RETURNING job_id",
        plain.fusion_id,
    )
    again = ada.ended(plain.fusion_id)
    assert again.status == pb.FUSION_STATUS_COMPLETED
    assert again.result.files[0].sha256 == plain.result.files[0].sha256
    assert [stem.gain_db for stem in again.stems] == [-3]


def test_first_findings_are_too_early_to_plan_with(ada: User, slow: Song) -> None:
    stem = ada.song(slow)["vocals"]
    _, analysis = ada.fusion.mir.analyses[stem.track_id]
    analysis.provisional = True
    assert ada.reason("CreateFusion", wish(stem, match=TEMPO)) == ("FAILED_PRECONDITION", "ANALYSIS_NOT_READY")
