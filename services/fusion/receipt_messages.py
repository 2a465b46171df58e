"""Receipts as the contract carries them: JSON within JSON."""

import json

from google.protobuf import json_format, struct_pb2

from chassis.errors import InvalidInput, NotFound
from chassis.objects import ObjectStore, StoreError
from services.fusion import fusions
from services.fusion.formats import RECEIPT
from services.fusion.mixing.receipts import InvalidReceipt, Receipt, from_json
from services.fusion.store import FusionRow


async def stored(objects: ObjectStore, fusion: FusionRow) -> struct_pb2.Struct:
    """Return the receipt of a finished fusion. Raises `NotFound` for one from before there were receipts."""
    try:
        text = await objects.get_bytes(str(fusions.object_key(fusion, RECEIPT)))
    except StoreError as error:
        if error.code not in ("NoSuchKey", "NoSuchObject"):
            raise
        raise NotFound("RECEIPT_NOT_FOUND", "This fusion was made before there were receipts.") from None
    return json_format.Parse(text, struct_pb2.Struct())


def to_receipt(struct: struct_pb2.Struct) -> Receipt:
    """Read a receipt; raises `InvalidInput` that says what is wrong with it."""
    try:
        return from_json(json.dumps(_plain(json_format.MessageToDict(struct))))
    except InvalidReceipt as error:
        raise InvalidInput(error.reason, str(error)) from None


def _plain(value: object) -> object:
    """Whole numbers as such: a Struct knows no others but floats."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
