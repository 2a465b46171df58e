"""Stems are downloaded as FLAC, WAV and MP3, one by one or all together."""

import io
import urllib.parse
import urllib.request
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import soundfile
from puremusic.separation.v1 import separation_pb2 as pb

from deploy.local.waiting import until
from tests.integration.separation.running import Pcm, Separation, User, silence
from tests.servers.real_music import MusdbClip

FORMATS = {"flac": pb.AUDIO_FORMAT_FLAC, "wav": pb.AUDIO_FORMAT_WAV, "mp3": pb.AUDIO_FORMAT_MP3}
TITLE = "Zwölf / \u202e\x07Töne"
SAFE = "Zwölf _ Töne"


@pytest.fixture(scope="module")
def owner(working: Separation) -> User:
    return working.user()


@pytest.fixture(scope="module")
def done(owner: User, clip: MusdbClip) -> pb.Separation:
    """Two stems of a second of music."""
    track_id = owner.track(clip.mix[: clip.sample_rate], clip.sample_rate, TITLE)
    made = owner.separate(track_id, pb.STEM_TYPE_DRUMS, pb.STEM_TYPE_VOCALS)
    return owner.ended(made.separation_id)


def fetched(download: pb.DownloadUrl) -> bytes:
    """What lies at the address, after a look at its size and name."""
    with urllib.request.urlopen(download.url, timeout=20) as answer:
        content: bytes = answer.read()
        disposition = answer.headers["content-disposition"]
    assert len(content) == download.size_bytes
    assert disposition.startswith("attachment")
    assert disposition.endswith(f"filename*=UTF-8''{urllib.parse.quote(download.filename, safe='')}")
    return content


def integers(content: bytes) -> Pcm:
    """An audio file's samples, as the integers they are stored as."""
    pcm, _ = soundfile.read(io.BytesIO(content), dtype="int32", always_2d=True)
    samples: Pcm = pcm
    return samples


def stem_url(owner: User, stem: pb.Stem, form: pb.AudioFormat.ValueType) -> pb.DownloadUrl:
    answer: pb.DownloadUrl = owner.call(
        "GetStemDownloadUrl", pb.GetStemDownloadUrlRequest(stem_id=stem.stem_id, format=form)
    )
    return answer


def test_a_stem_comes_in_every_format_with_its_exact_length(owner: User, done: pb.Separation) -> None:
    vocals = done.stems[1]
    files = {name: stem_url(owner, vocals, form) for name, form in FORMATS.items()}

    assert {name: file.filename for name, file in files.items()} == {
        name: f"{SAFE} - vocals.{name}" for name in FORMATS
    }
    flac, wav, mp3 = (integers(fetched(files[name])) for name in FORMATS)
    assert np.array_equal(flac, wav)
    assert mp3.shape == flac.shape == (vocals.frames, 2)
    assert np.corrcoef(mp3[:, 0], flac[:, 0])[0, 1] > 0.99


def test_what_was_made_once_is_used_again(owner: User, done: pb.Separation, working: Separation) -> None:
    drums = done.stems[0]
    first = stem_url(owner, drums, pb.AUDIO_FORMAT_MP3)
    prefix = drums.object_key.rpartition("/")[0] + "/derived/"
    stored = set(working.objects(prefix))
    content = fetched(first)

    assert fetched(stem_url(owner, drums, pb.AUDIO_FORMAT_MP3)) == content
    assert f"{prefix}drums.mp3" in stored
    assert set(working.objects(prefix)) == stored
    assert not working.orphans()


def test_many_who_ask_at_once_get_the_same_file(owner: User, done: pb.Separation, working: Separation) -> None:
    vocals = done.stems[1]
    working.remove(vocals.object_key.replace("vocals.flac", "derived/vocals.wav"))
    with ThreadPoolExecutor(6) as pool:
        answers = [pool.submit(stem_url, owner, vocals, pb.AUDIO_FORMAT_WAV) for _ in range(6)]
        files = {fetched(answer.result()) for answer in answers}

    assert len(files) == 1


@pytest.mark.parametrize("name", FORMATS)
def test_an_archive_holds_all_stems(owner: User, done: pb.Separation, name: str) -> None:
    request = pb.GetArchiveDownloadUrlRequest(separation_id=done.separation_id, format=FORMATS[name])
    download = owner.call("GetArchiveDownloadUrl", request)

    assert download.filename == f"{SAFE} - stems.zip"
    with zipfile.ZipFile(io.BytesIO(fetched(download))) as archive:
        assert archive.testzip() is None
        packed = [*done.stems, *([done.residual] if name != "mp3" else [])]
        types = [pb.StemType.Name(stem.type).removeprefix("STEM_TYPE_").lower() for stem in packed]
        assert types[:2] == ["drums", "vocals"]
        assert archive.namelist() == [f"{SAFE} - {stem_type}.{name}" for stem_type in types]
        for member, stem in zip(archive.infolist(), packed, strict=True):
            assert member.compress_type == zipfile.ZIP_STORED
            assert archive.read(member) == fetched(stem_url(owner, stem, FORMATS[name]))


def test_the_files_of_an_archive_add_up_to_the_track(owner: User, done: pb.Separation, clip: MusdbClip) -> None:
    request = pb.GetArchiveDownloadUrlRequest(separation_id=done.separation_id, format=pb.AUDIO_FORMAT_WAV)
    bits = [stem.scale_bits for stem in (*done.stems, done.residual)]

    with zipfile.ZipFile(io.BytesIO(fetched(owner.call("GetArchiveDownloadUrl", request)))) as archive:
        parts = [integers(archive.read(member)).astype(np.int64) for member in archive.infolist()]

    track = np.rint(clip.mix[: clip.sample_rate] * (1 << 23)).clip(max=(1 << 23) - 1)
    total = sum(part * (1 << scale) for part, scale in zip(parts, bits, strict=True))
    assert np.array_equal(total >> 8, track)


def test_a_residual_is_found_and_downloaded_by_its_id(owner: User, done: pb.Separation) -> None:
    batch = pb.BatchGetStemsRequest(stem_ids=[done.residual.stem_id, done.stems[0].stem_id])

    assert list(owner.call("BatchGetStems", batch).stems) == [done.residual, done.stems[0]]
    flac, wav = (fetched(stem_url(owner, done.residual, FORMATS[name])) for name in ("flac", "wav"))
    assert np.array_equal(integers(flac), integers(wav))


def test_what_is_unfinished_has_no_archive(owner: User, working: Separation, clip: MusdbClip) -> None:
    made = owner.separate(owner.track(clip.mix, clip.sample_rate), pb.STEM_TYPE_BASS)
    request = pb.GetArchiveDownloadUrlRequest(separation_id=made.separation_id)

    assert owner.reason("GetArchiveDownloadUrl", request) == ("FAILED_PRECONDITION", "SEPARATION_NOT_COMPLETED")
    owner.call("CancelSeparation", pb.CancelSeparationRequest(separation_id=made.separation_id))


def test_nothing_is_left_of_a_deleted_track(working: Separation) -> None:
    user = working.user()
    track_id = user.track(silence(), 22_050)
    kept_id = user.track(silence(), 22_050)
    ended = user.ended(user.separate(track_id).separation_id)
    kept = user.ended(user.separate(kept_id, pb.STEM_TYPE_BASS).separation_id)
    stem_url(user, ended.stems[0], pb.AUDIO_FORMAT_WAV)

    user.tell_track("deleted", track_id, 9)
    gone = pb.GetSeparationRequest(separation_id=ended.separation_id)
    assert until(lambda: not working.objects(f"separation/{user.user_id}/{ended.separation_id}/"), 30)

    assert user.reason("GetSeparation", gone) == ("NOT_FOUND", "SEPARATION_NOT_FOUND")
    assert working.facts(ended.separation_id)[-1][0] == "deleted"
    assert working.facts(ended.separation_id)[-1][1].deleted
    again = pb.CreateSeparationRequest(track_id=track_id)
    assert user.reason("CreateSeparation", again) == ("NOT_FOUND", "TRACK_NOT_FOUND")
    left = sorted((kept.stems[0].object_key, kept.residual.object_key))
    assert working.objects(f"separation/{user.user_id}/") == left
    assert not working.orphans()
