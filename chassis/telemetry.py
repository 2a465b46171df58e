"""Traces, metrics and logs: one trace context through gRPC, the outbox and NATS (W3C Trace Context); logs are JSON lines."""

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge, Histogram

from chassis.config import setting

STARTED = Counter("grpc_server_started", "RPCs started", ["grpc_service", "grpc_method"])
HANDLED = Counter("grpc_server_handled", "RPCs ended, by status code", ["grpc_service", "grpc_method", "grpc_code"])
HANDLING = Histogram("grpc_server_handling_seconds", "Seconds per RPC", ["grpc_service", "grpc_method"])
OUTBOX_PUBLISHED = Counter("outbox_published", "Messages published from the outbox")
OUTBOX_LAG = Gauge("outbox_lag_seconds", "Age of the oldest message in the outbox that is not published")
EVENTS_APPLIED = Counter("events_applied", "Facts consumed", ["consumer", "outcome"])
JOBS_ENDED = Counter("jobs_ended", "Jobs that ended, by state", ["state"])
JOB_SECONDS = Histogram(
    "job_duration_seconds",
    "Seconds from claim to end",
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800),
)
JOB_WAIT = Histogram("job_wait_seconds", "Seconds from creation to claim", buckets=(0.1, 0.5, 1, 5, 15, 60, 300, 1800))
JOBS_WAITING = Gauge("jobs_waiting", "Jobs that could be begun and are not", ["pool"])
JOBS_WAITING_SECONDS = Gauge("jobs_waiting_seconds", "For how long the first of them has waited", ["pool"])
LEASES_LOST = Counter("job_leases_lost", "Jobs taken away from this worker because its lease ran out")

EXPORT_SECONDS = 5
"""How long a batch of spans is offered to the collector. One that is away must not hold up a process that ends."""

_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("puremusic")


@dataclass(frozen=True)
class TelemetryConfig:
    """Where traces go and how much is logged."""

    otlp_endpoint: str = setting(
        "OTLP_ENDPOINT", "http(s)://host:port that takes traces by OTLP over gRPC; empty: nowhere", ""
    )
    log_level: str = setting("LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR", "INFO")


def configure(config: TelemetryConfig, process: str) -> None:
    """Set up logs and traces for this process, once, at its start."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(process))
    logging.basicConfig(level=config.log_level, handlers=[handler], force=True)
    for talkative in ("nats", "urllib3", "uvicorn.access", "asyncio", "alembic", "numba"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    provider = TracerProvider(resource=Resource.create({"service.name": f"puremusic-{process}"}))
    if config.otlp_endpoint:
        # Imported here: the exporter costs a quarter of a second that a process without one need not spend.
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter(endpoint=config.otlp_endpoint, timeout=EXPORT_SECONDS)
        provider.add_span_processor(BatchSpanProcessor(exporter))  # what it holds at the end is sent then, by atexit
    trace.set_tracer_provider(provider)


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the ids of the present trace."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "facts", {}))
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            line["trace_id"] = trace.format_trace_id(context.trace_id)
            line["span_id"] = trace.format_span_id(context.span_id)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


@contextmanager
def span(
    name: str,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    carrier: Mapping[str, str] | None = None,
    linked: Mapping[str, str] | None = None,
    attributes: Mapping[str, str] | None = None,
) -> Iterator[Span]:
    """Open a span: as a child of the trace in `carrier`, or linked to the one in `linked` (across a queue)."""
    parent: Context | None = _propagator.extract(dict(carrier)) if carrier else None
    links = []
    if linked:
        context = trace.get_current_span(_propagator.extract(dict(linked))).get_span_context()
        links = [Link(context)] if context.is_valid else []
    with _tracer.start_as_current_span(name, parent, kind, attributes=dict(attributes or {}), links=links) as opened:
        yield opened


def trace_headers() -> dict[str, str]:
    """Return `traceparent` (and `tracestate`) of the present span, to travel with a message; empty without one."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier
