"""In Kubernetes: which pod goes when there are to be fewer. An idle worker's costs nothing, a busy one's more every minute.

A Deployment that is scaled in takes the pods with the lowest `controller.kubernetes.io/pod-deletion-cost` first.
"""

import asyncio
import json
import logging
import ssl
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chassis.config import setting

log = logging.getLogger(__name__)

ANNOTATION = "controller.kubernetes.io/pod-deletion-cost"
BUSY = 10
LOOK_SECONDS = 2.0
CALL_SECONDS = 5.0


@dataclass(frozen=True)
class PodConfig:
    """Which pod this is, and how Kubernetes is told about it."""

    name: str = setting("POD_NAME", "name of this pod, whose deletion cost is kept; empty: not kept", "")
    namespace: str = setting("POD_NAMESPACE", "namespace of this pod", "")
    api: str = setting("KUBERNETES_API", "address of Kubernetes' API server", "https://kubernetes.default.svc")
    credentials: str = setting(
        "KUBERNETES_CREDENTIALS",
        "folder with the token and the ca.crt of an account that may patch this pod",
        "/var/run/secrets/kubernetes.io/serviceaccount",
    )


class DeletionCost:
    """Keeps the cost of this pod. `busy_seconds`: for how long its oldest job has been worked on; None: there is none."""

    def __init__(self, config: PodConfig, busy_seconds: Callable[[], float | None]) -> None:
        self._config = config
        self._busy_seconds = busy_seconds

    async def run(self) -> None:
        """Keep it for ever. What Kubernetes refuses is said once, and tried again: a worker works without it as well."""
        told: int | None = None
        complained = False
        while True:
            cost = cost_of(self._busy_seconds())
            if cost != told:
                try:
                    await asyncio.to_thread(self._tell, cost)
                except OSError as error:
                    if not complained:
                        log.warning("deletion cost not kept", extra={"facts": {"error": repr(error)}})
                    complained = True
                else:
                    told, complained = cost, False
            await asyncio.sleep(LOOK_SECONDS)

    def _tell(self, cost: int) -> None:
        config, folder = self._config, Path(self._config.credentials)
        request = urllib.request.Request(  # noqa: S310  # the operator's own setting
            f"{config.api}/api/v1/namespaces/{config.namespace}/pods/{config.name}",
            data=json.dumps({"metadata": {"annotations": {ANNOTATION: str(cost)}}}).encode(),
            method="PATCH",
            headers={
                "content-type": "application/merge-patch+json",
                # Read each time: it is renewed every hour.
                "authorization": f"Bearer {(folder / 'token').read_text(encoding='ascii').strip()}",
            },
        )
        trust = ssl.create_default_context(cafile=folder / "ca.crt") if config.api.startswith("https:") else None
        with urllib.request.urlopen(request, timeout=CALL_SECONDS, context=trust):  # noqa: S310  # as above
            pass


def cost_of(busy_seconds: float | None) -> int:
    """Return what it costs to end a pod that has worked on its oldest job for so long. It changes once a minute at most."""
    return 0 if busy_seconds is None else BUSY + int(busy_seconds // 60)
