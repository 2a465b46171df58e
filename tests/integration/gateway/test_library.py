"""Cards: what they show, and how they are searched, sorted and paged."""

from collections.abc import AsyncIterator

import grpc
import pytest
import pytest_asyncio
from puremusic.gateway.v1 import gateway_pb2

from chassis import paging, status
from tests.integration.gateway.facts import Author, new_id
from tests.integration.gateway.running import Metadata, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDERS = {
    gateway_pb2.CARD_ORDER_NEWEST: ["zero", "under", "twin b", "twin a", "Per 100%", "alpha"],
    gateway_pb2.CARD_ORDER_OLDEST: ["alpha", "Per 100%", "twin a", "twin b", "under", "zero"],
    gateway_pb2.CARD_ORDER_TITLE: ["alpha", "Per 100%", "twin a", "twin b", "under", "zero"],
    gateway_pb2.CARD_ORDER_TEMPO: ["zero", "alpha", "twin a", "twin b", "Per 100%", "under"],
    gateway_pb2.CARD_ORDER_KEY: ["under", "alpha", "twin a", "twin b", "zero", "Per 100%"],
    gateway_pb2.CARD_ORDER_DURATION: ["zero", "twin a", "twin b", "under", "alpha", "Per 100%"],
}


@pytest_asyncio.fixture(loop_scope="module")
async def library(gateway: Running, ada: Author) -> Running:
    """Six songs: two are alike in everything but their ids, two were not heard."""
    low, high = sorted((new_id(), new_id()))
    first, last = sorted((new_id(), new_id()))
    songs = [
        (new_id(), "alpha", 0, 200.0, 90.0, "2A"),
        (first, "Per 100%", 1, 300.0, None, ""),
        (low, "twin a", 2, 100.0, 120.0, "10B"),
        (high, "twin b", 2, 100.0, 120.0, "10B"),
        (last, "under", 3, 150.0, None, "1B"),
        (new_id(), "zero", 4, 50.0, 80.0, "12A"),
    ]
    for track_id, title, minute, seconds, tempo, camelot in songs:
        filename = f"{title.replace(' ', '_')}.wav"
        await gateway.fold(ada.track(track_id, title=title, minute=minute, seconds=seconds, filename=filename))
        if tempo or camelot:
            await gateway.fold(ada.analysis(new_id(), track_id, "completed", tempo=tempo, camelot=camelot))
    # Somebody else has songs too.
    await gateway.fold(Author().track(new_id(), title="alpha"))
    return gateway


async def pages(
    gateway: Running, caller: Metadata, size: int, **wish: object
) -> AsyncIterator[gateway_pb2.ListCardsResponse]:
    """Every page of a list."""
    token = ""
    while True:
        request = gateway_pb2.ListCardsRequest(page_size=size, page_token=token, **wish)  # type: ignore[arg-type]
        page = await gateway.library.ListCards(request, metadata=caller)
        yield page
        token = page.next_page_token
        if not token:
            return


async def titles(gateway: Running, caller: Metadata, size: int = 50, **wish: object) -> list[str]:
    """The titles of a whole list."""
    return [card.title async for page in pages(gateway, caller, size, **wish) for card in page.cards]


@pytest.mark.parametrize("size", [1, 2, 3, 6])
@pytest.mark.parametrize("order", ORDERS)
async def test_every_order_is_the_same_however_it_is_paged(
    library: Running, as_ada: Metadata, order: gateway_pb2.CardOrder.ValueType, size: int
) -> None:
    expected = ORDERS[order]
    assert await titles(library, as_ada, size, order=order) == expected


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", 6),
        ("ALPHA", 1),
        ("twin", 2),
        ("%", 1),
        ("100%", 1),
        ("_", 3),
        ("twin_b", 1),
        ("a_b", 0),
        ("\\", 0),
        ("'; DROP TABLE track; --", 0),
        (".WAV", 6),
    ],
)
async def test_a_search_means_what_it_says(library: Running, as_ada: Metadata, search: str, found: int) -> None:
    listed = [page async for page in pages(library, as_ada, 50, search=search)]
    assert [page.total for page in listed] == [found]
    assert len(listed[0].cards) == found


async def test_a_page_is_not_upset_by_what_comes_and_goes(library: Running, ada: Author, as_ada: Metadata) -> None:
    request = gateway_pb2.ListCardsRequest(page_size=2, order=gateway_pb2.CARD_ORDER_TITLE)
    first = await library.library.ListCards(request, metadata=as_ada)
    assert first.total == 6
    await library.fold(
        ada.track(first.cards[1].track_id, deleted=True),
        ada.track(new_id(), title="aaa, came later"),
    )
    request.page_token = first.next_page_token
    second = await library.library.ListCards(request, metadata=as_ada)
    assert [card.title for card in second.cards] == ["twin a", "twin b"]


async def test_the_status_of_a_card_follows_its_newest_separation(
    gateway: Running, ada: Author, as_ada: Metadata
) -> None:
    track, first, second = new_id(), new_id(), new_id()

    async def card() -> gateway_pb2.TrackCard:
        return await gateway.library.GetCard(gateway_pb2.GetCardRequest(track_id=track), metadata=as_ada)

    story = [
        (ada.track(track, "awaiting_upload"), "AWAITING_UPLOAD"),
        (ada.track(track, "checking"), "CHECKING"),
        (ada.track(track, "uploaded"), "UPLOADED"),
        (ada.separation(first, track, "pending", minute=1), "SEPARATING"),
        (ada.separation(first, track, "separating", minute=1), "SEPARATING"),
        (ada.separation(first, track, "failed", minute=1), "FAILED"),
        (ada.separation(second, track, "pending", minute=2), "SEPARATING"),
        (ada.separation(second, track, "completed", minute=2), "SEPARATED"),
        (ada.separation(second, track, "completed", minute=2, deleted=True), "FAILED"),
        (ada.separation(first, track, "failed", minute=1, deleted=True), "UPLOADED"),
    ]
    for fact, expected in story:
        await gateway.fold(fact)
        assert (await card()).status == gateway_pb2.CardStatus.Value(f"CARD_STATUS_{expected}")
        only = gateway_pb2.CardStatus.Value(f"CARD_STATUS_{expected}")
        assert len(await titles(gateway, as_ada, status=only)) == 1
        another = gateway_pb2.CARD_STATUS_CHECKING if expected != "CHECKING" else gateway_pb2.CARD_STATUS_FAILED
        assert not await titles(gateway, as_ada, status=another)


async def test_another_s_card_is_not_there(library: Running, as_ada: Metadata, ada: Author) -> None:
    mine = (await library.library.ListCards(gateway_pb2.ListCardsRequest(), metadata=as_ada)).cards[0].track_id
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await library.library.GetCard(
            gateway_pb2.GetCardRequest(track_id=mine), metadata=library.as_user(Author().owner_id)
        )
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    "token", ["x", paging.token("title", "a"), paging.token("tempo", "NaN", "a"), paging.token("\0"), paging.token("a")]
)
async def test_a_forged_page_token_is_the_caller_s_mistake(gateway: Running, as_ada: Metadata, token: str) -> None:
    cards = gateway_pb2.ListCardsRequest(page_token=token, order=gateway_pb2.CARD_ORDER_TEMPO)
    jobs = gateway_pb2.ListJobsRequest(page_token=token)
    for call in (
        gateway.library.ListCards(cards, metadata=as_ada),
        gateway.jobs.ListJobs(jobs, metadata=as_ada),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call
        assert status.from_call(refused.value).reason == "PAGE_TOKEN_INVALID"


async def test_a_search_has_a_limit(gateway: Running, as_ada: Metadata) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await gateway.library.ListCards(gateway_pb2.ListCardsRequest(search="x" * 201), metadata=as_ada)
    assert status.from_call(refused.value).reason == "SEARCH_TOO_LONG"
