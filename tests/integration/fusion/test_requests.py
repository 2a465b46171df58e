"""What callers may ask of fusion, and what they hear when they may not. No worker runs: what is asked for stays pending."""

import math

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from puremusic.fusion.v1 import fusion_pb2 as pb

from chassis import paging
from deploy.local.waiting import until
from tests.integration.fusion.running import (
    BASS,
    DRUMS,
    GUITAR,
    JOBS_PER_USER,
    RESIDUAL,
    Fusion,
    User,
    named,
    renaming,
    tone,
    wish,
)


def test_stems_are_chosen_by_id_or_by_track_and_type(ada: User) -> None:
    vocals, drums = ada.stem(), ada.stem(kind=DRUMS)
    ada.stem(kind=BASS, track_id=drums.track_id)
    first = pb.SelectedStem(stem_id=vocals.stem_id, gain_db=-3, pan=0.5)

    made = ada.fuse(first, named(drums.track_id, "drums", mute=True), named(drums.track_id, "bass", gain_db=12))

    assert [(stem.stem_id, stem.track_id, stem.type) for stem in made.stems][:2] == [
        (vocals.stem_id, vocals.track_id, "vocals"),
        (drums.stem_id, drums.track_id, "drums"),
    ]
    assert [(stem.gain_db, stem.pan, stem.mute) for stem in made.stems] == [
        (-3, 0.5, False),
        (0, 0, True),
        (12, 0, False),
    ]
    assert (made.status, made.title, made.revision) == (pb.FUSION_STATUS_PENDING, "vocals + drums, bass", 1)
    assert ada.get(made.fusion_id) == made


def test_a_residual_is_chosen_by_its_id_alone(ada: User) -> None:
    residual = ada.stem(kind=RESIDUAL)
    ada.stem(kind=GUITAR, track_id=residual.track_id)
    made = ada.fuse(residual, named(residual.track_id, "guitar"))
    assert [stem.type for stem in made.stems] == ["residual", "guitar"]
    unnamed = wish(named(residual.track_id, "residual"))
    assert ada.reason("CreateFusion", unnamed) == ("INVALID_ARGUMENT", "STEM_NOT_NAMED")


def test_what_is_wrong_with_stems_is_named(fusion: Fusion, ada: User, bob: User) -> None:
    own, others = ada.stem(), bob.stem()
    fusion.separation.under_way.add("separating")
    chosen = pb.SelectedStem
    many = [chosen(stem_id=own.stem_id)] * 33

    for stems, code, reason in (
        ([], "INVALID_ARGUMENT", "FIELD_REQUIRED"),
        ([chosen()], "INVALID_ARGUMENT", "STEM_NOT_NAMED"),
        ([chosen(track_id=own.track_id)], "INVALID_ARGUMENT", "STEM_NOT_NAMED"),
        ([chosen(type="vocals")], "INVALID_ARGUMENT", "STEM_NOT_NAMED"),
        ([chosen(stem_id="nothing")], "NOT_FOUND", "STEM_NOT_FOUND"),
        ([chosen(stem_id=others.stem_id)], "NOT_FOUND", "STEM_NOT_FOUND"),
        ([named(own.track_id, "guitar")], "NOT_FOUND", "STEM_NOT_FOUND"),
        ([named(others.track_id, "vocals")], "NOT_FOUND", "STEM_NOT_FOUND"),
        ([named("separating", "vocals")], "FAILED_PRECONDITION", "STEM_NOT_READY"),
        ([chosen(stem_id=own.stem_id), named(own.track_id, "vocals")], "INVALID_ARGUMENT", "DUPLICATE_STEM"),
        (many, "INVALID_ARGUMENT", "TOO_MANY_STEMS"),
        ([chosen(stem_id=own.stem_id, gain_db=math.nan)], "INVALID_ARGUMENT", "GAIN_OUT_OF_RANGE"),
        ([chosen(stem_id=own.stem_id, pan=-math.inf)], "INVALID_ARGUMENT", "PAN_OUT_OF_RANGE"),
    ):
        assert ada.reason("CreateFusion", wish(*stems)) == (code, reason)
    assert not fusion.service.query("SELECT FROM fusion WHERE owner_id = %s", ada.user_id)


def test_titles_are_made_harmless(ada: User) -> None:
    made = ada.fuse(ada.stem(), title=" Night\tdrive\n\u202e ")
    assert made.title == "Night drive"
    assert ada.reason("CreateFusion", wish(ada.stem(), title="x" * 201)) == ("INVALID_ARGUMENT", "TITLE_TOO_LONG")


def test_a_revision_follows_its_parent(ada: User, bob: User) -> None:
    first = ada.fuse(ada.stem())
    second = ada.fuse(ada.stem(), parent_fusion_id=first.fusion_id)
    sibling = ada.fuse(ada.stem(), parent_fusion_id=first.fusion_id)

    assert (second.parent_fusion_id, second.revision, sibling.revision) == (first.fusion_id, 2, 2)
    for user, parent in ((ada, "nothing"), (bob, first.fusion_id)):
        request = wish(user.stem(), parent_fusion_id=parent)
        assert user.reason("CreateFusion", request) == ("NOT_FOUND", "FUSION_NOT_FOUND")


def test_an_idempotency_key_belongs_to_one_request(ada: User) -> None:
    stem = ada.stem()
    first = ada.fuse(stem, idempotency_key="k")

    assert ada.fuse(stem, idempotency_key="k") == first
    assert ada.fuse(stem).fusion_id != first.fusion_id
    other = wish(pb.SelectedStem(stem_id=stem.stem_id, gain_db=1), idempotency_key="k")
    assert ada.reason("CreateFusion", other) == ("ABORTED", "IDEMPOTENCY_CONFLICT")


def test_unfinished_jobs_are_limited(ada: User, bob: User) -> None:
    made = [ada.fuse(ada.stem()) for _ in range(JOBS_PER_USER)]

    assert ada.reason("CreateFusion", wish(ada.stem())) == ("RESOURCE_EXHAUSTED", "TOO_MANY_JOBS")
    bob.fuse(bob.stem())
    assert ada.cancel(made[0].fusion_id).status == pb.FUSION_STATUS_CANCELLED
    ada.fuse(ada.stem())


def test_lists_come_in_pages_newest_first(ada: User, bob: User) -> None:
    made = [ada.fuse(ada.stem()).fusion_id for _ in range(JOBS_PER_USER)]
    bob.fuse(bob.stem())
    first = ada.call("ListFusions", pb.ListFusionsRequest(page_size=2))
    rest = ada.call("ListFusions", pb.ListFusionsRequest(page_size=2, page_token=first.next_page_token))

    assert [fusion.fusion_id for fusion in [*first.fusions, *rest.fusions]] == made[::-1]
    assert not rest.next_page_token
    for token in ("x", paging.token("yesterday", "x"), paging.token("2026-01-01"), first.next_page_token[:-3]):
        request = pb.ListFusionsRequest(page_token=token)
        assert ada.reason("ListFusions", request) == ("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID")


def test_lists_are_searched_and_sorted_page_by_page(ada: User, bob: User) -> None:
    made = {title: ada.fuse(ada.stem(), title=title).fusion_id for title in ("Über_Nacht", "anna", "Night 100%")}
    bob.fuse(bob.stem(), title="anna")

    def listed(order: "pb.FusionOrder.ValueType", search: str = "") -> list[str]:
        found: list[str] = []
        request = pb.ListFusionsRequest(page_size=1, order=order, search=search)
        while True:
            page = ada.call("ListFusions", request)
            found += [fusion.title for fusion in page.fusions]
            request.page_token = page.next_page_token
            if not page.next_page_token:
                assert page.total == len(found)
                return found

    assert listed(pb.FUSION_ORDER_OLDEST) == list(made)
    assert listed(pb.FUSION_ORDER_NEWEST) == listed(pb.FUSION_ORDER_UNSPECIFIED) == list(made)[::-1]
    assert listed(pb.FUSION_ORDER_TITLE) == sorted(made, key=str.lower)
    assert set(listed(pb.FUSION_ORDER_DURATION)) == set(made), "what has no length yet is there all the same"
    for search, titles in (
        ("N", {"Über_Nacht", "anna", "Night 100%"}),
        ("NACHT", {"Über_Nacht"}),
        ("%", {"Night 100%"}),
        ("r_n", {"Über_Nacht"}),
        ("_", {"Über_Nacht"}),
        ("x", set()),
    ):
        assert set(listed(pb.FUSION_ORDER_TITLE, search)) == titles
    too_long = pb.ListFusionsRequest(search="x" * 201)
    assert ada.reason("ListFusions", too_long) == ("INVALID_ARGUMENT", "SEARCH_TOO_LONG")
    first = ada.call("ListFusions", pb.ListFusionsRequest(page_size=1))
    otherwise = pb.ListFusionsRequest(page_token=first.next_page_token, order=pb.FUSION_ORDER_TITLE)
    assert ada.reason("ListFusions", otherwise) == ("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID")


def test_a_fusion_is_renamed(fusion: Fusion, ada: User) -> None:
    made = ada.fuse(ada.stem(), title="Mine")
    renamed = ada.rename(made.fusion_id, " Night\tdrive\n\u202e ")

    assert (renamed.title, renamed.version) == ("Night drive", made.version + 1)
    assert ada.get(made.fusion_id) == renamed
    assert ada.rename(made.fusion_id, "Night drive") == renamed, "nothing has changed"
    assert fusion.service.verbs("fusion", made.fusion_id) == ["pending", "updated"]
    told = fusion.changes(made.fusion_id)[-1][1]
    assert (told.fusion.title, told.meta.version) == ("Night drive", renamed.version)


@pytest.mark.parametrize(
    ("title", "paths", "reason"),
    [
        ("", ["title"], "TITLE_EMPTY"),
        ("\u202e\n", ["title"], "TITLE_EMPTY"),
        ("x" * 201, ["title"], "TITLE_TOO_LONG"),
        ("New", ["title", "status"], "UPDATE_MASK_INVALID"),
        ("New", [], "FIELD_REQUIRED"),
    ],
)
def test_changes_that_are_refused(ada: User, title: str, paths: list[str], reason: str) -> None:
    made = ada.fuse(ada.stem(), title="Mine")
    request = pb.UpdateFusionRequest(
        fusion=pb.Fusion(fusion_id=made.fusion_id, title=title), update_mask=FieldMask(paths=paths)
    )
    if not paths:
        request.ClearField("update_mask")
    assert ada.reason("UpdateFusion", request) == ("INVALID_ARGUMENT", reason)
    assert ada.get(made.fusion_id) == made


def test_what_is_not_finished_is_neither_rated_nor_downloaded(ada: User) -> None:
    fusion_id = ada.fuse(ada.stem()).fusion_id

    for method, request in (
        ("RateFusion", pb.RateFusionRequest(fusion_id=fusion_id, stars=5)),
        ("GetDownloadUrl", pb.GetDownloadUrlRequest(fusion_id=fusion_id)),
        ("GetReceipt", pb.GetReceiptRequest(fusion_id=fusion_id)),
    ):
        assert ada.reason(method, request) == ("FAILED_PRECONDITION", "FUSION_NOT_READY")


def test_nobody_sees_what_is_not_theirs(ada: User, bob: User) -> None:
    made = ada.fuse(ada.stem())

    for fusion_id in (made.fusion_id, "nothing", "two words", ">"):
        for method, request in (
            ("GetFusion", pb.GetFusionRequest(fusion_id=fusion_id)),
            ("CancelFusion", pb.CancelFusionRequest(fusion_id=fusion_id)),
            ("DeleteFusion", pb.DeleteFusionRequest(fusion_id=fusion_id)),
            ("GetDownloadUrl", pb.GetDownloadUrlRequest(fusion_id=fusion_id)),
            ("UpdateFusion", renaming(fusion_id, "Mine")),
            ("RateFusion", pb.RateFusionRequest(fusion_id=fusion_id, stars=1)),
        ):
            assert bob.reason(method, request) == ("NOT_FOUND", "FUSION_NOT_FOUND")
        with pytest.raises(Exception, match="no such fusion, or it is not yours"):
            next(bob.watch(fusion_id))
    assert ada.get(made.fusion_id) == made


def test_a_watch_sends_what_is_and_ends_with_the_job(ada: User) -> None:
    made = ada.fuse(ada.stem())
    watching = ada.watch(made.fusion_id)

    assert next(watching) == made
    cancelled = ada.cancel(made.fusion_id)
    assert [change.status for change in watching] == [pb.FUSION_STATUS_CANCELLED]
    assert ada.cancel(made.fusion_id) == cancelled, "what has ended stays as it is"


def test_a_deleted_track_ends_what_needs_it(fusion: Fusion, ada: User) -> None:
    gone, other = ada.stem(), ada.stem()
    both, neither = ada.fuse(gone, other), ada.fuse(other)
    for _ in range(2):  # facts may come twice
        ada.tell_track_deleted(gone.track_id)

    assert ada.ended(both.fusion_id).status == pb.FUSION_STATUS_CANCELLED
    assert ada.get(neither.fusion_id).status == pb.FUSION_STATUS_PENDING
    # Separation may not have heard of it yet.
    assert ada.reason("CreateFusion", wish(gone)) == ("NOT_FOUND", "STEM_NOT_FOUND")
    assert fusion.service.verbs("fusion", both.fusion_id) == ["pending", "cancelled"]


def test_nothing_of_a_deleted_user_stays(fusion: Fusion, ada: User, bob: User) -> None:
    hers, his = ada.fuse(ada.stem(), idempotency_key="k"), bob.fuse(bob.stem())
    service = fusion.service
    service.tell_user_deleted(ada.user_id)
    ada.wait_until_gone()

    for table in ("fusion", "job", "idempotency_key"):
        assert not service.query(f"SELECT FROM {table} WHERE owner_id = %s", ada.user_id)
    assert service.verbs("fusion", hers.fusion_id) == ["pending", "deleted"]
    assert fusion.changes(hers.fusion_id)[-1][1].deleted
    assert ada.reason("CreateFusion", wish(ada.stem()))[0] == "NOT_FOUND"
    assert bob.get(his.fusion_id) == his


def test_a_deletion_is_completed_however_often_it_takes(fusion: Fusion, ada: User) -> None:
    """As when the store was away after the rows had gone: the same fact comes again, and must still remove the objects."""
    fusion.service.tell_user_deleted(ada.user_id)
    assert until(
        lambda: bool(fusion.service.query("SELECT FROM applied_event WHERE aggregate_id = %s", ada.user_id)), 30
    )
    fusion.service.put_audio(f"fusion/{ada.user_id}/left/1/fusion.wav", tone(220), 44_100)
    fusion.service.tell_user_deleted(ada.user_id)

    assert until(lambda: not fusion.service.objects(ada.user_id), 30)
