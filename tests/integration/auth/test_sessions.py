"""Registering, signing in, refreshing, signing out."""

import asyncio

import grpc
import pytest
from puremusic.auth.v1 import auth_pb2

from chassis import errors
from tests.integration.auth.replica import PASSWORD, Environment, Replica, new_email, reason, refusal, running


async def test_from_registration_to_signing_out(auth: Replica) -> None:
    email = new_email()
    registered = await auth.register(email)
    assert registered.user.email == email
    assert list(registered.user.roles) == ["user"]
    assert registered.user.accepted_terms_version == "1"
    assert (registered.expires_in, registered.refresh_expires_in) == (900, 7 * 24 * 3600)
    session = await auth.login(email)
    assert session.user == registered.user == await auth.me(session.access_token)
    refreshed = await auth.refresh(session)
    assert refreshed.refresh_token != session.refresh_token
    assert (await auth.me(refreshed.access_token)).user_id == session.user.user_id
    await auth.stub.Logout(auth_pb2.LogoutRequest(refresh_token=refreshed.refresh_token))
    assert await reason(auth.refresh(refreshed)) == "REFRESH_TOKEN_REVOKED"
    # Only that login: the one of the registration goes on.
    await auth.refresh(registered)


async def test_an_address_is_taken_in_every_spelling(auth: Replica) -> None:
    email = new_email()
    await auth.register(email)
    refused = await refusal(auth.register(f" {email.upper()}"))
    assert (type(refused), refused.reason) == (errors.AlreadyExists, "EMAIL_TAKEN")
    assert (await auth.login(email.title())).user.email == email


async def test_of_two_who_register_the_same_address_at_once_one_gets_it(auth: Replica) -> None:
    email = new_email()
    answers = await asyncio.gather(*(auth.register(email) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(answer, auth_pb2.Session) for answer in answers) == 1
    assert len(await auth.execute("SELECT 1 FROM account WHERE email = :email", email=email)) == 1


@pytest.mark.parametrize(
    ("changes", "kind", "expected"),
    [
        ({"email": "nobody"}, errors.InvalidInput, "INVALID_EMAIL"),
        ({"email": ""}, errors.InvalidInput, "FIELD_REQUIRED"),
        ({"email": "a\0b@example.org"}, errors.InvalidInput, "FIELD_INVALID"),
        ({"password": "password123"}, errors.InvalidInput, "WEAK_PASSWORD"),
        ({"password": "x" * 30_000}, errors.InvalidInput, "FIELD_TOO_LONG"),
        ({"display_name": "x" * 101}, errors.InvalidInput, "INVALID_NAME"),
        ({"accepted_terms_version": "0"}, errors.NotReady, "TERMS_NOT_ACCEPTED"),
    ],
)
async def test_what_no_account_is_made_of(
    auth: Replica, changes: dict[str, str], kind: type[errors.DomainError], expected: str
) -> None:
    wish = {"email": new_email(), "password": PASSWORD, "accepted_terms_version": "1", **changes}
    refused = await refusal(auth.stub.Register(auth_pb2.RegisterRequest(**wish)))
    assert (type(refused), refused.reason) == (kind, expected)
    assert not await auth.execute("SELECT 1 FROM account WHERE email = :email", email=wish["email"].replace("\0", ""))


async def test_a_refresh_token_that_comes_twice_ends_its_whole_family(auth: Replica) -> None:
    first = await auth.register()
    second = await auth.refresh(first)
    third = await auth.refresh(second)
    elsewhere = await auth.login(first.user.email)
    assert await reason(auth.refresh(first)) == "REFRESH_TOKEN_REUSED"
    assert await reason(auth.refresh(third)) == "REFRESH_TOKEN_REVOKED"
    assert await reason(auth.refresh(second)) == "REFRESH_TOKEN_REUSED"
    await auth.refresh(elsewhere)


async def test_of_many_who_bring_the_same_refresh_token_at_once_one_succeeds(auth: Replica) -> None:
    session = await auth.register()
    answers = await asyncio.gather(*(auth.refresh(session) for _ in range(6)), return_exceptions=True)
    winners = [answer for answer in answers if isinstance(answer, auth_pb2.Session)]
    assert len(winners) == 1
    assert await reason(auth.refresh(winners[0])) == "REFRESH_TOKEN_REVOKED"


async def test_signing_out_everywhere(auth: Replica) -> None:
    first = await auth.register()
    second = await auth.login(first.user.email)
    await auth.stub.Logout(auth_pb2.LogoutRequest(refresh_token=first.refresh_token, everywhere=True))
    assert await reason(auth.refresh(first)) == await reason(auth.refresh(second)) == "REFRESH_TOKEN_REVOKED"


async def test_signing_out_answers_the_same_for_any_token(auth: Replica) -> None:
    session = await auth.register()
    for token in (session.refresh_token, session.refresh_token, "no token of ours"):
        assert await auth.stub.Logout(auth_pb2.LogoutRequest(refresh_token=token)) == auth_pb2.LogoutResponse()


async def test_an_unknown_refresh_token(auth: Replica) -> None:
    unknown = auth_pb2.Session(refresh_token="made up")
    refused = await refusal(auth.refresh(unknown))
    assert (type(refused), refused.reason) == (errors.Unauthenticated, "REFRESH_TOKEN_INVALID")


async def test_a_refresh_token_runs_out(auth: Replica) -> None:
    session = await auth.register()
    await auth.execute(
        "UPDATE refresh_token SET expires_at = now() WHERE login_id IN (SELECT login_id FROM login WHERE user_id = :id)",
        id=session.user.user_id,
    )
    assert await reason(auth.refresh(session)) == "REFRESH_TOKEN_EXPIRED"


async def test_refreshing_does_not_go_beyond_the_end_of_the_session(auth: Replica) -> None:
    session = await auth.register()
    await auth.execute(
        "UPDATE login SET expires_at = now() + interval '100 seconds' WHERE user_id = :id", id=session.user.user_id
    )
    refreshed = await auth.refresh(session)
    assert 95 <= refreshed.refresh_expires_in <= 100


async def test_refresh_tokens_are_stored_as_hashes_only(auth: Replica) -> None:
    session = await auth.register()
    stored = await auth.execute("SELECT t::text AS line FROM refresh_token t UNION ALL SELECT a::text FROM account a")
    assert not any(session.refresh_token in row.line or PASSWORD in row.line for row in stored)


async def test_a_replica_refreshes_what_another_began(environment: Environment) -> None:
    async with running(environment) as one, running(environment) as other:
        session = await one.register()
        refreshed = await other.refresh(session)
        assert (await one.me(refreshed.access_token)).email == session.user.email


async def test_a_login_renews_a_hash_of_other_parameters(auth: Replica, environment: Environment) -> None:
    session = await auth.register()
    async with running(environment, ARGON2_MEMORY_KIB="128") as dearer:
        await dearer.login(session.user.email)
        await dearer.login(session.user.email)
    rows = await auth.execute("SELECT password_hash FROM account WHERE user_id = :id", id=session.user.user_id)
    assert "m=128" in rows[0].password_hash
    await auth.login(session.user.email)


async def test_a_login_whose_password_is_changed_meanwhile_fails(
    auth: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await auth.register()
    credentials = auth.parts.use_cases.sessions.credentials
    check = credentials.check

    async def slow_check(email: str, password: str) -> object:
        found = await check(email, password)
        await auth.execute("UPDATE account SET password_hash = 'another' WHERE user_id = :id", id=found.user_id)
        return found

    monkeypatch.setattr(credentials, "check", slow_check)
    assert await reason(auth.login(session.user.email)) == "WRONG_CREDENTIALS"


async def test_without_the_required_fields_nothing_is_looked_up(auth: Replica) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await auth.stub.Login(auth_pb2.LoginRequest(email=new_email()))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
