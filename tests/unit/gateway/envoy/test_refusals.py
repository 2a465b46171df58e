"""Envoy's own answers: one shape, whatever the client."""

import base64

import pytest
from google.rpc import error_details_pb2, status_pb2

from services.gateway.envoy.refusals import Refusal, refusals, reply_configuration
from tests.unit.gateway.envoy.test_bootstrap import CONTRACT, SETTINGS

ALL = refusals(SETTINGS, CONTRACT)
MAPPERS = reply_configuration(SETTINGS, CONTRACT)["mappers"]


def test_each_is_told_to_each_kind_of_client() -> None:
    assert len(MAPPERS) == 3 * len(ALL)


@pytest.mark.parametrize("refusal", ALL, ids=lambda refusal: f"{refusal.http}-{refusal.reason}")
def test_people_can_read_it(refusal: Refusal) -> None:
    assert refusal.message[0].isupper()
    assert refusal.message.endswith(".")
    assert refusal.message.isascii()  # it travels in a header
    assert refusal.reason.isupper()


def test_json_has_the_services_shape() -> None:
    bodies = [mapper["body_format_override"].get("json_format") for mapper in MAPPERS]
    for body in filter(None, bodies):
        assert set(body) == {"code", "message", "details"}
        (info,) = body["details"]
        assert info["@type"] == "type.googleapis.com/google.rpc.ErrorInfo"
        assert info["domain"] == "puremusic"


def test_grpc_gets_the_same_with_details() -> None:
    headers = [
        {item["header"]["key"]: item["header"]["value"] for item in mapper["headers_to_add"]} for mapper in MAPPERS
    ]
    told = [each for each in headers if "grpc-status" in each]
    assert len(told) == 2 * len(ALL)
    for each in told:
        text = each["grpc-status-details-bin"]
        status = status_pb2.Status.FromString(base64.b64decode(text + "=" * (-len(text) % 4)))
        info = error_details_pb2.ErrorInfo()
        assert status.details[0].Unpack(info)
        assert (str(status.code), info.domain) == (each["grpc-status"], "puremusic")


def test_who_is_turned_away_for_now_hears_when_to_come_back() -> None:
    for refusal in ALL:
        assert (refusal.retry_seconds > 0) == (refusal.http in (429, 503)), refusal
