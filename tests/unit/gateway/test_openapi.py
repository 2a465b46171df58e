"""The REST API as it is documented."""

import re
from typing import Any

import pytest
from google.protobuf import descriptor_pb2
from openapi_spec_validator import validate

from services.gateway.docs_page import DOCS_POLICY, docs_page
from services.gateway.envoy.contract import DESCRIPTORS, read_contract
from services.gateway.envoy.exposure import PUBLIC_METHODS, routed
from services.gateway.openapi import openapi

BYTES = DESCRIPTORS.read_bytes()
DOCUMENT = openapi(BYTES)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]


def _operations() -> dict[str, dict[str, Any]]:
    return {operation["operationId"]: operation for item in DOCUMENT["paths"].values() for operation in item.values()}


def test_it_is_openapi() -> None:
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1")


def test_every_routed_method_is_in_it_once() -> None:
    expected = {f"{method.service.rpartition('.')[2]}_{method.name}" for method in routed(read_contract(BYTES))}
    assert set(_operations()) == expected
    assert len(expected) == sum(len(item) for item in DOCUMENT["paths"].values())


def test_exactly_the_public_methods_need_no_token() -> None:
    without = {name for name, operation in _operations().items() if operation.get("security") == []}
    assert without == {name.rpartition(".")[2].replace("/", "_") for name in PUBLIC_METHODS}


def test_variables_of_a_path_are_parameters() -> None:
    for path, item in DOCUMENT["paths"].items():
        for operation in item.values():
            named = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path))


def test_forms_of_one_path_are_together() -> None:
    assert set(DOCUMENT["paths"]["/api/v1/tracks/{trackId}"]) == {"get", "patch", "delete"}


def test_the_update_mask_is_a_query_parameter_and_the_body_is_the_track() -> None:
    update = _operations()["TracksService_UpdateTrack"]
    (mask,) = [parameter for parameter in update["parameters"] if parameter["in"] == "query"]
    assert (mask["name"], mask["required"], mask["schema"]["type"]) == ("updateMask", True, "string")
    assert update["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/ingest.Track"
    }


def test_a_fusion_is_updated_as_a_track_is() -> None:
    update = _operations()["FusionsService_UpdateFusion"]
    assert [parameter["name"] for parameter in update["parameters"]] == ["fusionId", "updateMask"]
    assert update["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/fusion.Fusion"
    }
    assert set(DOCUMENT["paths"]["/api/v1/fusions/{fusionId}"]) == {"get", "patch", "delete"}
    searched = {parameter["name"] for parameter in _operations()["FusionsService_ListFusions"]["parameters"]}
    assert {"search", "order"} < searched


def test_what_the_path_says_is_not_in_the_body() -> None:
    rate = _operations()["FusionsService_RateFusion"]["requestBody"]
    assert set(rate["content"]["application/json"]["schema"]["properties"]) == {"stars", "comment"}
    cancel = _operations()["FusionsService_CancelFusion"]["requestBody"]
    assert cancel["required"] is False


def test_streams_are_server_sent_events() -> None:
    streams = {
        name for name, each in _operations().items() if "text/event-stream" in each["responses"]["200"]["content"]
    }
    assert streams == {name for name in _operations() if "_Watch" in name}


def test_types() -> None:
    track = SCHEMAS["ingest.Track"]["properties"]
    assert track["sizeBytes"]["type"] == "string"
    assert track["createTime"]["format"] == "date-time"
    assert track["status"]["$ref"].endswith("ingest.TrackStatus")
    assert SCHEMAS["ingest.Audio"]["properties"]["durationSeconds"]["type"] == "number"
    assert SCHEMAS["ingest.Upload.PostUpload"]["properties"]["fields"]["additionalProperties"] == {"type": "string"}
    assert SCHEMAS["ingest.Waveform"]["properties"]["minima"]["items"]["type"] == "integer"
    assert "TRACK_STATUS_FAILED" in SCHEMAS["ingest.TrackStatus"]["enum"]
    assert SCHEMAS["ingest.CreateTrackRequest"]["required"] == ["filename", "sizeBytes", "rightsConfirmed"]


def test_at_most_one_of_a_oneof() -> None:
    ((choice,),) = [SCHEMAS["ingest.Upload"]["allOf"]]
    assert choice["oneOf"][:2] == [{"required": ["post"]}, {"required": ["parts"]}]
    assert "allOf" not in SCHEMAS["mir.Analysis"]  # `optional` is no choice


def test_comments_are_the_documentation() -> None:
    login = _operations()["AuthService_Login"]
    assert login["summary"] == "Signs in"
    assert "WRONG_CREDENTIALS" in login["description"]
    assert SCHEMAS["mir.Grid"]["properties"]["offsetSeconds"]["description"].startswith("The first downbeat;")
    assert "Being decoded and checked." in SCHEMAS["ingest.TrackStatus"]["description"]
    assert all(operation["description"] for operation in _operations().values())


def test_descriptors_without_comments_will_do() -> None:
    files = descriptor_pb2.FileDescriptorSet.FromString(BYTES)
    for file in files.file:
        file.ClearField("source_code_info")
    bare = openapi(files.SerializeToString())
    validate(bare)
    assert bare["paths"]["/api/v1/auth/login"]["post"]["summary"] == "Login"


def test_the_page_needs_nothing_and_runs_nothing() -> None:
    page = docs_page(DOCUMENT)
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert " style=" not in page
    assert "default-src 'none'" in DOCS_POLICY


def test_the_page_shows_everything_and_its_links_lead_somewhere() -> None:
    page = docs_page(DOCUMENT)
    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert set(_operations()) | set(SCHEMAS) <= anchors
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors


def test_the_page_escapes() -> None:
    evil = {**DOCUMENT, "tags": [{"name": "x", "description": "<script>alert(1)</script> `<b>`"}]}
    page = docs_page(evil)
    assert "<script>" not in page
    assert "<code>&lt;b&gt;</code>" in page


@pytest.mark.parametrize("name", ["auth.IssueServiceTokenRequest", "operations.RepublishRequest"])
def test_what_is_for_the_mesh_is_not_told(name: str) -> None:
    assert name not in SCHEMAS
