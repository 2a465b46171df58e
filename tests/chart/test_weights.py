"""Networks are checked by their SHA-256 before a pod is ready, wherever they come from, by the step that `make weights` is."""

import pytest

from services.mir.weights.__main__ import main as mir_weights
from services.separation.weights.__main__ import main as separation_weights
from tests.chart.rendering import Json, Rendered, rendered

LOADERS = {"separation": "separation", "separation-worker": "separation", "mir-worker": "mir"}


def _step(chart: Rendered, name: str) -> Json:
    (step,) = [each for each in chart.pod(name).spec.get("initContainers", []) if each["name"] == "weights"]
    return dict(step)


def test_who_loads_networks_has_them_checked_first(chart: Rendered) -> None:
    steps = {
        pod.component: each
        for pod in chart.pods()
        for each in pod.spec.get("initContainers", [])
        if each["name"] == "weights"
    }
    assert set(steps) == set(LOADERS)
    for name, step in steps.items():
        assert step["command"] == ["python", "-m", f"services.{LOADERS[name]}.weights"]
        assert step["image"] == chart.pod(name).main["image"]


def test_they_are_checked_where_they_are_looked_for(chart: Rendered) -> None:
    for name, service in LOADERS.items():
        variable = f"PUREMUSIC_{service.upper()}_WEIGHTS_DIR"
        (folder,) = [each["value"] for each in chart.pod(name).main["env"] if each["name"] == variable]
        assert f"--into={folder}" in _step(chart, name)["args"]
        # The same volume, if it is one, in both.
        seen = [
            [mount for mount in container["volumeMounts"] if mount["name"] == "weights"]
            for container in (_step(chart, name), chart.pod(name).main)
        ]
        assert seen[0] == seen[1]


@pytest.mark.parametrize("profile", ["minimal", "weights-claim", "weights-address"])
def test_the_step_understands_what_it_is_told(profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its own parser, and without fetching anything."""
    obtained: list[tuple[object, object]] = []
    monkeypatch.setattr(
        "services.separation.weights.__main__.obtain", lambda card, into, source, _: obtained.append((into, source))
    )
    monkeypatch.setattr(
        "services.mir.weights.__main__.obtain", lambda _, into, source, __: obtained.append((into, source))
    )
    for name, main in {"separation": separation_weights, "mir-worker": mir_weights}.items():
        assert main(_step(rendered(profile), name)["args"]) == 0
    networks = {"minimal": 1, "weights-claim": 5, "weights-address": 4}[profile]  # a bag of four in htdemucs_ft
    assert len(obtained) == networks + 2
    sources = {str(source) for _, source in obtained}
    assert sources == {"https://networks.internal/puremusic" if profile == "weights-address" else "None"}


def test_a_claim_is_read_only() -> None:
    for name in LOADERS:
        pod = rendered("weights-claim").pod(name)
        (volume,) = [each for each in pod.spec["volumes"] if each["name"] == "weights"]
        assert volume["persistentVolumeClaim"] == {"claimName": "networks", "readOnly": True}
        for container in pod.spec["initContainers"] + pod.spec["containers"]:
            (mount,) = [each for each in container["volumeMounts"] if each["name"] == "weights"]
            assert mount == {"name": "weights", "mountPath": "/weights", "readOnly": True}


def test_fetched_networks_have_room() -> None:
    pod = rendered("weights-address").pod("separation-worker")
    (volume,) = [each for each in pod.spec["volumes"] if each["name"] == "weights"]
    assert volume["emptyDir"] == {"sizeLimit": "4Gi"}
    assert not any(mount.get("readOnly") for mount in pod.main["volumeMounts"] if mount["name"] == "weights")


def test_networks_of_the_image_need_no_volume() -> None:
    assert all(each["name"] != "weights" for each in rendered("minimal").pod("mir-worker").spec["volumes"])
