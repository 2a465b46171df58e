"""What spans are sent to: a receiver of OTLP over gRPC, as any collector is one."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1 import trace_pb2

SECONDS = 30.0


@dataclass(frozen=True)
class Received:
    """A span, and the process that sent it."""

    process: str
    span: trace_pb2.Span

    @property
    def trace_id(self) -> str:
        """Its trace, hex."""
        return self.span.trace_id.hex()

    @property
    def span_id(self) -> str:
        """Its own id, hex."""
        return self.span.span_id.hex()

    @property
    def parent_id(self) -> str:
        """The span it was made in, hex; empty for the first of a trace."""
        return self.span.parent_span_id.hex()

    @property
    def linked(self) -> list[str]:
        """The traces it names without being part of them."""
        return [link.trace_id.hex() for link in self.span.links]


class Receiver(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self._spans: list[Received] = []
        self._news = threading.Condition()
        self.endpoint = ""

    def Export(
        self, request: trace_service_pb2.ExportTraceServiceRequest, context: grpc.ServicerContext
    ) -> trace_service_pb2.ExportTraceServiceResponse:
        """Take spans."""
        with self._news:
            for resource in request.resource_spans:
                named = {item.key: item.value.string_value for item in resource.resource.attributes}
                for scope in resource.scope_spans:
                    self._spans += [Received(named["service.name"], span) for span in scope.spans]
            self._news.notify_all()
        return trace_service_pb2.ExportTraceServiceResponse()

    def until(self, wanted: Callable[[Received], bool]) -> Received:
        """Wait for such a span and return the first."""
        with self._news:
            came = self._news.wait_for(lambda: any(map(wanted, self._spans)), SECONDS)
            assert came, [(each.process, each.span.name, each.trace_id) for each in self._spans]
            return next(filter(wanted, self._spans))

    def named(self, process: str, name: str, trace_id: str) -> Received:
        """Wait for the span of this name in this trace."""
        return self.until(
            lambda each: (each.process, each.span.name, each.trace_id) == (f"puremusic-{process}", name, trace_id)
        )


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    receiver = Receiver()
    with ThreadPoolExecutor(4) as pool:
        server = grpc.server(pool)
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(receiver, server)  # type: ignore[no-untyped-call]
        receiver.endpoint = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        yield receiver
        server.stop(0).wait()
