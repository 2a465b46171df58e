"""Which files are made of a song, and what stands in them: from the contract to what a receipt says."""

from collections.abc import Sequence
from dataclasses import replace

from puremusic.fusion.v1 import fusion_pb2 as pb

from chassis.errors import InvalidInput
from services.fusion import formats
from services.fusion.mixing.receipts import Receipt
from services.fusion.mixing.rendering.encoding import Encoding, Format, InvalidEncoding
from services.fusion.titles import LONGEST

EXTRAS = (pb.FUSION_FORMAT_STEMS_ZIP, pb.FUSION_FORMAT_STEM_MP4)


def with_files(receipt: Receipt, asked: Sequence[pb.Encoding]) -> Receipt:
    """Return the receipt with these files; none: with its own. Raises `InvalidInput` for what can't be written, or twice."""
    kinds = [encoding.format for encoding in asked]
    for kind in kinds:
        if kinds.count(kind) > 1:
            raise InvalidInput("ENCODING_TWICE", f"Choose {formats.name(kind)} only once.", format=formats.name(kind))
    if not asked:
        return receipt
    return replace(
        receipt,
        encodings=tuple(_encoding(each) for each in asked if each.format not in EXTRAS),
        stems_zip=pb.FUSION_FORMAT_STEMS_ZIP in kinds,
        stem_mp4=pb.FUSION_FORMAT_STEM_MP4 in kinds,
    )


def with_tags(receipt: Receipt, tags: pb.Tags) -> Receipt:
    """Return the receipt with the tags that are given; raises `InvalidInput` for one that is too long."""
    given = {field.name: value for field, value in tags.ListFields()}
    for name, value in given.items():
        if len(value) > LONGEST:
            raise InvalidInput("TAG_TOO_LONG", f"The tag '{name}' has at most {LONGEST} characters.", limit=LONGEST)
    return replace(receipt, tags=replace(receipt.tags, **given))


def _encoding(asked: pb.Encoding) -> Encoding:
    try:
        return Encoding(
            Format(formats.name(asked.format)),
            bits=asked.bits or None,
            quality=asked.quality if asked.HasField("quality") else None,
            bitrate_kbps=asked.bitrate_kbps or None,
        )
    except InvalidEncoding as error:
        raise InvalidInput(error.reason, str(error)) from None
