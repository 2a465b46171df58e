"""Every alert fires when it should and is quiet when it should; every figure that is asked for is one that processes tell."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY

import chassis.telemetry  # noqa: F401  # what every process tells
import services.gateway.dead_letters  # noqa: F401  # and what gateway tells besides
from deploy.chart.dashboard import PANELS
from deploy.chart.places import CHART, ROOT
from tests.chart.rendering import Json, rendered

PROMTOOL = ROOT / ".puremusic" / "tools" / "promtool"
RULES = CHART / "files" / "rules.yaml"
TESTS = Path(__file__).with_name("rules_test.yaml")


def _promtool(*arguments: str | Path) -> str:
    if not PROMTOOL.is_file():
        pytest.skip("promtool is not there: `make chart` fetches it where apt-get is")
    done = subprocess.run([PROMTOOL, *arguments], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _rules() -> list[Json]:
    groups: list[Json] = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _alerts() -> set[str]:
    return {rule["alert"] for rule in _rules() if "alert" in rule}


def test_the_rules_are_good_prometheus() -> None:
    assert f"{len(_rules())} rules found" in _promtool("check", "rules", RULES)


def test_alerts_fire_and_do_not_fire() -> None:
    _promtool("test", "rules", TESTS)


def test_every_alert_is_tried_both_ways() -> None:
    cases = [case for test in yaml.safe_load(TESTS.read_text())["tests"] for case in test["alert_rule_test"]]
    assert {case["alertname"] for case in cases if case["exp_alerts"]} == _alerts()
    assert {case["alertname"] for case in cases if not case["exp_alerts"]} == _alerts()


# process_* is what prometheus_client itself tells on Linux.
def _told() -> dict[str, set[str]]:
    """Every series' name that processes tell, with its labels."""
    told: dict[str, set[str]] = {}
    for collector, names in REGISTRY._collector_to_names.items():
        labels = set(getattr(collector, "_labelnames", ()))
        for name in names:
            told[name] = {*labels, "le"} if name.endswith("_bucket") else labels
    return told


# What Prometheus and the PodMonitor add.
_ADDED = {"pod", "component"}


def _asked(expression: str) -> Iterator[tuple[str, set[str]]]:
    """The series that an expression asks for, with the labels that it chooses them by."""
    plain = re.sub(r'"[^"]*"', '""', expression)
    for name, chosen in re.findall(r"\b([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\b(?!\s*\()(?:\{([^}]*)\})?", plain):
        yield name, set(re.findall(r"(\w+)\s*[=!]", chosen))


def _grouped(expression: str) -> set[str]:
    return {label.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(",")}


EXPRESSIONS = [
    *(rule["expr"] for rule in _rules()),
    *(query for panel in PANELS for _, query in panel.queries),
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_figure_is_one_that_processes_tell(expression: str) -> None:
    told = _told()
    recorded = {rule["record"] for rule in _rules() if "record" in rule}
    without_recorded = re.sub("|".join(recorded), "1", expression)
    labels: set[str] = set()
    for name, chosen in _asked(without_recorded):
        if name in _grouped(expression):
            continue
        assert name in told, name
        assert chosen <= told[name], name
        labels |= told[name]
    assert _grouped(expression) <= labels | _ADDED


def test_the_test_above_sees_figures() -> None:
    assert list(_asked('sum by (le, pod) (rate(a_b_bucket{x="{y=1}"}[5m])) / max(c_d)')) == [
        ("a_b_bucket", {"x"}),
        ("c_d", set()),
    ]
    assert "jobs_ended_total" in _told()
    assert _told()["jobs_ended_total"] == {"state"}
    assert "job_wait_seconds_bucket" in _told()


def test_queries_of_the_dashboard_are_good_prometheus(tmp_path: Path) -> None:
    queries = [query for panel in PANELS for _, query in panel.queries]
    rules = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(queries)]
    file = tmp_path / "panels.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    assert f"{len(queries)} rules found" in _promtool("check", "rules", file)


def test_the_operators_rule_is_prometheus_own() -> None:
    rule = rendered("monitored").of("PrometheusRule")["rules"]
    assert rule["spec"] == yaml.safe_load(RULES.read_text())
    assert rule["metadata"]["labels"]["release"] == "prometheus"


def test_every_pod_is_read_where_it_tells() -> None:
    chart = rendered("monitored")
    spec = chart.of("PodMonitor")["pods"]["spec"]
    paths = {each["port"]: each["path"] for each in spec["podMetricsEndpoints"]}
    assert paths == {"http": "/metrics", "probes": "/stats/prometheus"}
    assert {each["interval"] for each in spec["podMetricsEndpoints"]} == {"15s"}
    for pod in chart.pods():
        if pod.owner.startswith("Deployment"):
            assert spec["selector"]["matchLabels"].items() <= pod.labels.items()
            assert len({port["name"] for port in pod.main["ports"]} & set(paths)) == 1, pod.owner


def test_the_dashboard_is_found() -> None:
    config_map = rendered("monitored").of("ConfigMap")["dashboards"]
    assert config_map["metadata"]["labels"]["grafana_dashboard"] == "1"
    panels = json.loads(config_map["data"]["puremusic.json"])["panels"]
    assert [panel["title"] for panel in panels] == [panel.title for panel in PANELS]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(places) == len(set(places))


def test_nothing_of_it_is_made_unasked() -> None:
    chart = rendered("minimal")
    assert not chart.of("PodMonitor")
    assert not chart.of("PrometheusRule")
    assert set(chart.of("ConfigMap")) == {"envoy"}


def test_every_alert_has_its_runbook() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^### (PureMusic\w+)", page, re.MULTILINE))
    assert told == _alerts()
