"""What a signed-in user does with their account, and what an operator may."""

from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from puremusic.auth.v1 import auth_pb2, events_pb2

from chassis import errors
from services.auth.store import pruning
from tests.integration.auth.replica import PASSWORD, Environment, Replica, bearer, new_email, reason, refusal, running

ANOTHER = "a different horse entirely"


async def told(auth: Replica, user_id: str) -> list[tuple[str, events_pb2.UserChanged]]:
    """Return the facts about a user that wait in the outbox (no relay runs here)."""
    rows = await auth.execute("SELECT subject, message_id, payload FROM outbox ORDER BY id")
    facts = [(row.subject, row.message_id, events_pb2.UserChanged.FromString(bytes(row.payload))) for row in rows]
    assert all(message_id == fact.meta.event_id for _, message_id, fact in facts)
    return [(subject, fact) for subject, _, fact in facts if fact.meta.owner_id == user_id]


def update(session: auth_pb2.Session, *paths: str, **fields: Any) -> tuple[auth_pb2.UpdateMeRequest, Any]:
    """Return the arguments of UpdateMe."""
    request = auth_pb2.UpdateMeRequest(user=auth_pb2.User(**fields), update_mask=FieldMask(paths=paths))
    return request, bearer(session.access_token)


async def test_registration_is_a_fact(auth: Replica) -> None:
    user_id = (await auth.register()).user.user_id
    [(subject, fact)] = await told(auth, user_id)
    assert subject == f"events.user.registered.{user_id}.{user_id}"
    assert not fact.deleted
    assert fact.meta.aggregate_id == user_id
    assert fact.meta.version >= 1


async def test_a_refused_registration_is_no_fact(auth: Replica) -> None:
    email = (await auth.register()).user.email
    before = len(await auth.execute("SELECT 1 FROM outbox"))
    assert await reason(auth.register(email)) == "EMAIL_TAKEN"
    assert len(await auth.execute("SELECT 1 FROM outbox")) == before


async def test_only_what_the_mask_names_changes(auth: Replica) -> None:
    session = await auth.register()
    request, metadata = update(session, "display_name", display_name=" Countess ", email="x", roles=["admin"])
    changed = await auth.stub.UpdateMe(request, metadata=metadata)
    assert changed.display_name == "Countess"
    session.user.display_name = "Countess"
    assert changed == session.user == await auth.me(session.access_token)


async def test_a_name_can_be_emptied(auth: Replica) -> None:
    session = await auth.register()
    request, metadata = update(session, "display_name")
    assert (await auth.stub.UpdateMe(request, metadata=metadata)).display_name == ""


async def test_new_terms_are_accepted_later(auth: Replica, environment: Environment) -> None:
    session = await auth.register()
    async with running(environment, TERMS_VERSION="2") as newer:
        request, metadata = update(session, "accepted_terms_version", accepted_terms_version="2")
        changed = await newer.stub.UpdateMe(request, metadata=metadata)
        assert changed.accepted_terms_version == "2"
        assert changed.accepted_terms_time.ToDatetime() > session.user.accepted_terms_time.ToDatetime()
        request, metadata = update(session, "accepted_terms_version", accepted_terms_version="1")
        assert await reason(newer.stub.UpdateMe(request, metadata=metadata)) == "TERMS_NOT_ACCEPTED"


@pytest.mark.parametrize("paths", [["email"], ["display_name", "roles"], ["nothing.of_the_kind"], ["*"], [""]])
async def test_what_a_mask_may_not_name(auth: Replica, paths: list[str]) -> None:
    session = await auth.register()
    request, metadata = update(session, *paths, display_name="Eve", email="eve@example.org")
    refused = await refusal(auth.stub.UpdateMe(request, metadata=metadata))
    assert (type(refused), refused.reason) == (errors.InvalidInput, "UPDATE_MASK_INVALID")
    assert await auth.me(session.access_token) == session.user


async def test_changing_the_password_signs_out_elsewhere(auth: Replica) -> None:
    session = await auth.register()
    request = auth_pb2.ChangePasswordRequest(current_password=PASSWORD, new_password=ANOTHER)
    changed = await auth.stub.ChangePassword(request, metadata=bearer(session.access_token))
    assert await reason(auth.refresh(session)) == "REFRESH_TOKEN_REVOKED"
    assert await reason(auth.login(session.user.email)) == "WRONG_CREDENTIALS"
    await auth.login(session.user.email, ANOTHER)
    await auth.refresh(changed)


async def test_a_stolen_access_token_does_not_guess_the_password(auth: Replica) -> None:
    session = await auth.register()
    metadata = bearer(session.access_token)
    guess = auth_pb2.ChangePasswordRequest(current_password="a guess", new_password=ANOTHER)
    refused = await refusal(auth.stub.ChangePassword(guess, metadata=metadata))
    assert (type(refused), refused.reason) == (errors.Forbidden, "WRONG_PASSWORD")
    for _ in range(auth.config.lockout.failures - 1):
        assert await reason(auth.stub.DeleteMe(auth_pb2.DeleteMeRequest(password="g"), metadata=metadata))
    right = auth_pb2.DeleteMeRequest(password=PASSWORD)
    assert await reason(auth.stub.DeleteMe(right, metadata=metadata)) == "ACCOUNT_LOCKED"


async def test_a_weak_new_password_changes_nothing(auth: Replica) -> None:
    session = await auth.register()
    request = auth_pb2.ChangePasswordRequest(current_password=PASSWORD, new_password=session.user.email)
    call = auth.stub.ChangePassword(request, metadata=bearer(session.access_token))
    assert await reason(call) == "WEAK_PASSWORD"
    await auth.refresh(session)


async def test_the_export_holds_everything(auth: Replica) -> None:
    session = await auth.register()
    metadata = bearer(session.access_token)
    ended = await auth.login(session.user.email)
    await auth.stub.Logout(auth_pb2.LogoutRequest(refresh_token=ended.refresh_token))
    key = auth_pb2.CreateApiKeyRequest(name="script", scopes=["read"])
    made = await auth.stub.CreateApiKey(key, metadata=metadata)
    export = await auth.stub.ExportMe(auth_pb2.ExportMeRequest(), metadata=metadata)
    assert export.user == session.user
    assert list(export.api_keys) == [made.api_key]
    assert [login.revoked for login in export.logins] == [True, False]
    assert all(login.expire_time.ToDatetime() > login.create_time.ToDatetime() for login in export.logins)


async def test_deletion_leaves_nothing_and_is_a_fact(auth: Replica) -> None:
    session = await auth.register()
    metadata, user_id = bearer(session.access_token), session.user.user_id
    await auth.stub.CreateApiKey(auth_pb2.CreateApiKeyRequest(name="k", scopes=["read"]), metadata=metadata)
    wrong = auth_pb2.DeleteMeRequest(password="wrong")
    assert await reason(auth.stub.DeleteMe(wrong, metadata=metadata)) == "WRONG_PASSWORD"
    await auth.stub.DeleteMe(auth_pb2.DeleteMeRequest(password=PASSWORD), metadata=metadata)
    for table in ("account", "login", "api_key"):
        assert not await auth.execute(f"SELECT 1 FROM {table} WHERE user_id = :id", id=user_id)
    (_, registered), (subject, deleted) = await told(auth, user_id)
    assert subject == f"events.user.deleted.{user_id}.{user_id}"
    assert deleted.deleted
    assert deleted.meta.version > registered.meta.version
    assert await reason(auth.refresh(session)) == "REFRESH_TOKEN_INVALID"
    assert await reason(auth.login(session.user.email)) == "WRONG_CREDENTIALS"
    gone = await refusal(auth.me(session.access_token))
    assert (type(gone), gone.reason) == (errors.Unauthenticated, "ACCOUNT_DELETED")
    assert (await auth.register(session.user.email)).user.user_id != user_id


async def issue_reset(auth: Replica, email: str) -> str:
    issued = await auth.stub.IssueResetToken(
        auth_pb2.IssueResetTokenRequest(email=email), metadata=await auth.operator()
    )
    return issued.reset_token


def reset(token: str, password: str = ANOTHER) -> auth_pb2.ResetPasswordRequest:
    return auth_pb2.ResetPasswordRequest(reset_token=token, new_password=password)


async def test_an_operator_lets_a_user_set_a_new_password_once(auth: Replica) -> None:
    session = await auth.register()
    for _ in range(auth.config.lockout.failures):
        await reason(auth.login(session.user.email, "forgotten"))
    token = await issue_reset(auth, session.user.email.upper())
    other = await issue_reset(auth, session.user.email)
    assert await reason(auth.stub.ResetPassword(reset(token, "password123"))) == "WEAK_PASSWORD"
    await auth.stub.ResetPassword(reset(token))
    await auth.login(session.user.email, ANOTHER)
    assert await reason(auth.refresh(session)) == "REFRESH_TOKEN_REVOKED"
    for used in (token, other, "made up"):
        assert await reason(auth.stub.ResetPassword(reset(used, PASSWORD))) == "RESET_TOKEN_INVALID"


async def test_a_reset_token_runs_out_after_an_hour(auth: Replica) -> None:
    session = await auth.register()
    token = await issue_reset(auth, session.user.email)
    rows = await auth.execute(
        "SELECT expires_at - now() AS left FROM reset_token WHERE user_id = :id", id=session.user.user_id
    )
    assert 3590 <= rows[0].left.total_seconds() <= 3600
    await auth.execute("UPDATE reset_token SET expires_at = now()")
    assert await reason(auth.stub.ResetPassword(reset(token))) == "RESET_TOKEN_INVALID"


async def test_reset_tokens_are_for_operators_and_for_accounts(auth: Replica) -> None:
    session = await auth.register()
    request = auth_pb2.IssueResetTokenRequest(email=session.user.email)
    assert await reason(auth.stub.IssueResetToken(request, metadata=bearer(session.access_token))) == "ROLE_MISSING"
    nobody = auth_pb2.IssueResetTokenRequest(email=new_email())
    refused = await refusal(auth.stub.IssueResetToken(nobody, metadata=await auth.operator()))
    assert type(refused) is errors.NotFound


async def test_what_has_run_out_is_removed(auth: Replica) -> None:
    session = await auth.register()
    await issue_reset(auth, session.user.email)
    await reason(auth.login(new_email()))
    await auth.execute("UPDATE login SET expires_at = now() WHERE user_id = :id", id=session.user.user_id)
    await auth.execute("UPDATE reset_token SET expires_at = now()")
    await auth.execute("UPDATE failed_login SET failed_at = now() - interval '2 days', locked_until = now()")
    kept = await auth.register()
    async with auth.database.transaction() as connection:
        assert await pruning.prune(connection, auth.config.lockout.memory_seconds) >= 3
    for table in ("login", "reset_token"):
        assert not await auth.execute(f"SELECT 1 FROM {table} WHERE user_id = :id", id=session.user.user_id)
    assert not await auth.execute("SELECT 1 FROM failed_login")
    await auth.refresh(kept)
