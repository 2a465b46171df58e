"""Page tokens bring back the position they were made of, and nothing else gets through."""

from datetime import UTC, datetime

import pytest
from puremusic.gateway.v1 import gateway_pb2

from chassis import paging, sorting
from chassis.errors import InvalidInput
from chassis.sorting import Position
from services.gateway import positions
from services.gateway.positions import ORDERS, JobPosition

MOMENT = datetime(2026, 11, 21, 13, 0, 0, 123456, UTC)
BY_NAME = {order.name: order for order in ORDERS.values()}


def after(token: str) -> tuple[str, ...] | None:
    return paging.page(10, token).after


def test_a_job_s_token_brings_it_back() -> None:
    position = JobPosition(MOMENT, "job")
    assert positions.job_position(after(position.token)) == position


def test_no_token_is_the_beginning() -> None:
    assert positions.job_position(after("")) is None


@pytest.mark.parametrize(
    "parts", [("yesterday", "id"), ("2026-11-21", "id"), ("id",), ("2026-11-21T13:00:00Z", "a", "b")]
)
def test_a_forged_job_token_is_the_caller_s_mistake(parts: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        positions.job_position(after(paging.token(*parts)))
    assert refused.value.reason == "PAGE_TOKEN_INVALID"


def test_every_order_of_the_contract_is_known_by_a_name_of_its_own() -> None:
    assert set(ORDERS) == set(gateway_pb2.CardOrder.values()) - {gateway_pb2.CARD_ORDER_UNSPECIFIED}
    assert len(BY_NAME) == len(ORDERS)


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("newest", "2026-11-21 13:00:00.123456+00"),
        ("oldest", "2026-11-21 13:00:00+00"),
        ("title", "ärger 🎵"),
        ("tempo", "121.99999999999999"),
        ("key", "08b"),
        ("duration", "180.5"),
    ],
)
def test_a_card_s_token_brings_it_back(order: str, key: str) -> None:
    position = Position(key, "track")
    assert sorting.position(after(position.token(BY_NAME[order])), BY_NAME[order]) == position


@pytest.mark.parametrize(
    ("order", "parts"),
    [
        ("tempo", ("tempo", "fast", "id")),
        ("duration", ("duration", "inf", "id")),
        ("newest", ("newest", "now", "id")),
        # Made for a list that was sorted otherwise.
        ("title", ("newest", "2026-11-21 13:00:00+00", "id")),
        ("oldest", ("newest", "2026-11-21 13:00:00+00", "id")),
    ],
)
def test_a_forged_card_token_is_the_caller_s_mistake(order: str, parts: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        sorting.position(after(paging.token(*parts)), BY_NAME[order])
    assert refused.value.reason == "PAGE_TOKEN_INVALID"
