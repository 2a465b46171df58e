"""Secrets are named, never written."""

import json
import re

import yaml

from deploy.chart.places import CHART
from tests.chart.rendering import Rendered

_LOOKS_SECRET = re.compile(r"password|secret|token|credential|(?<!object)[_-]key\b", re.IGNORECASE)


def test_the_chart_makes_no_secret(chart: Rendered) -> None:
    assert not chart.of("Secret")


def test_no_value_could_hold_one() -> None:
    """Every value with a secret's name is the name of a Secret, or of a key in one."""

    def walk(values: dict[str, object], path: str = "") -> list[str]:
        found = []
        for name, value in values.items():
            if isinstance(value, dict):
                found += walk(value, f"{path}{name}.")
            elif re.search(r"password|secret|sealing|access", name, re.IGNORECASE):
                found.append(f"{path}{name}")
        return found

    assert set(walk(yaml.safe_load((CHART / "values.yaml").read_text()))) == {
        "image.pullSecrets",
        "postgres.existingSecret",
        "postgres.passwordKey",
        "nats.existingSecret",
        "nats.passwordKey",
        "objects.existingSecret",
        "objects.accessKeyKey",
        "objects.secretKeyKey",
        "auth.existingSecret",
        "auth.sealingKeyKey",
        "auth.serviceSecretsKey",
        "envoy.tls.existingSecret",
    }


def test_config_maps_and_environments_hold_none(chart: Rendered) -> None:
    for each in chart.of("ConfigMap").values():
        assert set(each["data"]) <= {"public.json", "puremusic.json"}
        if "public.json" in each["data"]:
            (resource,) = json.loads(each["data"]["public.json"])["resources"]
            assert all(set(part) <= {"filename", "path"} for part in resource["tls_certificate"].values())
        else:
            assert not _LOOKS_SECRET.search(each["data"]["puremusic.json"])
    for pod in chart.pods():
        for container in pod.containers:
            for variable in (each for each in container.get("env", []) if "value" in each):
                if _LOOKS_SECRET.search(variable["name"]) and not variable["name"].endswith("_SECONDS"):
                    assert re.match(r"^(/run/(secrets|trust)/|/run/kubernetes$|puremusic$)", variable["value"]), (
                        variable
                    )
                assert not re.search(r"://[^/@\s]+:[^/@\s]+@", variable["value"]), variable  # user:password@host


def test_nobody_else_on_the_node_reads_their_files(chart: Rendered) -> None:
    for pod in chart.pods():
        for volume in pod.spec.get("volumes", []):
            mode = volume.get("projected", volume.get("secret", {})).get("defaultMode")
            assert mode in (None, 0o440), (pod.owner, volume["name"])
            if "projected" in volume or "secret" in volume:
                assert mode == 0o440
                assert pod.spec["securityContext"]["fsGroup"]
