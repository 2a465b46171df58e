"""Revisions are numbered in the order in which Alembic applies them."""

from pathlib import Path

import pytest

from chassis import migrations
from chassis.upgrading import _scripts

SERVICES = Path(__file__).parents[3] / "services"


@pytest.mark.parametrize("service", ["auth", "ingest", "separation", "mir", "fusion", "gateway"])
def test_file_names_tell_the_order(service: str) -> None:
    directory = SERVICES / service / "migrations"
    applied = [revision.revision for revision in _scripts(directory).walk_revisions()]
    assert migrations.revisions(directory) == list(reversed(applied))
