"""One process of the mesh: gRPC (servers), HTTP for operators, background work, health from real dependencies, and a drain.

SIGTERM: not ready -> grace (load balancers notice) -> drain (no new work, work in hand is handed back) -> stop -> close.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
import uvicorn
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from chassis.config import Address, setting
from chassis.identity import Policy, Verifier
from chassis.interceptor import CallInterceptor
from chassis.tasks import end

log = logging.getLogger(__name__)

Check = Callable[[], Awaitable[None]]
"""Calls a real dependency; raises when it does not answer."""

CHECK_SECONDS = 3.0
STREAM_SECONDS = 4.0
"""What open streams get to end by themselves when the process leaves; whoever serves them looks every three seconds."""
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
MAX_SOCKET_MESSAGE_BYTES = 64 * 1024


@dataclass(frozen=True)
class ListenConfig:
    """Where a process listens, and how it leaves."""

    listen: Address = setting("LISTEN", "host:port of the gRPC server", Address("127.0.0.1", 0))
    http_listen: Address = setting("HTTP_LISTEN", "host:port of /metrics, /live and /ready", Address("127.0.0.1", 0))
    grace_seconds: float = setting("GRACE_SECONDS", "seconds between 'not ready' and the end of listening", 0.5)
    drain_seconds: float = setting("DRAIN_SECONDS", "seconds that calls and jobs in hand get to end", 20.0)
    max_connection_age_seconds: int = setting(
        "MAX_CONNECTION_AGE_SECONDS",
        "age at which clients are asked to connect again, so that they find new pods",
        300,
    )
    reflection: bool = setting("REFLECTION", "serve gRPC reflection", False)


@dataclass
class Process:
    """What a process consists of; `run` brings it to life."""

    name: str
    config: ListenConfig
    checks: Mapping[str, Check]
    register: Callable[[grpc.aio.Server], Sequence[str]] | None = None
    """Adds servicers to the gRPC server and returns their full names; None: no gRPC."""
    policy: Policy = field(default_factory=dict)
    verifier: Verifier | None = None
    routes: Sequence[BaseRoute] = ()
    background: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    drain: Sequence[Callable[[], Awaitable[None]]] = ()
    close: Sequence[Callable[[], Awaitable[None]]] = ()


class Health:
    """The present state of the process, from its dependencies' own answers."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self.servicer = health.aio.HealthServicer()
        self.failing: dict[str, str] = dict.fromkeys(checks, "not checked yet")
        self.draining = False

    @property
    def ready(self) -> bool:
        """Whether callers should be sent here."""
        return not self.failing and not self.draining

    async def refresh(self) -> None:
        """Ask every dependency, side by side."""
        answers = await asyncio.gather(*(_ask(check) for check in self._checks.values()))
        self.failing = {name: answer for name, answer in zip(self._checks, answers, strict=True) if answer}
        serving = health_pb2.HealthCheckResponse.SERVING if self.ready else health_pb2.HealthCheckResponse.NOT_SERVING
        await self.servicer.set("", serving)

    async def watch(self) -> None:
        """Refresh for ever."""
        while True:
            was = self.ready
            await self.refresh()
            if self.ready != was:
                log.info("ready" if self.ready else "not ready", extra={"facts": {"failing": self.failing}})
            await asyncio.sleep(CHECK_SECONDS if self.ready else 0.2)


async def _ask(check: Check) -> str:
    try:
        await asyncio.wait_for(check(), CHECK_SECONDS)
    except Exception as error:  # noqa: BLE001  # whatever a dependency does wrong makes this process not ready
        return repr(error)
    return ""


async def run(process: Process) -> None:
    """Live until SIGTERM or SIGINT, then leave in order. Raises what ends a background task."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    state = Health(process.checks)
    http = _http_server(process, state)
    server = await _serve_calls(process, state)
    tasks = [asyncio.create_task(state.watch()), asyncio.create_task(http.serve())]
    tasks += [asyncio.create_task(work()) for work in process.background]
    log.info("started")
    ended = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([ended, *tasks], return_when=asyncio.FIRST_COMPLETED)
    await _leave(process, state, server, http, tasks)
    for task in done - {ended}:
        task.result()
        raise RuntimeError("a background task ended by itself")


async def _leave(
    process: Process,
    state: Health,
    server: "_CallServer | None",
    http: uvicorn.Server,
    tasks: list["asyncio.Task[None]"],
) -> None:
    log.info("draining")
    state.draining = True
    await state.servicer.enter_graceful_shutdown()
    await asyncio.sleep(process.config.grace_seconds)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(*(drain() for drain in process.drain)), process.config.drain_seconds)
    if server:
        await server.stop(process.config.drain_seconds)
    http.should_exit = True
    await end(tasks[:1] + tasks[2:])
    await asyncio.gather(tasks[1], return_exceptions=True)
    for close in process.close:
        await close()
    log.info("stopped")


@dataclass(frozen=True)
class _CallServer:
    """The gRPC server, and what goes round its calls."""

    server: grpc.aio.Server
    calls: CallInterceptor

    async def stop(self, seconds: float) -> None:
        """Take no new calls, and wait for those in hand; streams, which may take hours, are told to go elsewhere."""
        stopping = asyncio.create_task(self.server.stop(seconds))
        await asyncio.wait({stopping}, timeout=min(STREAM_SECONDS, seconds))
        self.calls.end_streams()
        await stopping


async def _serve_calls(process: Process, state: Health) -> _CallServer | None:
    if process.register is None:
        return None
    # Until a check has said otherwise; the servicer's own beginning is SERVING.
    await state.servicer.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
    calls = CallInterceptor(process.policy, process.verifier)
    server = grpc.aio.server(
        interceptors=[calls],
        options=[
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_connection_age_ms", process.config.max_connection_age_seconds * 1000),
            ("grpc.max_connection_age_grace_ms", 3_600_000),
            ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
            ("grpc.keepalive_permit_without_calls", 1),
        ],
    )
    names = process.register(server)
    health_pb2_grpc.add_HealthServicer_to_server(state.servicer, server)
    if process.config.reflection:
        from grpc_reflection.v1alpha import reflection  # off unless asked for

        reflection.enable_server_reflection([*names, health.SERVICE_NAME, reflection.SERVICE_NAME], server)
    server.add_insecure_port(str(process.config.listen))
    await server.start()
    return _CallServer(server, calls)


def _http_server(process: Process, state: Health) -> uvicorn.Server:
    async def live(_: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_: Request) -> Response:
        answer = {"status": "ready" if state.ready else "not ready", "failing": state.failing}
        return JSONResponse(answer, 200 if state.ready else 503)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    app = Starlette(
        routes=[Route("/live", live), Route("/ready", ready), Route("/metrics", metrics), *process.routes],
    )
    config = uvicorn.Config(
        app,
        host=process.config.http_listen.host,
        port=process.config.http_listen.port,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws_max_size=MAX_SOCKET_MESSAGE_BYTES,
        timeout_graceful_shutdown=2,
    )
    return _Uvicorn(config)


class _Uvicorn(uvicorn.Server):
    """Uvicorn without its signal handlers: the process has its own way to leave."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # overrides an untyped generator
        yield
