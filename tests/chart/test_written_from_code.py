"""What of the chart is written from the code is current, and the schema leaves nothing unsaid."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.chart.__main__ import DOCUMENTS
from deploy.chart.comments import entries
from deploy.chart.environment import READERS
from deploy.chart.places import CHART
from deploy.chart.schema import DERIVED, DERIVED_FLAGS, service_settings
from services.gateway.envoy import EnvoySettings

SCHEMA = json.loads((CHART / "values.schema.json").read_text())
VALUES = (CHART / "values.yaml").read_text()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_file_is_current(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == DOCUMENTS[path](), "run `make chart-files` and commit the file"


def _objects(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        if "properties" in schema:
            yield path, schema
        for name, below in schema.items():
            yield from _objects(below, f"{path}/{name}")


def test_nothing_unnamed_may_stand_anywhere() -> None:
    found = dict(_objects(SCHEMA))
    assert len(found) > 30
    assert [path for path, schema in found.items() if schema.get("additionalProperties") is not False] == []


def test_the_schema_names_every_value() -> None:
    def names(values: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        for name, value in values.items():
            if "properties" not in schema:
                continue  # free, as labels are
            assert name in schema["properties"], f"{path}.{name}"
            yield f"{path}.{name}"
            if isinstance(value, dict):
                yield from names(value, schema["properties"][name], f"{path}.{name}")

    assert len(list(names(yaml.safe_load(VALUES), SCHEMA, ""))) > 150


def test_every_value_says_what_it_means() -> None:
    # Pods' own entries overlay `defaults`, where each key is explained.
    explained = {".".join(entry.path): entry.meaning for entry in entries(VALUES)}
    silent = {path for path, meaning in explained.items() if not meaning}
    assert silent <= {f"services.{name}" for name in ("auth", "ingest", "separation", "mir", "fusion", "gateway")}


def test_what_the_chart_says_itself_exists() -> None:
    known = {name for config in READERS.values() for name in (each.name for each in _variables(config))}
    assert known >= DERIVED
    assert set(EnvoySettings.__dataclass_fields__) >= DERIVED_FLAGS


def _variables(config: type[Any]) -> Any:
    from chassis.config import variables

    return variables(config)


def test_an_operator_may_say_everything_else() -> None:
    names = {each.name.removeprefix("PUREMUSIC_") for each in service_settings("ingest")}
    allowed = SCHEMA["properties"]["services"]["properties"]["ingest"]["properties"]["settings"]["properties"]
    assert names == set(allowed)
    assert {"INGEST_MAX_SECONDS", "JOB_LEASE_SECONDS", "POSTGRES_POOL_SIZE"} <= names
    assert "POSTGRES_URL" not in names
