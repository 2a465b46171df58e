"""The browser's session against the real auth service."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from deploy.local.facts import NatsFacts, PostgresFacts
from tests.integration.auth.conftest import environment
from tests.integration.auth.replica import PASSWORD, Environment, Replica, new_email
from tests.integration.auth.replica import running as running_auth
from tests.integration.gateway.running import running
from tests.integration.ingest.keyring import Keyring

__all__ = ["environment"]

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION = "/api/v1/session"
COOKIE = "puremusic-session"
ORIGIN = "http://127.0.0.1:8000"
PAGE = {"origin": ORIGIN, "x-puremusic-session": "1", "sec-fetch-site": "same-origin"}


class Browser:
    """A page of ours in a browser, which keeps cookies as browsers do."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.email = new_email()

    async def post(self, path: str, **body: str) -> httpx.Response:
        """Send JSON."""
        return await self.client.post(path, json=body)

    async def register(self) -> httpx.Response:
        """Create an account."""
        wish = {"email": self.email, "password": PASSWORD, "displayName": "Ada", "acceptedTermsVersion": "1"}
        return await self.post(f"{SESSION}/register", **wish)

    async def refresh(self) -> httpx.Response:
        """Ask for a new access token."""
        return await self.post(f"{SESSION}/refresh")

    def adopt(self, refresh_token: str) -> None:
        """Have a cookie that came some other way."""
        self.client.cookies.set(COOKIE, refresh_token, domain="127.0.0.1", path=SESSION)

    @property
    def cookie(self) -> str:
        """The refresh token that is kept."""
        return self.client.cookies.get(COOKIE, "", path=SESSION) or ""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def auth(environment: Environment) -> AsyncIterator[Replica]:
    """The real service."""
    async with running_auth(environment) as replica:
        yield replica


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(auth: Replica, database: PostgresFacts, bus: NatsFacts) -> AsyncIterator[str]:
    """Where a gateway is that knows it."""
    async with running(database, bus, Keyring(), AUTH_ADDRESS=auth.address) as gateway:
        yield gateway.http


@pytest_asyncio.fixture(loop_scope="module")
async def browser(address: str) -> AsyncIterator[Browser]:
    """Somebody's browser."""
    async with httpx.AsyncClient(base_url=f"http://{address}", headers=PAGE, trust_env=False) as client:
        yield Browser(client)


def reason(response: httpx.Response) -> str:
    """Why it was refused."""
    return str(response.json()["details"][0]["reason"])


async def test_registering_signs_in(auth: Replica, browser: Browser) -> None:
    answer = await browser.register()
    assert answer.status_code == 200
    shown = answer.json()
    assert set(shown) == {"accessToken", "expiresIn", "user"}
    assert (shown["expiresIn"], shown["user"]["email"], shown["user"]["displayName"]) == (900, browser.email, "Ada")
    assert (await auth.me(shown["accessToken"])).user_id == shown["user"]["userId"]
    assert answer.headers["cache-control"] == "no-store"
    told = answer.headers["set-cookie"].lower()
    for attribute in ("httponly", "samesite=strict", f"path={SESSION};", "max-age=604800"):
        assert attribute in told
    assert browser.cookie
    assert browser.cookie not in answer.text


async def test_signing_in_and_going_on(auth: Replica, browser: Browser) -> None:
    await browser.register()
    browser.client.cookies.clear()
    assert (await browser.post(SESSION, email=browser.email, password=PASSWORD)).status_code == 200
    first = browser.cookie
    answer = await browser.refresh()
    assert answer.status_code == 200
    assert browser.cookie not in ("", first)
    assert (await auth.me(answer.json()["accessToken"])).email == browser.email


async def test_a_stolen_cookie_ends_the_session_for_both(browser: Browser, address: str) -> None:
    await browser.register()
    stolen = browser.cookie
    assert (await browser.refresh()).status_code == 200
    async with httpx.AsyncClient(base_url=f"http://{address}", headers=PAGE, trust_env=False) as other:
        thief = Browser(other)
        thief.adopt(stolen)
        reused = await thief.refresh()
        assert (reused.status_code, reason(reused)) == (401, "REFRESH_TOKEN_REUSED")
        assert not thief.cookie
    ended = await browser.refresh()
    assert (ended.status_code, reason(ended)) == (401, "REFRESH_TOKEN_REVOKED")
    assert not browser.cookie


async def test_signing_out(browser: Browser) -> None:
    await browser.register()
    kept = browser.cookie
    assert (await browser.client.delete(SESSION)).status_code == 204
    assert not browser.cookie
    browser.adopt(kept)
    assert reason(await browser.refresh()) == "REFRESH_TOKEN_REVOKED"


@pytest.mark.parametrize(("query", "elsewhere"), [("", 200), ("?everywhere=true", 401)])
async def test_signing_out_everywhere(browser: Browser, address: str, query: str, elsewhere: int) -> None:
    await browser.register()
    async with httpx.AsyncClient(base_url=f"http://{address}", headers=PAGE, trust_env=False) as client:
        telephone = Browser(client)
        await telephone.post(SESSION, email=browser.email, password=PASSWORD)
        assert (await browser.client.delete(f"{SESSION}{query}")).status_code == 204
        assert (await telephone.refresh()).status_code == elsewhere


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (SESSION, {"password": PASSWORD}, (401, "WRONG_CREDENTIALS")),
        (SESSION, {}, (400, "FIELD_REQUIRED")),
        (f"{SESSION}/register", {"password": "short", "acceptedTermsVersion": "1"}, (400, "WEAK_PASSWORD")),
        (f"{SESSION}/register", {"password": PASSWORD, "acceptedTermsVersion": "0"}, (400, "TERMS_NOT_ACCEPTED")),
    ],
)
async def test_auth_s_refusals_arrive_with_their_reasons(
    browser: Browser, path: str, body: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = await browser.post(path, email=browser.email, **body)
    assert (answer.status_code, reason(answer)) == expected
    assert "set-cookie" not in answer.headers


async def test_an_address_is_registered_once(browser: Browser) -> None:
    await browser.register()
    again = await browser.register()
    assert (again.status_code, reason(again)) == (409, "EMAIL_TAKEN")


async def test_a_locked_account_says_when_to_come_back(browser: Browser) -> None:
    await browser.register()
    answers = [await browser.post(SESSION, email=browser.email, password="wrong wrong wrong") for _ in range(6)]
    assert (answers[-1].status_code, reason(answers[-1])) == (429, "ACCOUNT_LOCKED")
    assert 0 < int(answers[-1].headers["retry-after"]) <= 30


async def test_a_foreign_page_can_t_use_the_cookie(browser: Browser) -> None:
    await browser.register()
    kept = browser.cookie
    forged = await browser.client.post(
        f"{SESSION}/refresh", json={}, headers={"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    )
    assert (forged.status_code, reason(forged)) == (403, "ORIGIN_NOT_ALLOWED")
    assert browser.cookie == kept
    assert (await browser.refresh()).status_code == 200
