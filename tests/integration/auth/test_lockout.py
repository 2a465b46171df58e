"""Wrong passwords: the same answer whether or not there is an account, and a lock that is counted in Postgres."""

import asyncio
import math

import grpc

from chassis import errors
from tests.integration.auth.replica import Environment, Replica, new_email, reason, refusal, running

WRONG = "not the password at all"


async def locked_out(auth: Replica, email: str) -> bool:
    """Say whether the right password is refused because of the lock, and only because of it."""
    try:
        await auth.login(email)
    except grpc.aio.AioRpcError as error:
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED  # noqa: PT017  # two outcomes are right here
        return True
    return False


async def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(auth: Replica) -> None:
    session = await auth.register()
    known = await refusal(auth.login(session.user.email, WRONG))
    unknown = await refusal(auth.login(new_email(), WRONG))
    assert type(known) is type(unknown) is errors.Unauthenticated
    assert (known.reason, known.message, known.metadata) == (unknown.reason, unknown.message, unknown.metadata)
    assert known.reason == "WRONG_CREDENTIALS"


async def test_an_address_is_locked_whether_or_not_there_is_an_account(auth: Replica) -> None:
    for email in ((await auth.register()).user.email, new_email()):
        for _ in range(auth.config.lockout.failures):
            assert await reason(auth.login(email, WRONG)) == "WRONG_CREDENTIALS"
        refused = await refusal(auth.login(email.upper()))
        assert (type(refused), refused.reason) == (errors.Exhausted, "ACCOUNT_LOCKED")
        assert refused.metadata == {"retry_after_seconds": str(math.ceil(auth.config.lockout.first_seconds))}
        assert refused.metadata["retry_after_seconds"] in refused.message


async def test_another_replica_knows_of_the_lock(environment: Environment) -> None:
    async with running(environment) as one, running(environment) as other:
        email = new_email()
        for _ in range(one.config.lockout.failures):
            await reason(one.login(email, WRONG))
        assert await reason(other.login(email, WRONG)) == "ACCOUNT_LOCKED"


async def test_the_lock_ends_and_success_forgives(environment: Environment) -> None:
    async with running(environment, LOCKOUT_FAILURES="2", LOCKOUT_SECONDS="0.3") as auth:
        session = await auth.register()
        for _ in range(2):
            await reason(auth.login(session.user.email, WRONG))
        assert await reason(auth.login(session.user.email)) == "ACCOUNT_LOCKED"
        async with asyncio.timeout(10):
            while await locked_out(auth, session.user.email):
                pass
        assert await reason(auth.login(session.user.email, WRONG)) == "WRONG_CREDENTIALS"
        assert await reason(auth.login(session.user.email, WRONG)) == "WRONG_CREDENTIALS"


async def test_each_further_failure_doubles_the_lock(auth: Replica) -> None:
    email = new_email()
    locks = []
    for _ in range(auth.config.lockout.failures + 3):
        await auth.execute("UPDATE failed_login SET locked_until = now()")
        assert await reason(auth.login(email, WRONG)) == "WRONG_CREDENTIALS"
        refused = await auth.execute("SELECT max(locked_until - now()) AS left FROM failed_login")
        locks.append(round(refused[0].left.total_seconds()))
    assert locks[-4:] == [30, 60, 120, 240]


async def test_failures_are_forgotten_after_a_quiet_time(auth: Replica) -> None:
    email = new_email()
    for _ in range(auth.config.lockout.failures - 1):
        await reason(auth.login(email, WRONG))
    await auth.execute("UPDATE failed_login SET failed_at = now() - interval '25 hours'")
    assert await reason(auth.login(email, WRONG)) == "WRONG_CREDENTIALS"
    assert await reason(auth.login(email, WRONG)) == "WRONG_CREDENTIALS"


async def test_guessing_in_parallel_wins_nothing(auth: Replica) -> None:
    email = (await auth.register()).user.email
    answers = await asyncio.gather(*(reason(auth.login(email, f"{WRONG} {guess}")) for guess in range(20)))
    assert answers.count("WRONG_CREDENTIALS") == auth.config.lockout.failures
    assert answers.count("ACCOUNT_LOCKED") == 20 - auth.config.lockout.failures


async def test_many_right_logins_at_once_lock_nobody_out(auth: Replica) -> None:
    email = (await auth.register()).user.email
    sessions = await asyncio.gather(*(auth.login(email) for _ in range(12)))
    assert len({session.refresh_token for session in sessions}) == 12


async def test_addresses_of_strangers_are_kept_as_hashes(auth: Replica) -> None:
    email = new_email()
    await reason(auth.login(email, WRONG))
    rows = await auth.execute("SELECT f::text AS line FROM failed_login f")
    assert rows
    assert not any(email in row.line for row in rows)
