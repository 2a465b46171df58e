"""A receipt says how a fusion was made, and makes it again."""

import json

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct
from puremusic.fusion.v1 import fusion_pb2 as pb

from tests.integration.fusion.running import Fusion, User, tone
from tests.songs import compose

MATCH = pb.Match(mode=pb.MATCH_MODE_TEMPO_AND_KEY)


def receipt_of(user: User, fusion_id: str) -> Struct:
    """The receipt as it is told."""
    receipt: Struct = user.call("GetReceipt", pb.GetReceiptRequest(fusion_id=fusion_id)).receipt
    return receipt


def as_a_file(receipt: Struct) -> Struct:
    """The receipt after it was written to a file and read again."""
    return ParseDict(json.loads(json.dumps(MessageToDict(receipt))), Struct())


def again(user: User, receipt: Struct, **wishes: object) -> pb.Fusion:
    """Ask for it again."""
    request = pb.CreateFusionFromReceiptRequest(receipt=receipt)
    ParseDict(wishes, request)
    made: pb.Fusion = user.call("CreateFusionFromReceipt", request)
    return made


@pytest.fixture(scope="module")
def done(working: Fusion) -> tuple[User, pb.Fusion]:
    """A finished fusion of two songs, stretched and transposed."""
    user = working.user()
    one = user.song(compose(tempo_bpm=100, tonic=0, seconds=5, seed=3))["vocals"]
    other = user.song(compose(tempo_bpm=104, tonic=2, seconds=5, seed=4))["other"]
    output = pb.Output(encodings=[pb.Encoding(format=kind) for kind in (pb.FUSION_FORMAT_WAV, pb.FUSION_FORMAT_FLAC)])
    fused = user.ended(user.fuse(one, other, match=MATCH, output=output, title="Both").fusion_id)
    assert fused.status == pb.FUSION_STATUS_COMPLETED, fused.work.failure
    return user, fused


def test_a_receipt_makes_the_same_bytes(done: tuple[User, pb.Fusion]) -> None:
    user, first = done
    receipt = receipt_of(user, first.fusion_id)
    told = MessageToDict(receipt)
    assert set(told["sources"]) == {stem.stem_id for stem in first.stems}
    assert {each["version"] for each in told["analyses"].values()} == {3}
    assert told["result"]["files"]["fusion.wav"]["sha256"] == first.result.files[0].sha256

    second = user.ended(again(user, as_a_file(receipt)).fusion_id)
    assert second.status == pb.FUSION_STATUS_COMPLETED
    assert second.title == "Both"
    assert [file.sha256 for file in second.result.files] == [file.sha256 for file in first.result.files]
    assert receipt_of(user, second.fusion_id) == receipt
    assert [stem.stem_id for stem in second.stems] == [stem.stem_id for stem in first.stems]

    mp3 = [{"format": "FUSION_FORMAT_MP3"}]
    assert again(user, receipt, title="Third", encodings=mp3).output.encodings[0].format == pb.FUSION_FORMAT_MP3


def test_the_receipt_of_a_preview_makes_a_preview(done: tuple[User, pb.Fusion]) -> None:
    user, first = done
    window = pb.Preview(start_seconds=1, duration_seconds=0.5)
    part = user.ended(user.fuse(*first.stems, match=MATCH, preview=window).fusion_id)
    second = again(user, receipt_of(user, part.fusion_id))
    assert second.preview == window
    assert user.ended(second.fusion_id).result.frames == part.result.frames


def test_a_receipt_that_cannot_be_followed_is_refused(done: tuple[User, pb.Fusion], bob: User) -> None:
    user, first = done
    receipt = receipt_of(user, first.fusion_id)

    def refused(receipt: Struct, who: User = user) -> tuple[str, str]:
        return who.reason("CreateFusionFromReceipt", pb.CreateFusionFromReceiptRequest(receipt=receipt))

    assert refused(Struct()) == ("INVALID_ARGUMENT", "RECEIPT_FIELDS_WRONG")
    assert refused(receipt, bob) == ("NOT_FOUND", "STEM_NOT_FOUND")
    odd = as_a_file(receipt)
    odd.fields["mood"].string_value = "sad"
    assert refused(odd) == ("INVALID_ARGUMENT", "RECEIPT_FIELDS_WRONG")
    other = as_a_file(receipt)
    source = next(iter(other.fields["sources"].struct_value.fields.values()))
    source.struct_value.fields["sha256"].string_value = "0" * 64
    assert refused(other) == ("FAILED_PRECONDITION", "STEM_CHANGED")


def test_a_receipt_is_its_owners(done: tuple[User, pb.Fusion], bob: User) -> None:
    request = pb.GetReceiptRequest(fusion_id=done[1].fusion_id)
    assert bob.reason("GetReceipt", request) == ("NOT_FOUND", "FUSION_NOT_FOUND")


def test_a_fusion_from_before_there_were_receipts_has_none(working: Fusion, ada: User) -> None:
    early = ada.ended(ada.fuse(ada.stem(tone(220))).fusion_id)
    working.service.remove(f"fusion/{ada.user_id}/{early.fusion_id}/1/receipt.json")
    request = pb.GetReceiptRequest(fusion_id=early.fusion_id)
    assert ada.reason("GetReceipt", request) == ("NOT_FOUND", "RECEIPT_NOT_FOUND")
