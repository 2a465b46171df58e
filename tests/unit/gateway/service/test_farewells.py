"""How sockets close."""

import pytest

from chassis import errors
from chassis.jetstream import retry_delay
from services.gateway.http.sockets import Farewell


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.Unauthenticated, 4401),
        (errors.Forbidden, 4403),
        (errors.NotFound, 4404),
        (errors.Unavailable, 4503),
        (errors.Conflict, 4500),
    ],
)
def test_errors_close_with_a_code_of_their_own(error: type[errors.DomainError], code: int) -> None:
    assert Farewell.of(error("WHY", "A sentence.")) == Farewell(code, "WHY")


def test_facts_wait_longer_each_time() -> None:
    waits = [retry_delay(delivered, 0.2) for delivered in range(1, 8)]
    assert waits == sorted(waits)
    assert waits[0] == pytest.approx(0.2)
    assert waits[-1] == pytest.approx(60)
