"""Workers by the jobs that wait, servers by their CPU; GPUs as the values say."""

from typing import Any

import pytest
import yaml

from chassis.jetstream import JOBS, durable_of
from chassis.work import Pool
from deploy.chart.places import CHART
from services.fusion.config import POOL as FUSION_POOL
from services.ingest.config import POOL as INGEST_POOL
from services.mir.config import POOL as MIR_POOL
from tests.chart.rendering import Json, Rendered, rendered

WORKERS = {"ingest-worker", "separation-worker", "mir-worker", "fusion-worker"}


def _trigger(chart: Rendered, name: str) -> dict[str, str]:
    (trigger,) = chart.of("ScaledObject")[name]["spec"]["triggers"]
    assert trigger["type"] == "nats-jetstream"
    metadata: dict[str, str] = trigger["metadata"]
    return metadata


def test_one_scaler_for_each_worker(chart: Rendered, profile: str) -> None:
    keda, plain = set(chart.of("ScaledObject")), set(chart.of("HorizontalPodAutoscaler"))
    expected: dict[str, tuple[set[str], set[str]]] = {
        "hpa": (set(), WORKERS),
        "fixed": (set(), set()),
        "servers-scaled": (WORKERS, {"auth", "gateway", "envoy"}),
    }
    assert (keda, plain) == expected.get(profile, (WORKERS, set()))


def test_what_is_scaled_says_no_number_of_its_own(chart: Rendered) -> None:
    scaled = {*chart.of("ScaledObject"), *chart.of("HorizontalPodAutoscaler")}
    for name, deployment in chart.of("Deployment").items():
        assert ("replicas" in deployment["spec"]) == (name not in scaled), name
    for kind in ("ScaledObject", "HorizontalPodAutoscaler"):
        for name, scaler in chart.of(kind).items():
            target = scaler["spec"]["scaleTargetRef"]["name"]
            assert target == chart.of("Deployment")[name]["metadata"]["name"]


@pytest.mark.parametrize("profile", ["minimal", "cpu", "mig", "settings"])
def test_a_scaler_looks_at_the_consumer_that_its_workers_listen_on(profile: str) -> None:
    chart = rendered(profile)
    separation = _env(chart, "separation-worker")["PUREMUSIC_SEPARATION_POOL"]
    pools = {"ingest": INGEST_POOL, "separation": separation, "mir": MIR_POOL, "fusion": FUSION_POOL}
    for service, pool in pools.items():
        trigger = _trigger(chart, f"{service}-worker")
        assert trigger["consumer"] == durable_of(Pool(service, pool, "").subject)
        assert trigger["stream"] == JOBS
        assert trigger["natsServerMonitoringEndpoint"] == "nats.nats:8222"
        assert trigger["activationLagThreshold"] == "0"


def _env(chart: Rendered, name: str) -> dict[str, str]:
    return {each["name"]: each.get("value", "") for each in chart.pod(name).main["env"]}


@pytest.mark.parametrize("profile", ["minimal", "cpu", "mig"])
def test_a_pod_for_as_many_jobs_as_it_does_at_once(profile: str) -> None:
    chart = rendered(profile)
    for name in WORKERS:
        env = _env(chart, name)
        at_once = env.get("PUREMUSIC_SEPARATION_JOBS_AT_ONCE") or env["PUREMUSIC_WORKER_CONCURRENCY"]
        assert _trigger(chart, name)["lagThreshold"] == at_once, name
    assert _trigger(rendered("minimal"), "separation-worker")["lagThreshold"] == "4"
    assert _trigger(rendered("cpu"), "separation-worker")["lagThreshold"] == "1"


def test_gpus_are_let_go_when_nothing_waits_and_not_at_once() -> None:
    spec = rendered("minimal").of("ScaledObject")["separation-worker"]["spec"]
    assert spec["minReplicaCount"] == 0
    assert spec["pollingInterval"] == 10
    assert spec["cooldownPeriod"] == 600
    assert spec["fallback"]["replicas"] >= 1
    down = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
    assert down["stabilizationWindowSeconds"] == 600
    assert down["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 60}]


def test_without_keda_nothing_goes_to_zero() -> None:
    for name, scaler in rendered("hpa").of("HorizontalPodAutoscaler").items():
        assert scaler["spec"]["minReplicas"] >= 1, name
    (metric,) = rendered("hpa").of("HorizontalPodAutoscaler")["separation-worker"]["spec"]["metrics"]
    assert metric["resource"] == {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 40}}


def _gpu(chart: Rendered) -> dict[str, Any]:
    limits: dict[str, Any] = chart.pod("separation-worker").main["resources"]["limits"]
    return {name: count for name, count in limits.items() if "/" in name}


@pytest.mark.parametrize(
    ("profile", "resource"),
    [
        ("minimal", {"nvidia.com/gpu": 1}),
        ("mig", {"nvidia.com/mig-1g.10gb": 1}),
        ("timesliced", {"nvidia.com/gpu.shared": 1}),
        ("cpu", {}),
    ],
)
def test_the_gpu_that_is_asked_for(profile: str, resource: Json) -> None:
    chart = rendered(profile)
    assert _gpu(chart) == resource
    assert _env(chart, "separation-worker")["PUREMUSIC_SEPARATION_DEVICE"] == ("cuda" if resource else "cpu")
    assert ("-cuda:" in chart.pod("separation-worker").main["image"]) == bool(resource)


def test_nobody_else_asks_for_a_gpu(chart: Rendered) -> None:
    for pod in chart.pods():
        if pod.component != "separation-worker":
            assert "nvidia.com" not in str(pod.spec), pod.owner
            assert "-cuda" not in str(pod.spec), pod.owner


def test_where_gpus_are() -> None:
    spec = rendered("mig").pod("separation-worker").spec
    assert spec["runtimeClassName"] == "nvidia"
    assert spec["nodeSelector"] == {"pool": "gpu", "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb"}
    assert [each["key"] for each in spec["tolerations"]] == ["spot", "nvidia.com/gpu"]
    assert [each["key"] for each in rendered("minimal").pod("separation-worker").spec["tolerations"]] == [
        "nvidia.com/gpu"
    ]
    assert "tolerations" not in rendered("cpu").pod("separation-worker").spec


def test_threads_are_the_cores_that_are_asked_for() -> None:
    assert _env(rendered("minimal"), "separation-worker")["PUREMUSIC_SEPARATION_THREADS"] == "4"
    assert _env(rendered("cpu"), "separation-worker")["PUREMUSIC_SEPARATION_THREADS"] == "2"


def test_the_cpu_profile_asks_for_openvino_and_its_own_pool() -> None:
    env = _env(rendered("cpu"), "separation-worker")
    assert env["PUREMUSIC_SEPARATION_CORE"] == "openvino"
    assert env["PUREMUSIC_SEPARATION_POOL"] == "cpu"


def test_the_cpu_profile_changes_separation_alone() -> None:
    assert set(yaml.safe_load((CHART / "values-cpu.yaml").read_text())) == {"services"}
    assert set(yaml.safe_load((CHART / "values-cpu.yaml").read_text())["services"]) == {"separation"}
