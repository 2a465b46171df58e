"""What holds for every pod: confined, probed, spread, ended in time."""

from collections.abc import Iterator

import pytest

from chassis.config import Address
from tests.chart.rendering import Json, Pod, Rendered, rendered


def test_pod_security_restricted(chart: Rendered) -> None:
    for pod in chart.pods():
        context = pod.spec["securityContext"]
        assert context["runAsNonRoot"] is True, pod.owner
        assert context["runAsUser"] > 0
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        for name in ("hostNetwork", "hostPID", "hostIPC"):
            assert not pod.spec.get(name), pod.owner
        allowed = {"configMap", "emptyDir", "projected", "secret", "persistentVolumeClaim"}
        assert all(set(volume) - {"name"} <= allowed for volume in pod.spec.get("volumes", [])), pod.owner
        for container in pod.containers:
            own = container["securityContext"]
            assert own["allowPrivilegeEscalation"] is False, (pod.owner, container["name"])
            assert own["capabilities"] == {"drop": ["ALL"]}
            assert not own.get("privileged")
            assert all("hostPort" not in port for port in container.get("ports", []))


def test_the_root_is_read_only_and_every_mount_has_its_volume(chart: Rendered) -> None:
    for pod in chart.pods():
        volumes = {volume["name"] for volume in pod.spec.get("volumes", [])}
        mounted = {mount["name"] for container in pod.containers for mount in container.get("volumeMounts", [])}
        assert volumes == mounted, pod.owner
        assert all(container["securityContext"]["readOnlyRootFilesystem"] for container in pod.containers), pod.owner


def test_what_is_written_goes_to_bounded_folders(chart: Rendered) -> None:
    for pod in chart.pods():
        for volume in pod.spec.get("volumes", []):
            if "emptyDir" in volume:
                assert volume["emptyDir"]["sizeLimit"], (pod.owner, volume["name"])
        for container in pod.containers:
            given = {each["name"]: each.get("value", "") for each in container.get("env", [])}
            writable = {mount["mountPath"] for mount in container.get("volumeMounts", []) if not mount.get("readOnly")}
            for name in ("HOME", "NUMBA_CACHE_DIR", "PUREMUSIC_SCRATCH_DIR"):
                if name in given:
                    assert any(given[name].startswith(path) for path in writable), (pod.owner, name)


def test_no_pod_is_given_a_token_unasked(chart: Rendered) -> None:
    for pod in chart.pods():
        assert pod.spec["automountServiceAccountToken"] is False, pod.owner
        assert ("serviceAccountToken" in str(pod.spec)) == (pod.component in _keepers(chart)), pod.owner
    for account in chart.of("ServiceAccount").values():
        assert account["automountServiceAccountToken"] is False


def _keepers(chart: Rendered) -> set[str]:
    """Who keeps the deletion cost of its pod."""
    return {pod.component for pod in chart.pods() if "PUREMUSIC_POD_NAME" in str(pod.main.get("env"))}


def test_the_one_token_patches_pods_and_does_nothing_else(chart: Rendered, profile: str) -> None:
    keepers = _keepers(chart)
    assert keepers == (set() if profile == "no-deletion-cost" else {"separation-worker"})
    roles, bindings = chart.of("Role"), chart.of("RoleBinding")
    assert set(roles) == set(bindings) == keepers
    assert not [each for each in chart.objects if each["kind"].startswith("ClusterRole")]
    for name in keepers:
        assert roles[name]["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["patch"]}]
        assert bindings[name]["roleRef"]["name"] == roles[name]["metadata"]["name"]
        (subject,) = bindings[name]["subjects"]
        assert subject["name"] == chart.pod(name).spec["serviceAccountName"]
        pod = chart.pod(name)
        (where,) = [each["mountPath"] for each in pod.main["volumeMounts"] if each["name"] == "kubernetes"]
        given = {each["name"]: each.get("value") for each in pod.main["env"]}
        assert given["PUREMUSIC_KUBERNETES_CREDENTIALS"] == where
        assert given["PUREMUSIC_POD_NAMESPACE"] == "music"
        (volume,) = [each for each in pod.spec["volumes"] if each["name"] == "kubernetes"]
        files = [
            each.get("serviceAccountToken", {}).get("path") or each["configMap"]["items"][0]["path"]
            for each in volume["projected"]["sources"]
        ]
        assert files == ["token", "ca.crt"]  # as chassis/deletion_cost.py reads them
        # The step that fetches networks from somewhere never sees it.
        assert all(
            mount["name"] != "kubernetes" for each in pod.spec["initContainers"] for mount in each["volumeMounts"]
        )


def test_accounts_exist_when_their_pods_start(chart: Rendered) -> None:
    accounts = {each["metadata"]["name"] for each in chart.of("ServiceAccount").values()}
    for pod in chart.pods():
        wanted = accounts if pod.owner.startswith("Deployment") else {"default"}
        assert pod.spec["serviceAccountName"] in wanted, pod.owner


def _probes(container: Json) -> Iterator[tuple[str, Json]]:
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        if name in container:
            yield name, container[name]


def test_probes_ask_ports_that_are_listened_on(chart: Rendered) -> None:
    for pod in chart.pods():
        if not pod.owner.startswith("Deployment"):
            continue
        ports = {port["name"]: port["containerPort"] for port in pod.main["ports"]}
        assert ports == _listened(pod), pod.owner
        probes = dict(_probes(pod.main))
        assert set(probes) == {"startupProbe", "livenessProbe", "readinessProbe"}
        for probe in probes.values():
            if "grpc" in probe:
                assert probe["grpc"]["port"] == ports["grpc"]  # Kubernetes wants its number
            else:
                assert (probe.get("httpGet") or probe["tcpSocket"])["port"] in ports, pod.owner


def _listened(pod: Pod) -> dict[str, int]:
    """What the process is told to listen on; a worker has no gRPC server."""
    if pod.component == "envoy":
        flags = dict(
            part.removeprefix("--").split("=", 1) for part in pod.spec["initContainers"][0]["args"] if "=" in part
        )
        return {name: Address.parse(flags[name]).port for name in ("public", "probes")}
    given = {each["name"]: each.get("value", "") for each in pod.main["env"]}
    http = Address.parse(given["PUREMUSIC_HTTP_LISTEN"]).port
    if pod.main["args"] == ["work"]:
        return {"http": http}
    return {"grpc": Address.parse(given["PUREMUSIC_LISTEN"]).port, "http": http}


def test_readiness_is_the_dependencies_and_liveness_is_not(chart: Rendered) -> None:
    for pod in chart.pods():
        if pod.owner.startswith("Deployment") and pod.component != "envoy":
            assert pod.main["livenessProbe"]["httpGet"]["path"] == "/live"
            assert pod.main["startupProbe"]["httpGet"]["path"] == "/live"
            ready = pod.main["readinessProbe"]
            assert "grpc" in ready or ready["httpGet"]["path"] == "/ready"
            # A check of a dependency may take three seconds.
            assert ready["timeoutSeconds"] > 3


def test_services_lead_to_ports_of_their_pods(chart: Rendered) -> None:
    for name, service in chart.of("Service").items():
        pod = chart.pod(name)
        named = {port["name"]: port["containerPort"] for port in pod.main["ports"]}
        assert service["spec"]["selector"].items() <= pod.labels.items()
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in named
            if name != "envoy":
                assert port["port"] == named[port["targetPort"]]  # headless: nothing translates it
        assert (service["spec"].get("clusterIP") == "None") == (name != "envoy")
    assert set(chart.of("Service")) == {"auth", "ingest", "separation", "mir", "fusion", "gateway", "envoy"}


def test_selectors_match_their_own_pods_alone(chart: Rendered) -> None:
    pods = [pod for pod in chart.pods() if pod.owner.startswith("Deployment")]
    for name, deployment in chart.of("Deployment").items():
        chosen = deployment["spec"]["selector"]["matchLabels"].items()
        assert [pod.component for pod in pods if chosen <= pod.labels.items()] == [name]


def test_a_pod_is_ended_only_after_its_drain(chart: Rendered) -> None:
    for pod in chart.pods():
        if pod.owner.startswith("Deployment") and pod.component != "envoy":
            given = {each["name"]: each.get("value", "") for each in pod.main["env"]}
            # chassis/server.py: grace, then the jobs' drain, then the calls' drain.
            needed = float(given["PUREMUSIC_GRACE_SECONDS"]) + 2 * float(given["PUREMUSIC_DRAIN_SECONDS"])
            assert needed + 5 <= pod.spec["terminationGracePeriodSeconds"] <= needed + 15, pod.owner
            # Not a second per second of song: the longest lasts 900.
            assert pod.spec["terminationGracePeriodSeconds"] < 200


def test_envoy_is_ended_after_its_rest(chart: Rendered) -> None:
    pod = chart.pod("envoy")
    assert pod.spec["terminationGracePeriodSeconds"] > pod.main["lifecycle"]["preStop"]["sleep"]["seconds"]


def test_a_fraction_of_a_second_is_rounded_up() -> None:
    assert rendered("own-images").pod("mir-worker").spec["terminationGracePeriodSeconds"] == 2 + 2 * 13 + 10


def test_every_container_says_what_it_needs_and_how_much_memory_it_may_take(chart: Rendered) -> None:
    for pod in chart.pods():
        for container in pod.containers:
            resources = container["resources"]
            assert {"cpu", "memory"} <= set(resources["requests"]), (pod.owner, container["name"])
            assert "memory" in resources["limits"]
            assert "cpu" not in resources["limits"]
            assert _mebibytes(resources["requests"]["memory"]) <= _mebibytes(resources["limits"]["memory"])


def _mebibytes(quantity: str) -> float:
    units = {"Mi": 1, "Gi": 1024}
    return float(quantity[:-2]) * units[quantity[-2:]]


# README, "Figures": peak memory in MB.
MEASURED = {
    "auth": 169,
    "ingest": 111,
    "separation": 111,
    "mir": 111,
    "fusion": 200,
    "gateway": 111,
    "ingest-worker": 111,
    "separation-worker": 1722,
    "mir-worker": 512,
    "fusion-worker": 215,
    "envoy": 86,
}


def test_requests_hold_what_was_measured() -> None:
    for name, peak in MEASURED.items():
        requested = _mebibytes(rendered("cpu").pod(name).main["resources"]["requests"]["memory"]) * 1.048576
        assert 1.15 * peak <= requested, name
        assert requested <= 5 * peak, name


def test_pods_are_spread_and_may_be_drained_one_by_one(chart: Rendered) -> None:
    budgets = chart.of("PodDisruptionBudget")
    for name, deployment in chart.of("Deployment").items():
        spread = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert [each["topologyKey"] for each in spread] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
        chosen = deployment["spec"]["selector"]["matchLabels"]
        assert all(each["labelSelector"]["matchLabels"] == chosen for each in spread)
        assert budgets[name]["spec"]["selector"]["matchLabels"] == chosen
        assert budgets[name]["spec"]["maxUnavailable"] == 1


def test_workers_make_room_for_what_answers_people() -> None:
    chart = rendered("minimal")
    classes = {each["metadata"]["name"]: each["value"] for each in chart.objects if each["kind"] == "PriorityClass"}
    of = {pod.component: classes[pod.spec["priorityClassName"]] for pod in chart.pods() if pod.owner.startswith("Dep")}
    workers = {name for name in of if name.endswith("-worker")}
    assert len(workers) == 4
    assert max(of[name] for name in workers) < min(of[name] for name in set(of) - workers)


def test_priority_is_left_alone_where_the_cluster_decides() -> None:
    chart = rendered("unfenced")
    assert not [each for each in chart.objects if each["kind"] == "PriorityClass"]
    assert all("priorityClassName" not in pod.spec for pod in chart.pods())
    assert rendered("own-images").pod("mir-worker").spec["priorityClassName"] == "batch"


def test_a_server_is_replaced_before_it_goes(chart: Rendered) -> None:
    for name, deployment in chart.of("Deployment").items():
        rolling = deployment["spec"]["strategy"]["rollingUpdate"]
        on_gpu = name == "separation-worker" and "-cuda" in chart.pod(name).main["image"]
        assert rolling == ({"maxUnavailable": 1, "maxSurge": 0} if on_gpu else {"maxUnavailable": 0, "maxSurge": 1})


def test_images_of_ones_own() -> None:
    chart = rendered("own-images")
    images = {pod.component: pod.main["image"] for pod in chart.pods()}
    assert images["auth"] == "registry.internal/music/auth:2026.11"
    assert images["separation"] == "registry.internal/music/separation:2026.11"
    assert images["separation-worker"] == "registry.internal/music/separation-cuda:2026.11"
    assert images["mir-worker"].endswith("@sha256:" + 64 * "0")
    assert images["mir-migrate"] == images["mir"] == "registry.internal/music/mir:2026.11"
    assert all(pod.spec["imagePullSecrets"] == [{"name": "pull"}] for pod in chart.pods())
    assert all(container["imagePullPolicy"] == "Always" for pod in chart.pods() for container in pod.containers)


def test_placement_of_ones_own() -> None:
    spec = rendered("own-images").pod("mir-worker").spec
    assert spec["runtimeClassName"] == "gvisor"
    assert spec["affinity"]["nodeAffinity"]
    assert {volume["name"]: volume for volume in spec["volumes"]}["scratch"]["emptyDir"] == {"sizeLimit": "30Gi"}


@pytest.mark.parametrize("name", ["auth", "mir-worker", "envoy"])
def test_labels_of_ones_own(name: str) -> None:
    chart = rendered("settings")
    assert chart.of("Deployment")[name]["metadata"]["labels"]["team"] == "music"
    assert "team" not in chart.of("Deployment")[name]["spec"]["selector"]["matchLabels"]


def test_what_cannot_be_watched_is_not_evicted() -> None:
    pod = next(
        each
        for each in rendered("timesliced").objects
        if each["kind"] == "Deployment" and "separation-worker" in each["metadata"]["name"]
    )
    annotations = pod["spec"]["template"]["metadata"]["annotations"]
    assert annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false"
