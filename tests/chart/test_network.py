"""Nobody talks to anybody, but along the edges that the mesh has: all of them, and no other."""

from collections.abc import Iterator, Mapping
from itertools import product

import pytest

from tests.chart.rendering import Json, Pod, Rendered, rendered

# Written down by hand from docs/architecture.md: the chart takes them from the configuration, and has to come to the same.
SERVICES = ("auth", "ingest", "separation", "mir", "fusion", "gateway")
WORKERS = ("ingest-worker", "separation-worker", "mir-worker", "fusion-worker")
CALLS = {
    "envoy": SERVICES,
    "gateway": ("auth", "ingest", "separation", "mir", "fusion"),
    "fusion": ("ingest", "separation", "mir"),
    "separation": ("ingest",),
    "mir": ("ingest",),
}
ASKS_OVER_HTTP = {
    "envoy": ("auth", "gateway"),
    **dict.fromkeys(("ingest", "separation", "mir", "fusion", "gateway"), ("auth",)),
}
EDGES = {
    *((source, target, 9000) for source, targets in CALLS.items() for target in targets),
    *((source, target, 9001) for source, targets in ASKS_OVER_HTTP.items() for target in targets),
    ("test", "envoy", 8443),
}
OUTSIDE = {
    "postgres": {*SERVICES, *WORKERS, *(f"{name}-migrate" for name in SERVICES)},
    "nats": {*SERVICES, *WORKERS},
    "objects": {"envoy", "ingest", "separation", "mir", "fusion", *WORKERS},
    "otlp": {*SERVICES, *WORKERS},
    "kubernetes": {"separation-worker"},
}

FENCED = ("minimal", "cpu", "fenced", "no-deletion-cost", "weights-address", "init-migrations", "own-secrets")


def _chosen(selector: Mapping[str, Json], labels: Mapping[str, str]) -> bool:
    assert set(selector) <= {"matchLabels"}
    return selector.get("matchLabels", {}).items() <= labels.items()


def _rules(chart: Rendered, pod: Pod, direction: str) -> Iterator[Json]:
    """The rules that hold for a pod; that any policy chooses it is checked, without one everything would be allowed."""
    chosen = [
        each["spec"]
        for each in chart.objects
        if each["kind"] == "NetworkPolicy" and _chosen(each["spec"]["podSelector"], pod.labels)
    ]
    assert any(direction.capitalize() in spec["policyTypes"] for spec in chosen), pod.owner
    for spec in chosen:
        yield from spec.get(direction, [])


def _lets(rule: Json, peers: str, other: Pod, port: int) -> bool:
    if port not in {each["port"] for each in rule["ports"] if each["protocol"] == "TCP"}:
        return False
    # Without a namespace a selector means pods beside the policy.
    return peers not in rule or any(
        set(peer) == {"podSelector"} and _chosen(peer["podSelector"], other.labels) for peer in rule[peers]
    )


def _allowed(chart: Rendered, source: Pod, target: Pod, port: int) -> bool:
    return any(_lets(rule, "to", target, port) for rule in _rules(chart, source, "egress")) and any(
        _lets(rule, "from", source, port) for rule in _rules(chart, target, "ingress")
    )


@pytest.mark.parametrize("profile", FENCED)
def test_the_edges_are_those_of_the_mesh(profile: str) -> None:
    chart = rendered(profile)
    pods = list(chart.pods())
    found = {
        (source.component, target.component, port)
        for source, target in product(pods, pods)
        for port in (9000, 9001, 8443, 9901, 9902)
        if _allowed(chart, source, target, port)
    }
    assert found == EDGES


@pytest.mark.parametrize("profile", FENCED)
def test_ports_of_edges_are_listened_on(profile: str) -> None:
    chart = rendered(profile)
    for _, target, port in EDGES:
        assert port in {each["containerPort"] for each in chart.pod(target).main["ports"]}


def test_whom_each_pod_reaches_outside() -> None:
    chart = rendered("fenced")
    outside: dict[str, set[str]] = {name: set() for name in OUTSIDE}
    places = {
        ("data", (5432,)): "postgres",
        ("bus", (4222,)): "nats",
        ("10.4.0.0/24", (9000,)): "objects",
        ("observability", (4317,)): "otlp",
        ("10.0.0.1/32", (6443,)): "kubernetes",
        ("kube-system", (53, 53)): "dns",
    }
    for pod in chart.pods():
        reached = []
        for rule in _rules(chart, pod, "egress"):
            for peer in rule["to"]:  # with every peer named nobody may go anywhere else
                if set(peer) == {"podSelector"}:
                    continue
                where = (
                    peer["ipBlock"]["cidr"]
                    if "ipBlock" in peer
                    else peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
                )
                reached.append(places[where, tuple(each["port"] for each in rule["ports"])])
        assert reached.count("dns") == 1, pod.owner
        for name in set(reached) - {"dns"}:
            outside[name].add(pod.component)
    assert outside == OUTSIDE


def test_names_are_asked_of_who_answers_them() -> None:
    for pod in rendered("fenced").pods():
        (rule,) = [each for each in _rules(rendered("fenced"), pod, "egress") if each["ports"][0]["port"] == 53]
        assert [each["protocol"] for each in rule["ports"]] == ["UDP", "TCP"]
        assert rule["to"][0]["podSelector"] == {"matchLabels": {"k8s-app": "kube-dns"}}


def _peers(rules: Iterator[Json], port: int) -> list[Json]:
    return [peer for rule in rules if rule["ports"][0]["port"] == port for peer in rule.get("from", [])]


def _namespaces(peers: list[Json]) -> set[str]:
    return {
        peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
        for peer in peers
        if "namespaceSelector" in peer
    }


def test_only_the_named_come_to_the_door_and_to_the_figures() -> None:
    chart = rendered("fenced")
    assert _namespaces(_peers(_rules(chart, chart.pod("envoy"), "ingress"), 8443)) == {"edge"}
    assert _namespaces(_peers(_rules(chart, chart.pod("envoy"), "ingress"), 9902)) == {"monitoring"}
    for name in (*SERVICES, *WORKERS):
        assert _namespaces(_peers(_rules(chart, chart.pod(name), "ingress"), 9001)) == {"monitoring"}
        assert _namespaces(_peers(_rules(chart, chart.pod(name), "ingress"), 9000)) == set()


def test_without_names_everybody_comes_to_the_door_and_nobody_to_the_figures() -> None:
    chart = rendered("minimal")
    (door,) = _rules(chart, chart.pod("envoy"), "ingress")
    assert "from" not in door
    assert door["ports"] == [{"port": 8443, "protocol": "TCP"}]
    assert not list(_rules(chart, chart.pod("mir-worker"), "ingress"))


def test_nobody_comes_to_a_migration() -> None:
    chart = rendered("fenced")
    for pod in chart.pods():
        if pod.owner.startswith(("Job", "Pod")):
            assert not list(_rules(chart, pod, "ingress")), pod.owner


def test_envoy_goes_to_the_store_only_where_clients_go_through_it() -> None:
    def ports(profile: str) -> set[int]:
        rules = _rules(rendered(profile), rendered(profile).pod("envoy"), "egress")
        return {each["port"] for rule in rules for each in rule["ports"]}

    assert ports("minimal") == {53, 9000, 9001}
    elsewhere = list(_rules(rendered("objects-elsewhere"), rendered("objects-elsewhere").pod("envoy"), "egress"))
    assert 443 not in ports("objects-elsewhere")
    assert all("to" in rule for rule in elsewhere)


def test_weights_are_fetched_by_those_who_load_them() -> None:
    chart = rendered("weights-address")
    fetching = {
        pod.component
        for pod in chart.pods()
        if any({"ipBlock": {"cidr": "10.9.0.0/16"}} in rule.get("to", []) for rule in _rules(chart, pod, "egress"))
    }
    assert fetching == {"separation", "separation-worker", "mir-worker"}


def test_the_ports_of_every_server_of_the_bus() -> None:
    chart = rendered("minimal")
    ports = {each["port"] for rule in _rules(chart, chart.pod("mir-worker"), "egress") for each in rule["ports"]}
    assert ports == {53, 5432, 4222, 9000}


def test_a_policy_chooses_every_pod(profile: str, chart: Rendered) -> None:
    if profile == "unfenced":
        assert not chart.of("NetworkPolicy")
        return
    for pod in chart.pods():
        # Checked by _rules itself.
        assert list(_rules(chart, pod, "egress"))
        list(_rules(chart, pod, "ingress"))
