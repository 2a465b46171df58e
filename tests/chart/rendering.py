"""The chart as Helm renders it with a profile: minimal.yaml overlaid with one of profiles/."""

import functools
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deploy.chart.places import CHART, ROOT

__all__ = ["HELM", "NAMES", "Json", "Pod", "Rendered", "flags", "helm", "rendered"]

Json = dict[str, Any]

HELM = ROOT / ".puremusic" / "tools" / "helm"
PROFILES = Path(__file__).parent / "profiles"
NAMES = (*sorted(file.stem for file in PROFILES.glob("*.yaml")), "cpu")
RELEASE = "demo"
NAMESPACE = "music"


@dataclass(frozen=True)
class Pod:
    """A pod that some object makes."""

    owner: str
    """Kind and component of the object: `Deployment/mir-worker`."""
    labels: Mapping[str, str]
    spec: Json

    @property
    def component(self) -> str:
        """Which part of PureMusic it is."""
        return self.labels["app.kubernetes.io/component"]

    @property
    def containers(self) -> list[Json]:
        """Its containers, those that run first included."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def main(self) -> Json:
        """What it is there for."""
        container: Json = self.spec["containers"][0]
        return container


@dataclass(frozen=True)
class Rendered:
    """All objects of a release."""

    objects: tuple[Json, ...]

    def of(self, kind: str) -> dict[str, Json]:
        """The objects of a kind, by the component that they belong to."""
        return {component(each): each for each in self.objects if each["kind"] == kind}

    def pods(self) -> Iterator[Pod]:
        """Every pod."""
        for each in self.objects:
            owner = f"{each['kind']}/{component(each)}"
            if each["kind"] == "Pod":
                yield Pod(owner, each["metadata"]["labels"], each["spec"])
            elif "template" in each.get("spec", {}):
                template = each["spec"]["template"]
                yield Pod(owner, template["metadata"]["labels"], template["spec"])

    def pod(self, name: str) -> Pod:
        """The pods of a Deployment."""
        (found,) = [pod for pod in self.pods() if pod.owner == f"Deployment/{name}"]
        return found


def component(each: Json) -> str:
    """Which part of PureMusic an object belongs to."""
    return str(each["metadata"]["labels"]["app.kubernetes.io/component"])


def flags(profile: str) -> list[str]:
    """The values files of a profile."""
    files = [PROFILES / "minimal.yaml", CHART / "values-cpu.yaml" if profile == "cpu" else PROFILES / f"{profile}.yaml"]
    return [part for file in files for part in ("--values", str(file))]


def helm(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Helm."""
    return subprocess.run([HELM, *arguments], check=False, capture_output=True, text=True, timeout=60)


@functools.cache
def rendered(profile: str) -> Rendered:
    """Render a profile, once."""
    done = helm("template", RELEASE, str(CHART), "--namespace", NAMESPACE, *flags(profile))
    assert done.returncode == 0, done.stderr
    return Rendered(tuple(each for each in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if each))
