"""What is finished can be listened to while the rest computes. The worker is played by the test, step by step."""

import urllib.request

import pytest
from puremusic.separation.v1 import separation_pb2 as pb

from tests.integration.separation.ledger import SAMPLE_RATE, Ledger
from tests.integration.separation.running import Separation, User, silence


@pytest.fixture
def user(light: Separation) -> User:
    return light.user()


def segments(user: User, separation_id: str, **others: int) -> pb.ListSegmentsResponse:
    """The segments as the user sees them."""
    request = pb.ListSegmentsRequest(separation_id=separation_id, **others)
    answer: pb.ListSegmentsResponse = user.call("ListSegments", request)
    return answer


def asked(user: User) -> pb.Separation:
    """A separation of the bass of a silent track."""
    return user.separate(user.track(silence(channels=2), SAMPLE_RATE), pb.STEM_TYPE_BASS)


def fetched(url: str) -> tuple[int, str, str]:
    """Size, disposition and type of what lies there."""
    with urllib.request.urlopen(url, timeout=20) as answer:
        disposition = answer.headers["content-disposition"].partition(";")[0]
        return len(answer.read()), disposition, answer.headers["content-type"]


async def test_what_is_finished_is_listed_and_can_be_fetched(ledger: Ledger, user: User) -> None:
    made = asked(user)
    job = await ledger.claim(made.separation_id)
    assert await ledger.decide(job) is None
    before = segments(user, made.separation_id)
    for first_frame in (0, 100, 200):
        await ledger.segment(job, first_frame, 100)

    listed = segments(user, made.separation_id)

    assert (list(before.segments), before.playable_frames) == ([], 0)
    assert before.status == listed.status == pb.SEPARATION_STATUS_SEPARATING
    assert (listed.sample_rate, listed.channels, listed.playable_frames) == (SAMPLE_RATE, 2, 300)
    assert [(each.first_frame, each.frames) for each in listed.segments] == [(0, 100), (100, 100), (200, 100)]
    for segment in listed.segments:
        (piece,) = segment.stems
        assert piece.type == pb.STEM_TYPE_BASS
        assert fetched(piece.url) == (piece.size_bytes, "inline", "audio/flac")
    assert listed.expire_time.seconds > 0


async def test_only_what_was_not_heard_of_yet_is_listed_page_by_page(ledger: Ledger, user: User) -> None:
    made = asked(user)
    job = await ledger.claim(made.separation_id)
    assert await ledger.decide(job) is None
    for first_frame in (0, 100, 200):
        await ledger.segment(job, first_frame, 100)

    def starts(**others: int) -> list[int]:
        return [segment.first_frame for segment in segments(user, made.separation_id, **others).segments]

    assert starts(page_size=2) == [0, 100]
    assert starts(page_size=2, from_frame=200) == [200]
    assert starts(from_frame=150) == [100, 200]
    assert starts(from_frame=300) == []
    negative = pb.ListSegmentsRequest(separation_id=made.separation_id, page_size=-1)
    assert user.reason("ListSegments", negative) == ("INVALID_ARGUMENT", "PAGE_SIZE_INVALID")


async def test_it_is_shown_how_far_stems_in_the_making_can_be_played(ledger: Ledger, user: User) -> None:
    made = asked(user)
    listing = pb.ListStemsRequest(track_id=made.track_id)
    waiting = user.call("ListStems", listing)
    job = await ledger.claim(made.separation_id)
    assert await ledger.decide(job) is None
    await ledger.segment(job, 0, SAMPLE_RATE // 2)

    (being_made,) = user.call("ListStems", listing).in_progress
    playable = user.get(made.separation_id).playable_seconds
    await ledger.compute(job)
    done = user.call("ListStems", listing)

    assert [each.playable_seconds for each in waiting.in_progress] == [0.0]
    assert (being_made.separation_id, being_made.model) == (made.separation_id, "htdemucs_6s")
    assert list(being_made.stem_types) == [pb.STEM_TYPE_BASS]
    assert being_made.playable_seconds == playable == 0.5
    assert not done.in_progress
    assert [stem.type for stem in done.stems] == [pb.STEM_TYPE_BASS]
    assert user.get(made.separation_id).playable_seconds == 2.0


@pytest.mark.parametrize("ending", ["completed", "failed", "cancelled"])
async def test_nothing_is_listed_once_it_has_ended(ledger: Ledger, user: User, ending: str) -> None:
    made = asked(user)
    job = await ledger.claim(made.separation_id)
    assert await ledger.decide(job) is None
    await ledger.segment(job, 0, 100)
    heard = segments(user, made.separation_id).segments[0].stems[0].url
    if ending == "completed":
        await ledger.compute(job)
    else:
        await ledger.end(job, ending)

    listed = segments(user, made.separation_id)

    assert (list(listed.segments), listed.playable_frames) == ([], 0)
    assert pb.SeparationStatus.Name(listed.status) == f"SEPARATION_STATUS_{ending.upper()}"
    assert fetched(heard), "somebody's playback breaks"


async def test_segments_are_their_owner_s(ledger: Ledger, user: User, light: Separation) -> None:
    made = asked(user)
    job = await ledger.claim(made.separation_id)
    assert await ledger.decide(job) is None
    await ledger.segment(job, 0, 100)
    request = pb.ListSegmentsRequest(separation_id=made.separation_id)

    assert light.user().reason("ListSegments", request) == ("NOT_FOUND", "SEPARATION_NOT_FOUND")
    assert user.reason("ListSegments", pb.ListSegmentsRequest()) == ("INVALID_ARGUMENT", "FIELD_REQUIRED")
