"""Calling another service: the caller's token and the trace go along, and the deadline is shaved so that the callee fails first.

Shaving as in Boulder's gRPC interceptors: what is left of our own deadline, less a little for the way back.
"""

from typing import Any

import grpc

from chassis.identity import caller_or_none
from chassis.telemetry import trace_headers

CALL_SECONDS = 10.0


def channel(address: str) -> grpc.aio.Channel:
    """Return a channel to every instance behind `address`, in turn."""
    return grpc.aio.insecure_channel(
        f"dns:///{address}",
        options=[
            ("grpc.lb_policy_name", "round_robin"),
            ("grpc.keepalive_time_ms", 30_000),
            ("grpc.keepalive_timeout_ms", 5_000),
            ("grpc.enable_retries", 1),
            ("grpc.service_config", _RETRIES),
        ],
    )


# UNAVAILABLE before the call was accepted: another instance, or the same one a moment later.
_RETRIES = (
    '{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 4, "initialBackoff": "0.1s",'
    ' "maxBackoff": "1s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]}'
)


def options(
    context: grpc.aio.ServicerContext[Any, Any] | None = None, token: str = "", patience: float = CALL_SECONDS
) -> dict[str, Any]:
    """Return `metadata` and `timeout` (at most `patience` seconds) for a call made on behalf of the present caller."""
    known = caller_or_none()
    bearer = token or (known.token if known else "")
    metadata = tuple(trace_headers().items())
    if bearer:
        metadata += (("authorization", f"Bearer {bearer}"),)
    remaining = context.time_remaining() if context else None
    timeout = patience if remaining is None else max(0.05, min(patience, remaining * 0.9))
    return {"metadata": metadata, "timeout": timeout}
