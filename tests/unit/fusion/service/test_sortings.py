"""Every order of the contract can be paged."""

import pytest
from puremusic.fusion.v1 import fusion_pb2 as pb

from chassis import paging, sorting
from chassis.errors import InvalidInput
from services.fusion.sortings import SORTINGS


def test_every_order_of_the_contract_is_known_by_a_name_of_its_own() -> None:
    assert set(SORTINGS) == set(pb.FusionOrder.values()) - {pb.FUSION_ORDER_UNSPECIFIED}
    assert len({each.name for each in SORTINGS.values()}) == len(SORTINGS)


@pytest.mark.parametrize(
    ("order", "key"),
    [
        (pb.FUSION_ORDER_NEWEST, "2026-11-21 13:00:00.123456+00"),
        (pb.FUSION_ORDER_OLDEST, "2026-11-21 13:00:00+00"),
        (pb.FUSION_ORDER_TITLE, "ärger 🎵"),
        (pb.FUSION_ORDER_DURATION, "180.5"),
    ],
)
def test_a_token_brings_back_its_position_in_its_own_order_alone(order: pb.FusionOrder.ValueType, key: str) -> None:
    position = sorting.Position(key, "fusion")
    after = paging.page(10, position.token(SORTINGS[order])).after

    assert sorting.position(after, SORTINGS[order]) == position
    for other in set(SORTINGS) - {order}:
        with pytest.raises(InvalidInput, match="start at the first page"):
            sorting.position(after, SORTINGS[other])
