"""Schemas are brought up to date before who needs them, as often as anybody likes."""

from deploy.chart.environment import READERS
from tests.chart.rendering import rendered

SERVICES = {"auth", "ingest", "separation", "mir", "fusion", "gateway"}


def test_a_job_per_service_before_install_and_upgrade() -> None:
    jobs = rendered("minimal").of("Job")
    assert set(jobs) == {f"{name}-migrate" for name in SERVICES}
    for job in jobs.values():
        annotations = job["metadata"]["annotations"]
        assert annotations["helm.sh/hook"] == "pre-install,pre-upgrade"
        # The same name again at the next upgrade: a Job can't be changed.
        assert "before-hook-creation" in annotations["helm.sh/hook-delete-policy"]
        assert job["spec"]["activeDeadlineSeconds"] == 600
        assert job["spec"]["template"]["spec"]["restartPolicy"] == "OnFailure"


def test_it_runs_the_version_that_will_serve() -> None:
    for profile in ("minimal", "own-images"):
        chart = rendered(profile)
        for pod in chart.pods():
            if pod.owner.startswith("Job"):
                service = pod.component.removesuffix("-migrate")
                assert pod.main["image"] == chart.pod(service).main["image"]
                assert pod.main["command"] == ["python", "-m", f"services.{service}"]
                assert pod.main["args"] == ["migrate"]


def test_it_needs_nothing_that_is_not_there_before_the_first_install() -> None:
    for pod in rendered("own-secrets").pods():
        if pod.owner.startswith("Job"):
            assert pod.spec["serviceAccountName"] == "default"
            named = {name for volume in pod.spec["volumes"] for name in volume if name != "name"}
            assert named <= {"emptyDir", "projected", "configMap"}
            assert "demo-puremusic" not in str(pod.spec)


def test_it_holds_the_password_of_its_database_and_no_other_secret() -> None:
    for pod in rendered("minimal").pods():
        if pod.owner.startswith("Job"):
            files = [each["name"] for each in pod.main["env"] if each["name"].endswith("_FILE")]
            assert files == ["PUREMUSIC_POSTGRES_PASSWORD_FILE"]
    assert {name for name in READERS if name.endswith("migrate")} == {f"{name} migrate" for name in SERVICES}


def test_as_an_init_step_it_comes_before_every_server_and_no_worker() -> None:
    chart = rendered("init-migrations")
    assert not chart.of("Job")
    first = {
        pod.component: pod.spec.get("initContainers", [{"name": ""}])[0]["name"]
        for pod in chart.pods()
        if pod.owner.startswith("Deployment")
    }
    assert {name for name, step in first.items() if step == "migrate"} == SERVICES
