"""A taken port is nobody's ruin."""

import socket
from collections.abc import Iterator

import pytest

from deploy.local.ports import LOOPBACK, PortTakenError, assign, is_free


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


def free() -> int:
    [port] = assign(["any"], {}, {}).values()
    return port


def test_the_usual_port_is_chosen_where_it_is_free() -> None:
    usual = free()
    assert assign(["envoy"], {"envoy": usual}, {}) == {"envoy": usual}


def test_another_is_chosen_where_the_usual_one_is_taken(taken: int) -> None:
    chosen = assign(["envoy"], {"envoy": taken}, {})["envoy"]
    assert chosen != taken
    assert is_free(chosen)


def test_a_listener_on_all_addresses_takes_the_port_too() -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:  # noqa: S104 - the case in question
        assert not is_free(server.getsockname()[1])


def test_the_remembered_port_comes_before_the_usual_one() -> None:
    usual, remembered = free(), free()
    assert assign(["envoy"], {"envoy": usual}, {"envoy": remembered}) == {"envoy": remembered}


def test_the_usual_port_is_tried_where_the_remembered_one_is_taken(taken: int) -> None:
    usual = free()
    assert assign(["envoy"], {"envoy": usual}, {"envoy": taken}) == {"envoy": usual}


def test_nobody_gets_a_port_twice() -> None:
    one = free()
    chosen = assign(["a", "b", "c"], {"a": one, "b": one}, {"c": one}, avoid=[one])
    assert len({*chosen.values(), one}) == 4


def test_a_demanded_port_is_taken_or_refused(taken: int) -> None:
    port = free()
    assert assign(["envoy"], {"envoy": free()}, {"envoy": free()}, demanded={"envoy": port}) == {"envoy": port}
    with pytest.raises(PortTakenError, match=str(taken)):
        assign(["envoy"], {}, {}, demanded={"envoy": taken})
