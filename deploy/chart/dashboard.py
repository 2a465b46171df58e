"""Grafana's dashboard: what callers meet, what becomes of jobs, whether facts get through."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["PANELS", "document"]

Json = dict[str, Any]

_FAILED = 'grpc_code=~"UNKNOWN|INTERNAL|DATA_LOSS|UNAVAILABLE|DEADLINE_EXCEEDED|UNIMPLEMENTED"'


@dataclass(frozen=True)
class Panel:
    """One graph: its title, its unit as Grafana names it, and queries by what they are called."""

    title: str
    unit: str
    queries: Sequence[tuple[str, str]]


def _quantiles(metric: str, by: str) -> list[tuple[str, str]]:
    """The median and the 95th percentile of a histogram."""
    return [
        (f"{{{{{by}}}}} p{share}", f"histogram_quantile(0.{share}, sum by (le, {by}) (rate({metric}_bucket[5m])))")
        for share in (50, 95)
    ]


PANELS: Sequence[Panel] = (
    Panel("Calls", "reqps", [("{{component}}", "sum by (component) (rate(grpc_server_handled_total[5m]))")]),
    Panel(
        "Calls that failed by our fault",
        "percentunit",
        [
            (
                "{{component}}",
                f"sum by (component) (rate(grpc_server_handled_total{{{_FAILED}}}[5m]))"
                " / sum by (component) (rate(grpc_server_handled_total[5m]))",
            )
        ],
    ),
    Panel("Seconds of a call", "s", _quantiles("grpc_server_handling_seconds", "component")),
    Panel(
        "Calls in hand",
        "short",
        [
            (
                "{{component}}",
                "sum by (component) (grpc_server_started_total) - sum by (component) (grpc_server_handled_total)",
            )
        ],
    ),
    Panel("Jobs that wait", "short", [("{{pool}}", "max by (pool) (jobs_waiting)")]),
    Panel("How long the first has waited", "s", [("{{pool}}", "max by (pool) (jobs_waiting_seconds)")]),
    Panel("Seconds from creation to claim", "s", _quantiles("job_wait_seconds", "component")),
    Panel("Seconds from claim to end", "s", _quantiles("job_duration_seconds", "component")),
    Panel(
        "Jobs that ended",
        "short",
        [("{{component}} {{state}}", "sum by (component, state) (increase(jobs_ended_total[5m]))")],
    ),
    Panel("Leases lost", "short", [("{{component}}", "sum by (component) (increase(job_leases_lost_total[5m]))")]),
    Panel(
        "Age of the oldest message in the outbox", "s", [("{{component}}", "max by (component) (outbox_lag_seconds)")]
    ),
    Panel("Messages published", "ops", [("{{component}}", "sum by (component) (rate(outbox_published_total[5m]))")]),
    Panel(
        "Facts consumed",
        "ops",
        [("{{consumer}} {{outcome}}", "sum by (consumer, outcome) (rate(events_applied_total[5m]))")],
    ),
    Panel("Dead letters", "short", [("dead letters", "max(dead_letters)")]),
    Panel("Memory", "bytes", [("{{component}}", "max by (component) (process_resident_memory_bytes)")]),
    Panel("CPU", "short", [("{{component}}", "sum by (component) (rate(process_cpu_seconds_total[5m]))")]),
)


def document() -> str:
    """Return it as Grafana imports it."""
    whole = {
        "title": "PureMusic",
        "uid": "puremusic",
        "schemaVersion": 39,
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "30s",
        "templating": {
            "list": [{"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"}]
        },
        "panels": [_panel(number, panel) for number, panel in enumerate(PANELS)],
    }
    return json.dumps(whole, indent=1) + "\n"


def _panel(number: int, panel: Panel) -> Json:
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": {"type": "prometheus", "uid": "${source}"},
        "gridPos": {"x": 12 * (number % 2), "y": 8 * (number // 2), "w": 12, "h": 8},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + which), "legendFormat": legend, "expr": query}
            for which, (legend, query) in enumerate(panel.queries)
        ],
    }
