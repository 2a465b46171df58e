"""Every profile is good Helm and good Kubernetes; what can't work is refused with a sentence."""

import functools
import json

import kubernetes_validate
import pytest
from kubernetes_validate import utils

from deploy.chart.places import CHART
from tests.chart.rendering import NAMES, Rendered, flags, helm

VERSIONS = ("1.34", "1.36", "1.37")

# Resources that other projects define: Kubernetes' own schemas don't know them.
_FOREIGN = {"ScaledObject", "Certificate", "PodMonitor", "PrometheusRule"}
_seen: set[tuple[str, str]] = set()


@pytest.fixture(autouse=True)
def _schemas_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utils, "schema_contents", _schema_contents)


_schema_contents = functools.cache(utils.schema_contents)


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_takes_every_object(chart: Rendered, version: str) -> None:
    checked = 0
    for each in chart.objects:
        if each["kind"] in _FOREIGN:
            continue
        checked += 1
        key = (version, json.dumps(each, sort_keys=True))
        if key not in _seen:  # most objects are the same in many profiles
            kubernetes_validate.validate(each, version, strict=True)
            _seen.add(key)
    assert checked > 40


def test_helm_lints_strictly(profile: str) -> None:
    done = helm("lint", "--strict", "--quiet", str(CHART), *flags(profile))
    assert done.returncode == 0, done.stdout + done.stderr


def test_objects_have_names_of_their_own(chart: Rendered) -> None:
    names = [(each["kind"], each["metadata"]["name"]) for each in chart.objects]
    assert len(names) == len(set(names))


def test_there_are_enough_profiles() -> None:
    assert len(NAMES) >= 12


def test_a_long_release_name_leaves_room_for_what_follows_it() -> None:
    done = helm("template", "a" * 53, str(CHART), *flags("minimal"))
    assert done.returncode == 0, done.stderr
    names = [line.split(": ")[1] for line in done.stdout.splitlines() if line.startswith("  name: ")]
    assert max(map(len, names)) <= 63


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("publicUrl=", "publicUrl is empty: say where clients find PureMusic"),
        ("postgres.host=", "postgres.host is empty"),
        ("nats.url=", "nats.url is empty"),
        ("objects.endpoint=", "objects.endpoint is empty"),
        ("nats.monitoringEndpoint=", "or set keda.enabled to false"),
        ("weights.source=claim", "weights.claim has to name the PersistentVolumeClaim"),
        ("weights.source=address", "weights.address has to say where the networks are"),
        ("envoy.tls.existingSecret=", "name the Secret with tls.crt and tls.key"),
        ("envoy.tls.certManager.enabled=true", "needs envoy.tls.certManager.issuer"),
        ("services.separation.settings.SEPARATION_DEFAULT_MODEL=mdx_extra", "weights.models does not have mdx_extra"),
        ("services.mir.worker.autoscaling.min=99", "mir-worker: autoscaling.min is more than autoscaling.max"),
        (
            "services.auth.server.autoscaling.enabled=true,services.auth.server.autoscaling.min=0",
            "can't be scaled to zero",
        ),
        # The schema's own sentences name the place.
        ("services.mir.worker.concurency=2", "additional properties 'concurency' not allowed"),
        ("services.mir.settings.MIR_STEMS=2", "additional properties 'MIR_STEMS' not allowed"),
        ("services.mir.settings.NATS_URL=nats://x", "additional properties 'NATS_URL' not allowed"),
        ("postgres.options.password=hush", "password"),
        ("nats.url=nats://user:hush@nats:4222", "/nats/url"),
        ("logLevel=LOUD", "/logLevel"),
        ("weights.source=cloud", "/weights/source"),
        ("publicUrl=music.example", "/publicUrl"),
        ("services.separation.gpu.count=-1", "/services/separation/gpu/count"),
        ("replicas=3", "additional properties 'replicas' not allowed"),
    ],
)
def test_what_cannot_work_is_refused(wrong: str, sentence: str) -> None:
    done = helm("template", "demo", str(CHART), *flags("minimal"), "--set", wrong)
    assert done.returncode != 0
    assert sentence in done.stderr


@pytest.mark.parametrize(
    ("profile", "said", "unsaid"),
    [
        ("minimal", "port-forward service/demo-puremusic-envoy 8443:443", "Without KEDA"),
        ("hpa", "Without KEDA", "Network policies are off"),
        ("unfenced", "Network policies are off", "Without KEDA"),
        ("cert-manager", "get service demo-puremusic-envoy", "port-forward"),
    ],
)
def test_the_notes_say_the_next_step(profile: str, said: str, unsaid: str) -> None:
    done = helm("install", "demo", str(CHART), *flags(profile), "--dry-run=client", "--namespace", "music")
    assert done.returncode == 0, done.stderr
    notes = done.stdout[done.stdout.index("NOTES:") :]
    assert said in notes
    assert unsaid not in notes
    assert "helm -n music test demo" in notes
