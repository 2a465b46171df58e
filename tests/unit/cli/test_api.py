"""Calls: tokens that run out, servers that are busy or away."""

import asyncio

import httpx
import pytest
from puremusic.auth.v1 import auth_pb2
from puremusic.gateway.v1 import gateway_pb2

from cli.client import (
    ApiKeyCredentials,
    KeptSession,
    LimitReached,
    NotSignedIn,
    SessionCredentials,
    SessionInMemory,
    Unavailable,
    methods,
)
from tests.unit.cli.scripted import EMAIL, URL, Script, answer, broken, refusal, signed_in

USAGE = "/api/v1/usage"
REFRESH = "/api/v1/auth/refresh"
KEYS = "/api/v1/auth/api-keys"
ASK = gateway_pb2.GetUsageRequest()
ANSWER = answer(gateway_pb2.Usage(tracks=3))
BUSY = refusal(429, 8, "RATE_LIMITED", headers=[("retry-after", "2")])
AWAY = refusal(503, 14, "UNAVAILABLE")
EXPIRED = refusal(401, 16, "TOKEN_EXPIRED")


async def test_an_answer_becomes_its_message(script: Script) -> None:
    script.on("GET", USAGE, ANSWER)
    async with script.api() as api:
        assert (await api.call(methods.GET_USAGE, ASK)).tracks == 3
    assert script.asked(USAGE)[0].headers["authorization"] == "Bearer access-1"


async def test_fields_that_a_newer_server_adds_do_no_harm(script: Script) -> None:
    script.on("GET", USAGE, lambda _: httpx.Response(200, json={"tracks": "3", "brandNew": {"a": 1}}))
    async with script.api() as api:
        assert (await api.call(methods.GET_USAGE, ASK)).tracks == 3


async def test_a_token_that_ran_out_is_renewed_once(script: Script) -> None:
    script.on("GET", USAGE, EXPIRED, ANSWER)
    async with script.api() as api:
        assert (await api.call(methods.GET_USAGE, ASK)).tracks == 3
    assert [each["refreshToken"] for each in script.said(REFRESH)] == ["refresh-1", "refresh-2"]


async def test_a_token_that_is_refused_for_another_reason_is_not_renewed(script: Script) -> None:
    script.on("GET", USAGE, refusal(401, 16, "TOKEN_INVALID"))
    async with script.api() as api:
        with pytest.raises(NotSignedIn):
            await api.call(methods.GET_USAGE, ASK)
    assert len(script.asked(REFRESH)) == 1


async def test_calls_side_by_side_share_one_refresh(script: Script) -> None:
    script.on("GET", USAGE, ANSWER)
    async with script.api() as api:
        await asyncio.gather(*(api.call(methods.GET_USAGE, ASK) for _ in range(5)))
    assert len(script.asked(REFRESH)) == 1


async def test_the_next_refresh_token_is_kept_and_a_revoked_one_forgotten() -> None:
    script, store = Script(), SessionInMemory()
    store.save(KeptSession(URL, EMAIL, "refresh-1"))
    session = auth_pb2.Session(access_token="access-1", refresh_token="refresh-2")
    script.on("POST", REFRESH, answer(session), refusal(401, 16, "REFRESH_TOKEN_REUSED"))
    script.on("GET", USAGE, EXPIRED)
    async with script.api(SessionCredentials(URL, store)) as api:
        with pytest.raises(NotSignedIn, match="puremusic login"):
            await api.call(methods.GET_USAGE, ASK)
    assert script.said(REFRESH)[1]["refreshToken"] == "refresh-2"
    assert store.load() is None


async def test_a_session_of_another_server_is_shown_to_nobody(script: Script) -> None:
    store = SessionInMemory()
    store.save(KeptSession("http://elsewhere.test", EMAIL, "secret"))
    async with script.api(SessionCredentials(URL, store)) as api:
        with pytest.raises(NotSignedIn):
            await api.call(methods.GET_USAGE, ASK)
    assert not script.requests


async def test_an_api_key_is_exchanged_and_exchanged_again(script: Script) -> None:
    token = auth_pb2.ExchangeApiKeyResponse(access_token="of-key")
    script.on("POST", f"{KEYS}:exchange", answer(token))
    script.on("GET", USAGE, EXPIRED, ANSWER)
    async with script.api(ApiKeyCredentials("pm_secret")) as api:
        await api.call(methods.GET_USAGE, ASK)
    assert script.said(f"{KEYS}:exchange") == [{"secret": "pm_secret"}] * 2
    assert script.asked(USAGE)[1].headers["authorization"] == "Bearer of-key"


async def test_a_rate_limit_is_waited_for_as_long_as_it_says(script: Script) -> None:
    script.on("GET", USAGE, BUSY, BUSY, ANSWER)
    async with script.api() as api:
        await api.call(methods.GET_USAGE, ASK)
    assert script.pauses == [2.0, 2.0]


async def test_a_quota_is_not_waited_for(script: Script) -> None:
    script.on("GET", USAGE, refusal(429, 8, "TRACK_QUOTA"))
    async with script.api() as api:
        with pytest.raises(LimitReached):
            await api.call(methods.GET_USAGE, ASK)
    assert not script.pauses


async def test_nobody_waits_for_a_limit_of_an_hour(script: Script) -> None:
    script.on("GET", USAGE, refusal(429, 8, "ACCOUNT_LOCKED", headers=[("retry-after", "3600")]))
    async with script.api() as api:
        with pytest.raises(LimitReached):
            await api.call(methods.GET_USAGE, ASK)
    assert not script.pauses


async def test_a_server_that_is_away_for_a_moment_is_asked_again_and_more_slowly(script: Script) -> None:
    script.on("GET", USAGE, AWAY, AWAY, broken(httpx.ReadError), ANSWER)
    async with script.api() as api:
        await api.call(methods.GET_USAGE, ASK)
    assert len(script.pauses) == 3
    assert script.pauses[0] < script.pauses[2]


async def test_a_server_that_stays_away_is_given_up(script: Script) -> None:
    script.on("GET", USAGE, AWAY)
    async with script.api() as api:
        with pytest.raises(Unavailable):
            await api.call(methods.GET_USAGE, ASK)
    assert len(script.asked(USAGE)) == 5


async def test_what_may_have_happened_is_not_asked_for_twice(script: Script) -> None:
    script.on("POST", KEYS, AWAY)
    async with script.api(signed_in()) as api:
        with pytest.raises(Unavailable):
            await api.call(methods.CREATE_API_KEY, auth_pb2.CreateApiKeyRequest(name="x", scopes=["read"]))
    assert len(script.asked(KEYS)) == 1


async def test_what_can_not_have_happened_is_asked_for_again(script: Script) -> None:
    script.on("POST", KEYS, broken(httpx.ConnectError), answer(auth_pb2.CreateApiKeyResponse(secret="s")))
    async with script.api() as api:
        made = await api.call(methods.CREATE_API_KEY, auth_pb2.CreateApiKeyRequest(name="x", scopes=["read"]))
    assert made.secret == "s"


async def test_a_list_is_read_page_by_page_up_to_a_limit(script: Script) -> None:
    pages = [
        answer(gateway_pb2.ListJobsResponse(jobs=[gateway_pb2.Job(job_id=str(n))], next_page_token=f"after-{n}"))
        for n in range(3)
    ]
    script.on("GET", "/api/v1/jobs", *pages, answer(gateway_pb2.ListJobsResponse()))
    async with script.api() as api:
        every = await api.items(methods.LIST_JOBS, gateway_pb2.ListJobsRequest(), lambda page: page.jobs)
    assert [job.job_id for job in every] == ["0", "1", "2"]
    assert [request.url.params.get("pageToken") for request in script.asked("/api/v1/jobs")] == [
        None, "after-0", "after-1", "after-2",
    ]  # fmt: skip
