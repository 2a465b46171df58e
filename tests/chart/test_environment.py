"""Each process is given exactly what its own config.py reads: nothing missing, nothing unknown, nothing it can't read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from chassis.config import Address, Variable, load, variables
from deploy.chart.environment import READERS
from deploy.chart.places import CHART
from deploy.chart.schema import DERIVED, service_settings
from deploy.configuration import PROCESSES
from tests.chart.rendering import Json, Pod, Rendered, flags, helm, rendered

# Not PureMusic's: where Python and libraries write, and whom TLS trusts.
_OTHERS = {"HOME", "SSL_CERT_FILE", "NUMBA_CACHE_DIR"}


def _processes(chart: Rendered) -> Iterator[tuple[Pod, Json, str]]:
    """Every container that runs a command of a service, and which: `mir work`."""
    for pod in chart.pods():
        for container in pod.containers:
            command = container.get("command", [])
            if len(command) == 3 and command[2].count(".") == 1 and command[2].startswith("services."):
                yield pod, container, f"{command[2].removeprefix('services.')} {container['args'][0]}"


def _given(container: Json) -> dict[str, str]:
    names = [each["name"] for each in container["env"]]
    assert len(names) == len(set(names))
    given = {each["name"]: each.get("value") or _from_the_pod(each["valueFrom"]) for each in container["env"]}
    assert all(given.values()), "a default says the same as an empty text"
    return given


def _from_the_pod(source: Json) -> str:
    """What only the pod knows; nothing comes by reference from a Secret or a ConfigMap."""
    assert source == {"fieldRef": {"fieldPath": "metadata.name"}}
    return "demo-puremusic-separation-worker-7d9f"


def _told(container: Json) -> dict[str, str]:
    return {name: value for name, value in _given(container).items() if name not in _OTHERS}


def _files(container: Json) -> set[str]:
    return {value for name, value in _told(container).items() if name.endswith("_FILE")}


def _known(process: str) -> dict[str, Variable]:
    return {each.name: each for each in variables(READERS[process])}


def test_every_process_is_there(chart: Rendered) -> None:
    found = [process for _, _, process in _processes(chart)]
    migrations = [process for process in READERS if process.endswith("migrate")]
    assert sorted(found) == sorted([*PROCESSES, *migrations])


def test_nothing_is_unknown_and_nothing_is_missing(chart: Rendered) -> None:
    for pod, container, process in _processes(chart):
        known = _known(process)
        names = {name if name in known else name.removesuffix("_FILE") for name in _told(container)}
        assert names <= set(known), f"{pod.owner} is given what {process} does not read"
        required = {name for name, variable in known.items() if variable.default is None}
        assert required <= names, f"{pod.owner} is not given what {process} needs"


# What the chart says only where its values do.
_SOMETIMES = {f"PUREMUSIC_{name}" for name in ("OTLP_ENDPOINT", "RIGHTS_DIR", "ALLOWED_ORIGINS", "SERVICE_SECRETS")}


def test_what_the_chart_says_it_says_to_everybody_who_reads_it(chart: Rendered, profile: str) -> None:
    switched_off = {each for each in DERIVED if "POD_" in each or "KUBERNETES" in each}
    unsaid = _SOMETIMES | (switched_off if profile == "no-deletion-cost" else set())
    for pod, container, process in _processes(chart):
        names = {name.removesuffix("_FILE") for name in _told(container)}
        assert (_known(process).keys() & DERIVED) - unsaid <= names, pod.owner


@pytest.mark.parametrize(
    ("profile", "name", "process", "value"),
    [
        ("fenced", "OTLP_ENDPOINT", "mir-worker", "http://collector.observability:4317"),
        ("own-secrets", "RIGHTS_DIR", "gateway", "/terms"),
        ("own-secrets", "TERMS_VERSION", "auth", "3"),
        ("own-secrets", "SERVICE_SECRETS_FILE", "auth", "/run/secrets/puremusic/service-secrets"),
        ("behind-a-proxy", "ALLOWED_ORIGINS", "gateway", "https://studio.example,http://localhost:5173"),
        ("minimal", "NATS_REPLICAS", "auth", "3"),
        ("minimal", "PUBLIC_URL", "gateway", "https://music.example"),
        ("fenced", "NATS_URL", "fusion", "tls://nats-0.nats.bus:4222,tls://nats-1.nats.bus:4222"),
        ("objects-elsewhere", "S3_REGION", "ingest-worker", "eu-central-1"),
        ("own-images", "DRAIN_SECONDS", "mir-worker", "12.5"),
        ("own-images", "GRACE_SECONDS", "mir-worker", "2"),
        ("init-migrations", "JWKS_URL", "ingest", "http://pm-auth:9001/.well-known/jwks.json"),
    ],
)
def test_what_values_come_to(profile: str, name: str, process: str, value: str) -> None:
    assert _given(rendered(profile).pod(process).main)[f"PUREMUSIC_{name}"] == value


@pytest.mark.parametrize("service", ["auth", "ingest", "separation", "mir", "fusion", "gateway"])
def test_every_setting_arrives_at_those_that_read_it(service: str, tmp_path: Path) -> None:
    """All at once, each as itself: the schema lets them in, and no process of the service misses one."""
    said = {each.name: str(number) for number, each in enumerate(service_settings(service), start=1000)}
    settings = {name.removeprefix("PUREMUSIC_"): value for name, value in said.items()}
    if service == "separation":
        settings["SEPARATION_DEFAULT_MODEL"] = said["PUREMUSIC_SEPARATION_DEFAULT_MODEL"] = "htdemucs"
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump({"services": {service: {"settings": settings}}}))
    done = helm("template", "demo", str(CHART), *flags("minimal"), "--values", str(file))
    assert done.returncode == 0, done.stderr
    whole = Rendered(tuple(each for each in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if each))
    read: set[str] = set()
    for _, container, process in _processes(whole):
        if process.split()[0] == service:
            arrived = {name: value for name, value in _given(container).items() if name in said}
            assert arrived == {name: said[name] for name in said.keys() & _known(process).keys()}
            read |= arrived.keys()
    assert read == said.keys()


def test_secrets_are_files_and_nothing_else_is(chart: Rendered) -> None:
    for pod, container, process in _processes(chart):
        known = _known(process)
        for name in _told(container):
            assert name.endswith("_FILE") == (name not in known), (pod.owner, name)
            if name not in known:
                assert known[name.removesuffix("_FILE")].secret, (pod.owner, name)
            else:
                assert not known[name].secret, (pod.owner, name)


def test_every_secret_file_is_mounted(chart: Rendered) -> None:
    for pod, container, _ in _processes(chart):
        assert _files(container) <= set(_secret_files(pod, container)), pod.owner


def test_a_process_sees_no_secret_but_its_own(chart: Rendered) -> None:
    for pod, container, process in _processes(chart):
        if process.endswith("migrate") and pod.owner.startswith("Deployment"):
            continue  # an init step shares its server's volumes
        assert set(_secret_files(pod, container)) == _files(container), pod.owner


def _secret_files(pod: Pod, container: Json) -> Iterator[str]:
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    for volume in pod.spec["volumes"]:
        for source in volume.get("projected", {}).get("sources", []):
            for item in source.get("secret", {}).get("items", []):
                if volume["name"] in mounted:
                    yield f"{mounted[volume['name']]}/{item['path']}"


def test_the_service_can_read_it(chart: Rendered) -> None:
    for pod, container, process in _processes(chart):
        given = {name: value for name, value in _told(container).items() if not name.endswith("_FILE")}
        secrets = {each.name: "c" * 43 + "=" for each in variables(READERS[process]) if each.secret}
        # One line per service, where it is a list.
        secrets = {name: "a=b" if name.endswith("SERVICE_SECRETS") else value for name, value in secrets.items()}
        assert load(READERS[process], {**given, **secrets}), pod.owner


def test_what_one_file_of_values_means() -> None:
    auth = _given(rendered("settings").pod("auth").main)
    ingest = _given(rendered("settings").pod("ingest").main)
    worker = _given(rendered("settings").pod("ingest-worker").main)
    # Numbers as Python reads them, not as Go prints them.
    assert ingest["PUREMUSIC_INGEST_BYTES_PER_USER"] == "500000000000"
    assert auth["PUREMUSIC_PRUNE_SECONDS"] == "60.5"
    assert (
        _given(rendered("settings").pod("separation-worker").main)["PUREMUSIC_SEPARATION_SHARE_ACROSS_USERS"] == "true"
    )
    # Each to those that read it.
    assert worker["PUREMUSIC_JOB_LEASE_SECONDS"] == ingest["PUREMUSIC_JOB_LEASE_SECONDS"] == "30"
    assert "PUREMUSIC_INGEST_BYTES_PER_USER" not in worker
    assert "PUREMUSIC_JOB_LEASE_SECONDS" not in auth
    levels = [
        given.get("PUREMUSIC_LOG_LEVEL") for given in (_given(each) for _, each, _ in _processes(rendered("settings")))
    ]
    assert levels.count("DEBUG") == len(PROCESSES)


def test_roles_and_secrets_by_pattern() -> None:
    pod = rendered("own-secrets").pod("mir")
    given = _given(pod.main)
    assert given["PUREMUSIC_POSTGRES_URL"] == (
        "postgresql://pm_mir@db.data:5432/puremusic?sslmode=verify-full&sslrootcert=%2Frun%2Ftrust%2Fca.crt"
    )
    assert given["PUREMUSIC_NATS_USER"] == "pm-mir"
    assert given["SSL_CERT_FILE"] == "/run/trust/ca.crt"
    sources = next(volume["projected"]["sources"] for volume in pod.spec["volumes"] if volume["name"] == "secrets")
    named = {(each["secret"]["name"], each["secret"]["items"][0]["key"]) for each in sources}
    assert {("pm-mir-role", "password"), ("pm-mir-user", "password")} <= named


def test_addresses_lead_to_services_of_the_chart(chart: Rendered) -> None:
    services = {each["metadata"]["name"]: each for each in chart.objects if each["kind"] == "Service"}
    asked = 0
    for pod, container, _ in _processes(chart):
        for name, value in _given(container).items():
            if name.endswith("_ADDRESS"):
                address = Address.parse(value)
                owner = name.removeprefix("PUREMUSIC_").removesuffix("_ADDRESS").lower()
                assert services[address.host]["spec"]["selector"]["app.kubernetes.io/component"] == owner, pod.owner
                assert address.port in {port["port"] for port in services[address.host]["spec"]["ports"]}
                asked += 1
            elif name == "PUREMUSIC_JWKS_URL":
                host, _, rest = value.removeprefix("http://").partition(":")
                assert services[host]["spec"]["selector"]["app.kubernetes.io/component"] == "auth"
                assert rest == "9001/.well-known/jwks.json"
                asked += 1
    assert asked == 15


@pytest.mark.parametrize(
    ("profile", "public"),
    [("minimal", "https://music.example"), ("objects-elsewhere", "https://s3.eu-central-1.amazonaws.com")],
)
def test_objects_are_signed_for_whom_clients_ask(profile: str, public: str) -> None:
    assert _given(rendered(profile).pod("ingest").main)["PUREMUSIC_S3_PUBLIC_ENDPOINT"] == public


def test_a_server_and_its_workers_ring_the_same_pool(chart: Rendered) -> None:
    server, worker = (_given(chart.pod(name).main) for name in ("separation", "separation-worker"))
    assert server["PUREMUSIC_SEPARATION_POOL"] == worker["PUREMUSIC_SEPARATION_POOL"]
    assert server["PUREMUSIC_SEPARATION_WEIGHTS_DIR"] == worker["PUREMUSIC_SEPARATION_WEIGHTS_DIR"]
