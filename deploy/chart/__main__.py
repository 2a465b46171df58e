"""`python -m deploy.chart`: write what of the chart comes from the code. A test says when it is stale."""

from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.chart import dashboard, environment, readme, schema
from deploy.chart.places import CHART

DOCUMENTS: Mapping[Path, Callable[[], str]] = {
    CHART / "files" / "environment.json": environment.document,
    CHART / "files" / "dashboard.json": dashboard.document,
    CHART / "values.schema.json": schema.document,
    CHART / "README.md": readme.document,
}

if __name__ == "__main__":
    for path, document in DOCUMENTS.items():
        path.write_text(document(), encoding="utf-8")
