"""The bootstrap as data: what is routed is what the contract offers, and nothing is open by accident."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chassis.config import Address
from services.gateway.envoy import EnvoySettings, Rate, bootstrap
from services.gateway.envoy.__main__ import main, read_settings
from services.gateway.envoy.contract import DESCRIPTORS, Method, read_contract
from services.gateway.envoy.exposure import PUBLIC_METHODS, public_rest_paths, routed, timeout_seconds
from services.gateway.envoy.settings import GRPC_SERVICES
from services.gateway.envoy.tokens import TOKENS

Json = dict[str, Any]

AT = Address("127.0.0.1", 1)
SETTINGS = EnvoySettings(
    public=Address("0.0.0.0", 8080),  # noqa: S104  # nothing is bound here
    admin=AT,
    auth=AT,
    ingest=AT,
    separation=AT,
    mir=AT,
    fusion=AT,
    gateway=AT,
    auth_http=AT,
    gateway_http=AT,
    s3=AT,
    origins=("https://music.example",),
)
CONTRACT = read_contract(DESCRIPTORS.read_bytes())


def _bootstrap(settings: EnvoySettings = SETTINGS) -> Json:
    whole: Json = json.loads(bootstrap(settings))
    return whole


def _connections(settings: EnvoySettings = SETTINGS) -> Json:
    (listener,) = _bootstrap(settings)["static_resources"]["listeners"]
    (network,) = listener["filter_chains"][0]["filters"]
    config: Json = network["typed_config"]
    return config


def _routes(settings: EnvoySettings = SETTINGS) -> list[Json]:
    (host,) = _connections(settings)["route_config"]["virtual_hosts"]
    routes: list[Json] = host["routes"]
    return routes


def _filters() -> dict[str, Json]:
    return {item["name"]: item for item in _connections()["http_filters"]}


def _is_open(route: Json) -> bool:
    return bool(route["typed_per_filter_config"].get(TOKENS, {}).get("disabled", False))


def _method_routes() -> dict[str, Json]:
    return {route["match"]["path"]: route for route in _routes() if route["name"].startswith("grpc:")}


def test_the_methods_with_a_rest_form_are_routed_and_no_other() -> None:
    assert set(_method_routes()) == {method.path for method in CONTRACT if method.rest}


def test_methods_for_the_mesh_are_not_routed() -> None:
    internal = {method.full_name for method in CONTRACT} - {method.full_name for method in routed(CONTRACT)}
    assert internal == {
        "puremusic.auth.v1.AuthService/IssueServiceToken",
        "puremusic.operations.v1.OperationsService/CollectGarbage",
        "puremusic.operations.v1.OperationsService/Republish",
    }
    services = _filters()["envoy.filters.http.grpc_json_transcoder"]["typed_config"]["services"]
    assert not [name for name in services if "operations" in name]


def test_exactly_the_public_methods_are_open() -> None:
    opened = {path for path, route in _method_routes().items() if _is_open(route)}
    assert opened == {f"/{name}" for name in PUBLIC_METHODS}
    rest = {route["match"].get("path") for route in _routes() if route["name"].startswith("rest") and _is_open(route)}
    assert rest == {f"/api/v1/auth/{name}" for name in _PUBLIC_REST}


_PUBLIC_REST = ("register", "login", "refresh", "logout", "reset-password", "api-keys:exchange")


def test_the_public_methods_are_in_the_contract() -> None:
    assert {method.full_name for method in CONTRACT} >= PUBLIC_METHODS


def test_nothing_else_of_the_api_is_open() -> None:
    opened = {route["name"] for route in _routes() if _is_open(route)}
    others = {name for name in opened if not name.startswith(("grpc:", "rest:", "objects:", "nothing:", "preflight"))}
    assert others == {"websocket", "session", "keys", "pages"}


def test_a_token_is_required_where_no_route_says_otherwise() -> None:
    rules = _filters()[TOKENS]["typed_config"]["rules"]
    assert rules == [{"match": {"prefix": "/"}, "requires": {"provider_name": "auth"}}]


def test_the_last_route_is_nothing() -> None:
    last = _routes()[-1]
    assert last["match"] == {"prefix": "/"}
    assert last["direct_response"] == {"status": 404}


def test_refused_addresses_come_before_the_pages() -> None:
    names = [route["name"] for route in _routes()]
    assert max(names.index(f"nothing:{name}") for name in ("api", "metrics", "methods")) < names.index("pages")


def test_every_method_name_is_refused_before_the_pages() -> None:
    (pattern,) = [route["match"]["safe_regex"]["regex"] for route in _routes() if route["name"] == "nothing:methods"]
    assert all(re.fullmatch(pattern, method.path) for method in CONTRACT)
    assert re.fullmatch(pattern, "/grpc.health.v1.Health/Check")
    assert not re.fullmatch(pattern, "/assets/app.3f2a.js")


ROUTES = _method_routes()


def test_streams_have_no_deadline_but_may_not_fall_silent() -> None:
    for method in routed(CONTRACT):
        action = ROUTES[method.path]["route"]
        assert (action["timeout"] == "0s") == method.streams
        assert ("idle_timeout" in action) == method.streams


def test_slow_methods_get_longer() -> None:
    timeouts = {method.name: timeout_seconds(method) for method in CONTRACT if method.rest and not method.streams}
    assert {name for name, seconds in timeouts.items() if seconds > 60} >= {
        "GetStemDownloadUrl",
        "GetArchiveDownloadUrl",
        "CollectGarbage",
    }
    assert timeouts["GetTrack"] == timeouts["Login"]


def test_only_reads_are_repeated_after_they_arrived() -> None:
    for method in routed(CONTRACT):
        retries = ROUTES[method.path]["route"]["retry_policy"]["retry_on"].split(",")
        assert ("unavailable" in retries) == all(form.verb == "GET" for form in method.rest)


def test_each_method_goes_to_the_service_that_owns_it() -> None:
    clusters = {cluster["name"] for cluster in _bootstrap()["static_resources"]["clusters"]}
    for path, route in _method_routes().items():
        assert route["route"]["cluster"] == f"{path.split('.')[1]}-grpc"
    used = {route["route"]["cluster"] for route in _routes() if "route" in route}
    assert used <= clusters


def test_forged_headers_are_forgotten_first_and_addresses_are_counted_before_tokens_are_checked() -> None:
    names = [item["name"] for item in _connections()["http_filters"]]
    assert names[0] == "envoy.filters.http.header_mutation"
    assert names.index("puremusic.limit.address") < names.index(TOKENS) < names.index("puremusic.limit.user")
    assert names[-1] == "envoy.filters.http.router"


def test_every_body_is_limited() -> None:
    for route in _routes():
        if route["name"].startswith(("grpc:", "rest")) or route["name"] == "session":
            assert "envoy.filters.http.buffer" in route["typed_per_filter_config"], route["name"]


def test_a_host_name_is_looked_up_and_an_address_is_not() -> None:
    settings = replace(SETTINGS, auth=Address("auth.music.svc", 50051))
    kinds = {cluster["name"]: cluster["type"] for cluster in _bootstrap(settings)["static_resources"]["clusters"]}
    assert (kinds["auth-grpc"], kinds["mir-grpc"]) == ("STRICT_DNS", "STATIC")


def test_an_object_store_behind_tls() -> None:
    settings = replace(SETTINGS, s3=Address("s3.example", 443), s3_ca="/etc/ca.pem")
    clusters = {cluster["name"]: cluster for cluster in _bootstrap(settings)["static_resources"]["clusters"]}
    tls = clusters["objects"]["transport_socket"]["typed_config"]
    assert tls["sni"] == "s3.example"
    assert tls["common_tls_context"]["validation_context"]["trusted_ca"] == {"filename": "/etc/ca.pem"}
    assert "transport_socket" not in clusters["auth-http"]


def test_flags_are_settings() -> None:
    required = [
        "public",
        "admin",
        "auth",
        "ingest",
        "separation",
        "mir",
        "fusion",
        "gateway",
        "auth-http",
        "gateway-http",
    ]
    flags = [part for name in (*required, "s3") for part in (f"--{name}", "127.0.0.1:1")]
    settings = read_settings(
        [*flags, "--sign-in-rate", "5/60", "--s3-ca", "/etc/ca.pem", "--origins", "https://a.example"]
    )
    assert settings.public == Address("127.0.0.1", 1)
    assert settings.sign_in_rate == Rate(5, 60)
    assert settings.s3_ca == "/etc/ca.pem"
    assert settings.origins == ("https://a.example",)
    assert settings.bucket == "puremusic"


def test_no_certificate_no_encryption() -> None:
    (listener,) = _bootstrap()["static_resources"]["listeners"]
    assert "transport_socket" not in listener["filter_chains"][0]


def test_the_certificate_is_watched() -> None:
    (listener,) = _bootstrap(replace(SETTINGS, certificate="/tls/public.json"))["static_resources"]["listeners"]
    context = listener["filter_chains"][0]["transport_socket"]["typed_config"]["common_tls_context"]
    (secret,) = context["tls_certificate_sds_secret_configs"]
    assert secret["sds_config"]["path_config_source"] == {"path": "/tls/public.json"}
    assert context["alpn_protocols"] == ["h2", "http/1.1"]


def test_an_orchestrator_may_read_two_pages_of_the_operators_port() -> None:
    _, probes = _bootstrap(replace(SETTINGS, probes=Address("0.0.0.0", 9902)))["static_resources"]["listeners"]  # noqa: S104
    (network,) = probes["filter_chains"][0]["filters"]
    (host,) = network["typed_config"]["route_config"]["virtual_hosts"]
    assert [route["match"]["path"] for route in host["routes"]] == ["/ready", "/stats/prometheus"]
    assert all(route["match"]["headers"][0]["string_match"] == {"exact": "GET"} for route in host["routes"])


def test_a_folder_for_an_envoy_elsewhere(tmp_path: Path) -> None:
    names = ("public", "admin", *GRPC_SERVICES, "auth-http", "gateway-http", "s3")
    main([*(part for name in names for part in (f"--{name}", "127.0.0.1:1")), "--into", str(tmp_path)])
    whole = json.loads((tmp_path / "envoy.json").read_text())
    text = json.dumps(whole)
    assert (tmp_path / "descriptors.binpb").read_bytes() == DESCRIPTORS.read_bytes()
    assert f'"proto_descriptor": "{tmp_path}/descriptors.binpb"' in text
    assert str(DESCRIPTORS) not in text


@pytest.mark.parametrize(
    ("rate", "seconds"), [(Rate(60, 60), 1), (Rate(3, 600), 200), (Rate(7, 60), 9), (Rate(100, 1), 1)]
)
def test_when_to_come_back(rate: Rate, seconds: int) -> None:
    assert rate.retry_seconds == seconds


def test_a_public_path_with_a_variable_is_refused() -> None:
    (login,) = [method for method in CONTRACT if method.name == "Login"]
    variable = replace(login.rest[0], template="/api/v1/auth/{user}/login")
    with pytest.raises(ValueError, match="variables"):
        public_rest_paths([Method(login.service, "Login", (variable,), streams=False)])
