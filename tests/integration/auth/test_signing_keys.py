"""Signing keys: one first key however many begin, and rotation that refuses no valid token."""

import asyncio
from typing import Any

import jwt
import pytest
from cryptography.fernet import Fernet
from puremusic.auth.v1 import auth_pb2
from sqlalchemy import text

from chassis.identity import Verifier
from services.auth.signing_keys import SealedWithAnotherKey
from services.auth.store import signing_keys
from tests.integration.auth.replica import Environment, Replica, bearer, reason, running


def signer(session: auth_pb2.Session) -> str:
    """Return the id of the key that signed a session's access token."""
    return str(jwt.get_unverified_header(session.access_token)["kid"])


async def published(auth: Replica) -> list[str]:
    """Return the ids of the published keys."""
    return [key["kid"] for key in (await auth.parts.use_cases.keys.published())["keys"]]


async def rotate(auth: Replica, operator: Any) -> auth_pb2.RotateKeysResponse:
    """Rotate as an operator does."""
    return await auth.stub.RotateKeys(auth_pb2.RotateKeysRequest(), metadata=operator)


async def pass_time(auth: Replica, seconds: float) -> None:
    """Let the keys grow older."""
    await auth.execute("UPDATE signing_key SET signs_from = signs_from - make_interval(secs => :s)", s=seconds)


async def test_replicas_that_begin_at_once_make_one_key(fresh_environment: Environment) -> None:
    async def begin(stay: asyncio.Event) -> list[str]:
        async with running(fresh_environment) as replica:
            keys = await published(replica)
            await stay.wait()
            return keys

    stay = asyncio.Event()
    stay.set()
    made = await asyncio.gather(*(begin(stay) for _ in range(4)))
    assert len({tuple(keys) for keys in made}) == 1
    assert len(made[0]) == 1


async def test_a_new_key_is_published_before_it_signs_and_the_old_one_as_long_as_its_tokens_live(
    fresh_environment: Environment,
) -> None:
    async with running(fresh_environment) as auth:
        operator = await auth.operator()
        before = await auth.register()
        first = signer(before)

        rotation = await rotate(auth, operator)
        assert rotation.key_id != first
        assert await published(auth) == [rotation.key_id, first]
        held = await auth.login(before.user.email)
        assert signer(held) == first

        await pass_time(auth, auth.config.key_lead_seconds)
        after = await auth.login(before.user.email)
        assert signer(after) == rotation.key_id
        async with running(fresh_environment) as other:
            for session in (before, held, after):
                assert (await other.me(session.access_token)).email == before.user.email

        await pass_time(auth, auth.config.lifetimes.access_seconds)
        assert await published(auth) == [rotation.key_id, first]
        await pass_time(auth, 120)
        assert await published(auth) == [rotation.key_id]


async def test_a_verifier_with_an_older_key_set_accepts_the_new_key(fresh_environment: Environment) -> None:
    async with running(fresh_environment) as auth:
        read = 0

        async def read_jwks() -> dict[str, Any]:
            nonlocal read
            read += 1
            return await auth.parts.use_cases.keys.published()

        session = await auth.register()
        await rotate(auth, await auth.operator())
        verifier = Verifier(auth.config.tokens(), read_jwks)
        await verifier.verify(session.access_token)
        await pass_time(auth, auth.config.key_lead_seconds)
        renewed = await auth.refresh(session)
        assert signer(renewed) != signer(session)
        assert (await verifier.verify(renewed.access_token)).user_id == session.user.user_id
        assert read == 1


async def test_two_rotations_in_a_row_sign_one_after_the_other(fresh_environment: Environment) -> None:
    async with running(fresh_environment) as auth:
        operator = await auth.operator()
        rotations = await asyncio.gather(*(rotate(auth, operator) for _ in range(3)))
        times = sorted(rotation.sign_time.ToDatetime() for rotation in rotations)
        assert len(set(times)) == 3
        assert set(await published(auth)) >= {rotation.key_id for rotation in rotations}
        await pass_time(auth, auth.config.key_lead_seconds + 10)
        newest = max(rotations, key=lambda rotation: rotation.sign_time.ToDatetime())
        assert signer(await auth.register()) == newest.key_id


async def test_rotation_destroys_keys_that_nothing_needs(fresh_environment: Environment) -> None:
    async with running(fresh_environment) as auth:
        [first] = await published(auth)
        keys = auth.parts.use_cases.keys
        await keys.rotate()
        await pass_time(auth, auth.config.key_lead_seconds + 2 * auth.config.lifetimes.access_seconds)
        await keys.rotate()
        kept = [row.key_id for row in await auth.execute("SELECT key_id FROM signing_key")]
        assert len(kept) == 2
        assert first not in kept


async def test_rotating_is_for_operators(auth: Replica) -> None:
    session = await auth.register()
    assert await reason(rotate(auth, bearer(session.access_token))) == "ROLE_MISSING"


async def test_another_sealing_key_is_noticed_at_the_start(fresh_environment: Environment) -> None:
    async with running(fresh_environment):
        with pytest.raises(SealedWithAnotherKey, match="PUREMUSIC_SEALING_KEY"):
            async with running(fresh_environment, SEALING_KEY=Fernet.generate_key().decode()):
                pass


async def test_private_keys_are_sealed(auth: Replica, environment: Environment) -> None:
    rows = await auth.execute("SELECT sealed_key FROM signing_key")
    private = [Fernet(environment["PUREMUSIC_SEALING_KEY"]).decrypt(bytes(row.sealed_key)) for row in rows]
    assert private
    assert all(key not in bytes(row.sealed_key) for key, row in zip(private, rows, strict=True))


async def test_a_replica_that_waited_for_another_sees_its_key(fresh_environment: Environment) -> None:
    async with running(fresh_environment) as auth:
        await auth.execute("DELETE FROM signing_key")
        async with auth.database.transaction() as waiting:
            # The waiting transaction begins first, so that its now() is older than the key.
            await waiting.execute(text("SELECT 1"))
            await auth.parts.use_cases.keys.ensure()
            await signing_keys.hold(waiting)
            assert await signing_keys.present(waiting) is not None
