"""Which passwords are good enough; hashes that are made a few at a time."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from chassis.errors import InvalidInput, Unavailable
from services.auth import passwords
from services.auth.config import HashingConfig
from services.auth.passwords import Hasher, require_good_password

EMAIL = "ada.lovelace@example.org"
CHEAP = HashingConfig(memory_kib=64, passes=1, lanes=1, concurrency=1, queue=1)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "tr0mb0ne&oboe",
        "a very long one " * 12,
        "пароль на десять",
        "8390275161",
        "my-passwords-are-secret",
    ],
)
def test_good_enough(password: str) -> None:
    require_good_password(password, EMAIL)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "nine char",
        "x" * 201,
        "aaaaaaaaaaaa",
        "abababababab",
        "1234567890",
        "0987654321",
        "1234512345",
        "qwertyuiop",
        "abcdefghij",
        "zyxwvutsrq",
        "1q2w3e4r5t",
        "Password123!",
        "passwordpassword",
        "PureMusic2026",
        "!!welcome!!",
        "ADA.Lovelace@example.org",
        "ada.lovelace",
    ],
)
def test_too_easily_guessed(password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_good_password(password, EMAIL)
    assert refused.value.reason == "WEAK_PASSWORD"


def test_characters_are_counted_not_bytes() -> None:
    with pytest.raises(InvalidInput):
        require_good_password("ключключ1", EMAIL)
    require_good_password("ж" + "клюзвбмырт" * 19, EMAIL)


def test_the_refusal_does_not_repeat_the_password() -> None:
    with pytest.raises(InvalidInput) as refused:
        require_good_password("letmein12345", EMAIL)
    assert "letmein12345" not in f"{refused.value!r} {refused.value.metadata}"


@pytest_asyncio.fixture
async def hasher() -> AsyncIterator[Hasher]:
    made = Hasher(CHEAP)
    yield made
    await made.close()


async def test_a_hash_matches_its_own_password_only(hasher: Hasher) -> None:
    made = await hasher.hash("correct horse battery")
    assert made.startswith("$argon2id$")
    assert await hasher.matches(made, "correct horse battery")
    assert not await hasher.matches(made, "correct horse batterx")


async def test_the_same_text_composed_in_another_way_is_the_same_password(hasher: Hasher) -> None:
    made = await hasher.hash("schöne müsik für alle")
    assert await hasher.matches(made, "scho\u0308ne mu\u0308sik fu\u0308r alle")


async def test_nobodys_password_is_never_right(hasher: Hasher) -> None:
    assert not await hasher.matches(None, "the password of nobody")


async def test_an_unknown_account_costs_a_whole_hash(hasher: Hasher, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []

    def verify(_: PasswordHasher, made: str, password: str) -> bool:
        verified.append(made)
        return False

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    await hasher.matches(None, "whatever")
    assert [hasher.outdated(made) for made in verified] == [False]


async def test_other_parameters_ask_for_a_new_hash(hasher: Hasher) -> None:
    made = await hasher.hash("correct horse battery")
    dearer = Hasher(HashingConfig(memory_kib=128, passes=1, lanes=1, concurrency=1, queue=1))
    assert not hasher.outdated(made)
    assert dearer.outdated(made)
    await dearer.close()


async def test_more_than_the_queue_holds_is_refused_at_once(hasher: Hasher, monkeypatch: pytest.MonkeyPatch) -> None:
    hold, running = threading.Event(), threading.Event()

    def slow(_: PasswordHasher, password: str) -> str:
        running.set()
        hold.wait(10)
        return "a hash"

    monkeypatch.setattr(PasswordHasher, "hash", slow)
    first = asyncio.create_task(hasher.hash("one at work"))
    second = asyncio.create_task(hasher.hash("one that waits"))
    await asyncio.to_thread(running.wait, 10)
    try:
        with pytest.raises(Unavailable) as refused:
            await hasher.hash("one too many")
        assert refused.value.reason == "BUSY"
        # Who gives up makes room.
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        third = asyncio.create_task(hasher.hash("the next"))
    finally:
        hold.set()
    assert await first == await third == "a hash"


def test_the_words_are_as_they_are_compared() -> None:
    assert all(word == word.casefold() for word in passwords.COMMON_WORDS)
