"""`python -m deploy.configuration`: every environment variable of every process, as Markdown, read from the code itself."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from chassis.config import Variable, variables
from services.auth.config import Config as AuthServe
from services.fusion.config import ServeConfig as FusionServe
from services.fusion.config import WorkConfig as FusionWork
from services.gateway.config import ServeConfig as GatewayServe
from services.ingest.config import ServeConfig as IngestServe
from services.ingest.config import WorkConfig as IngestWork
from services.mir.config import ServeConfig as MirServe
from services.mir.config import WorkConfig as MirWork
from services.separation.config import ServeConfig as SeparationServe
from services.separation.config import WorkConfig as SeparationWork

PROCESSES: Mapping[str, type[Any]] = {
    "auth serve": AuthServe,
    "ingest serve": IngestServe,
    "ingest work": IngestWork,
    "separation serve": SeparationServe,
    "separation work": SeparationWork,
    "mir serve": MirServe,
    "mir work": MirWork,
    "fusion serve": FusionServe,
    "fusion work": FusionWork,
    "gateway serve": GatewayServe,
}

HEAD = """# Configuration

Everything that PureMusic's processes read from their environment. A variable without a default must be set. A secret `X` may
be given as the path of a file in `X_FILE`. This page is written by `make configuration`; a test fails when it is stale.

| variable | meaning | default | read by |
|---|---|---|---|
"""


def document() -> str:
    """Return the page."""
    readers: dict[Variable, list[str]] = {}
    for process, config in PROCESSES.items():
        for variable in variables(config):
            readers.setdefault(variable, []).append(process)
    ordered = sorted(readers.items(), key=lambda item: (item[0].name, item[1]))
    return HEAD + "".join(_row(variable, processes) for variable, processes in ordered)


def _row(variable: Variable, processes: Iterable[str]) -> str:
    secret = " (secret)" if variable.secret else ""
    return f"| `{variable.name}` | {variable.meaning}{secret} | {_default(variable)} | {_named(list(processes))} |\n"


def _default(variable: Variable) -> str:
    if variable.default is None:
        return "required"
    return f"`{variable.default}`" if variable.default and not variable.secret else "empty"


def _named(processes: list[str]) -> str:
    return "all" if len(processes) == len(PROCESSES) else ", ".join(processes)


if __name__ == "__main__":
    sys.stdout.write(document())
