"""Missing, wrong and expired tokens; API keys; services that act for a user."""

import asyncio
import time
from typing import Any

import jwt
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from puremusic.auth.v1 import auth_pb2

from chassis import errors
from services.auth.tokens import Grant, Mint
from tests.integration.auth.replica import Environment, Metadata, Replica, bearer, reason, refusal, running


def claims(token: str) -> dict[str, Any]:
    """Read a token without checking it."""
    read: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return read


async def make_key(auth: Replica, metadata: Metadata, *scopes: str, **fields: Any) -> auth_pb2.CreateApiKeyResponse:
    """Make an API key."""
    request = auth_pb2.CreateApiKeyRequest(**{"name": "script", "scopes": scopes, **fields})
    return await auth.stub.CreateApiKey(request, metadata=metadata)


async def exchange(auth: Replica, secret: str) -> auth_pb2.ExchangeApiKeyResponse:
    """Exchange an API key."""
    return await auth.stub.ExchangeApiKey(auth_pb2.ExchangeApiKeyRequest(secret=secret))


async def signed(auth: Replica, grant: Grant, *, audience: str = "puremusic", seconds: int = 900) -> str:
    """Return a token that is signed with the real key."""
    async with auth.database.transaction() as connection:
        key = await auth.parts.use_cases.keys.signing(connection)
    return Mint("puremusic", audience).sign(key, grant, seconds).token


async def test_no_token(auth: Replica) -> None:
    refused = await refusal(auth.stub.GetMe(auth_pb2.GetMeRequest()))
    assert (type(refused), refused.reason) == (errors.Unauthenticated, "TOKEN_MISSING")


@pytest.mark.parametrize("header", ["Bearer", "Bearer x.y.z", "Basic YTpi", "nonsense"])
async def test_wrong_tokens(auth: Replica, header: str) -> None:
    call = auth.stub.GetMe(auth_pb2.GetMeRequest(), metadata=(("authorization", header),))
    assert await reason(call) == "TOKEN_INVALID"


async def test_expired_and_foreign_tokens(auth: Replica) -> None:
    user_id = (await auth.register()).user.user_id
    grant = Grant(user_id, ("user",), ("read", "write"))
    assert await reason(auth.me(await signed(auth, grant, seconds=-60))) == "TOKEN_EXPIRED"
    assert await reason(auth.me(await signed(auth, grant, audience="elsewhere"))) == "TOKEN_INVALID"
    assert (await auth.me(await signed(auth, grant))).user_id == user_id


async def test_a_session_may_read_write_and_change_the_account(auth: Replica) -> None:
    session = await auth.register()
    assert claims(session.access_token)["scope"].split() == ["read", "write", "account"]
    assert claims(session.access_token)["exp"] - time.time() == pytest.approx(900, abs=5)


async def test_an_api_key_is_exchanged_for_its_scopes(auth: Replica) -> None:
    session = await auth.register()
    metadata = bearer(session.access_token)
    made = await make_key(auth, metadata, "write", "read", "write", name=" nightly run ")
    assert made.secret.startswith("pm_")
    assert made.api_key.name == "nightly run"
    assert list(made.api_key.scopes) == ["read", "write"]
    assert not made.api_key.HasField("expire_time")
    assert not made.api_key.HasField("last_used_time")
    exchanged = await exchange(auth, made.secret)
    assert exchanged.expires_in == 900
    assert claims(exchanged.access_token)["scope"] == "read write"
    assert (await auth.me(exchanged.access_token)).user_id == session.user.user_id
    listed = await auth.stub.ListApiKeys(auth_pb2.ListApiKeysRequest(), metadata=metadata)
    assert [key.api_key_id for key in listed.api_keys] == [made.api_key.api_key_id]
    assert listed.api_keys[0].HasField("last_used_time")


async def test_an_api_keys_token_makes_no_further_key(auth: Replica) -> None:
    made = await make_key(auth, bearer((await auth.register()).access_token), "read", "write")
    token = (await exchange(auth, made.secret)).access_token
    assert await reason(make_key(auth, bearer(token), "read")) == "SCOPE_MISSING"


async def test_a_key_that_only_writes_reads_nothing(auth: Replica) -> None:
    made = await make_key(auth, bearer((await auth.register()).access_token), "write")
    assert await reason(auth.me((await exchange(auth, made.secret)).access_token)) == "SCOPE_MISSING"


async def test_an_operators_key_carries_the_role(auth: Replica) -> None:
    made = await make_key(auth, await auth.operator(), "read")
    token = (await exchange(auth, made.secret)).access_token
    assert claims(token)["roles"] == ["user", "admin"]
    assert await reason(auth.stub.RotateKeys(auth_pb2.RotateKeysRequest(), metadata=bearer(token))) == "SCOPE_MISSING"


async def test_a_revoked_key_is_no_key(auth: Replica) -> None:
    metadata = bearer((await auth.register()).access_token)
    stranger = bearer((await auth.register()).access_token)
    made = await make_key(auth, metadata, "read")
    revoke = auth_pb2.RevokeApiKeyRequest(api_key_id=made.api_key.api_key_id)
    assert await reason(auth.stub.RevokeApiKey(revoke, metadata=stranger)) == "API_KEY_NOT_FOUND"
    await exchange(auth, made.secret)
    await auth.stub.RevokeApiKey(revoke, metadata=metadata)
    assert await reason(exchange(auth, made.secret)) == "API_KEY_INVALID"
    assert await reason(auth.stub.RevokeApiKey(revoke, metadata=metadata)) == "API_KEY_NOT_FOUND"


async def test_a_token_does_not_outlive_its_key(auth: Replica) -> None:
    metadata = bearer((await auth.register()).access_token)
    made = await make_key(auth, metadata, "read", expire_time=Timestamp(seconds=int(time.time()) + 100))
    assert 90 <= (await exchange(auth, made.secret)).expires_in <= 100
    await auth.execute("UPDATE api_key SET expires_at = now() WHERE api_key_id = :id", id=made.api_key.api_key_id)
    assert await reason(exchange(auth, made.secret)) == "API_KEY_INVALID"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": "  "}, "INVALID_NAME"),
        ({"name": "x" * 101}, "INVALID_NAME"),
        ({"scopes": []}, "FIELD_REQUIRED"),
        ({"scopes": ["read", "account"]}, "UNKNOWN_SCOPE"),
        ({"expire_time": Timestamp(seconds=1)}, "EXPIRE_TIME_PAST"),
        ({"expire_time": Timestamp(seconds=10**15)}, "TIME_INVALID"),
        ({"expire_time": Timestamp(seconds=4 * 10**9, nanos=-1)}, "TIME_INVALID"),
    ],
)
async def test_keys_that_are_not_made(auth: Replica, fields: dict[str, Any], expected: str) -> None:
    metadata = bearer((await auth.register()).access_token)
    assert await reason(make_key(auth, metadata, **{"scopes": ["read"], **fields})) == expected


async def test_keys_are_listed_page_by_page_newest_first(auth: Replica) -> None:
    metadata = bearer((await auth.register()).access_token)
    await make_key(auth, bearer((await auth.register()).access_token), "read", name="a stranger's")
    made = [(await make_key(auth, metadata, "read", name=f"key {n}")).api_key.name for n in range(5)]
    names: list[str] = []
    pages, token = 0, ""
    while pages == 0 or token:
        request = auth_pb2.ListApiKeysRequest(page_size=2, page_token=token)
        answer = await auth.stub.ListApiKeys(request, metadata=metadata)
        names += [key.name for key in answer.api_keys]
        pages, token = pages + 1, answer.next_page_token
    assert (names, pages) == (made[::-1], 3)


@pytest.mark.parametrize("token", ["???", "WyJ4Il0", "WyI5OTk5OTk5OTk5OTk5OTk5OTk5OTk5Il0", "WyJcdTAwMDAiXQ"])
async def test_page_tokens_that_are_not_ours(auth: Replica, token: str) -> None:
    metadata = bearer((await auth.register()).access_token)
    request = auth_pb2.ListApiKeysRequest(page_token=token)
    assert await reason(auth.stub.ListApiKeys(request, metadata=metadata)) == "PAGE_TOKEN_INVALID"


async def test_nobody_has_more_keys_than_the_limit(environment: Environment) -> None:
    async with running(environment, API_KEY_LIMIT="2") as auth:
        metadata = bearer((await auth.register()).access_token)
        answers = await asyncio.gather(*(make_key(auth, metadata, "read") for _ in range(5)), return_exceptions=True)
        assert sum(isinstance(answer, auth_pb2.CreateApiKeyResponse) for answer in answers) == 2
        refused = await refusal(make_key(auth, metadata, "read"))
        assert (type(refused), refused.reason) == (errors.Exhausted, "API_KEY_LIMIT")
        assert refused.metadata == {"limit": "2", "present": "2"}
        await auth.execute("UPDATE api_key SET expires_at = now()")
        await make_key(auth, metadata, "read")


async def test_api_keys_are_stored_as_hashes_only(auth: Replica) -> None:
    made = await make_key(auth, bearer((await auth.register()).access_token), "read")
    rows = await auth.execute("SELECT k::text AS line FROM api_key k")
    assert not any(made.secret in row.line or made.secret.removeprefix("pm_") in row.line for row in rows)


def service_token(service: str, secret: str, user_id: str) -> auth_pb2.IssueServiceTokenRequest:
    return auth_pb2.IssueServiceTokenRequest(service=service, client_secret=secret, user_id=user_id)


async def test_a_service_acts_for_a_user_for_five_minutes_and_never_as_an_operator(auth: Replica) -> None:
    session = await auth.register()
    await auth.execute("UPDATE account SET roles = '{user,admin}' WHERE user_id = :id", id=session.user.user_id)
    issued = await auth.stub.IssueServiceToken(service_token("mir", "the-secret-of-mir", session.user.user_id))
    assert issued.expires_in == 300
    said = claims(issued.access_token)
    assert (said["sub"], said["service"], said["roles"]) == (session.user.user_id, "mir", ["user"])
    assert (await auth.me(issued.access_token)).user_id == session.user.user_id
    assert await reason(make_key(auth, bearer(issued.access_token), "read")) == "SCOPE_MISSING"


@pytest.mark.parametrize(
    ("service", "secret"),
    [("mir", "the-secret-of-fusion"), ("nobody", "the-secret-of-mir"), ("nobody", "x"), ("mir", "the-secret-of-mi")],
)
async def test_who_is_no_service(auth: Replica, service: str, secret: str) -> None:
    user_id = (await auth.register()).user.user_id
    refused = await refusal(auth.stub.IssueServiceToken(service_token(service, secret, user_id)))
    assert (type(refused), refused.reason) == (errors.Unauthenticated, "WRONG_SERVICE_CREDENTIALS")


async def test_nobody_acts_for_somebody_who_is_gone(auth: Replica) -> None:
    call = auth.stub.IssueServiceToken(service_token("mir", "the-secret-of-mir", "nobody"))
    assert type(await refusal(call)) is errors.NotFound
