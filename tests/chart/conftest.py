"""Every test of the chart may ask for `chart`: it then runs once for each profile."""

import pytest

from tests.chart.rendering import HELM, NAMES, Rendered, rendered


@pytest.fixture(scope="session", autouse=True)
def _tools() -> None:
    assert HELM.is_file(), "Helm is not there: run `make chart`, which fetches it"


@pytest.fixture(params=NAMES)
def profile(request: pytest.FixtureRequest) -> str:
    """The name of a profile."""
    name: str = request.param
    return name


@pytest.fixture
def chart(profile: str) -> Rendered:
    """What Helm makes of it."""
    return rendered(profile)
