"""One Envoy for all of these tests; those of limits and of the object store start their own."""

from collections.abc import Iterator

import pytest

from tests.integration.envoy.door import Door, open_door

__all__ = ["door"]


@pytest.fixture(scope="package")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Envoy with limits that no test reaches."""
    with open_door(tmp_path_factory.mktemp("envoy")) as opened:
        yield opened
