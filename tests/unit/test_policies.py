"""Every method of the contract has an entry in its service's policy, and no policy names a method that is not there."""

import importlib
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

DESCRIPTORS = Path(__file__).parents[2] / "protos" / "gen" / "descriptors.binpb"
OPERATIONS = "operations"


def methods(service: str) -> set[str]:
    """Full names of all methods of a service's package, and of operations where it serves them."""
    files = descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS.read_bytes()).file
    packages = {f"puremusic.{service}.v1"} | (
        {"puremusic.operations.v1"} if service not in ("auth", "gateway") else set()
    )
    return {
        f"/{file.package}.{each.name}/{method.name}"
        for file in files
        if file.package in packages
        for each in file.service
        for method in each.method
    }


@pytest.mark.parametrize("service", ["auth", "ingest", "separation", "mir", "fusion", "gateway"])
def test_the_policy_is_exactly_the_contract(service: str) -> None:
    policy = importlib.import_module(f"services.{service}.policy").POLICY
    assert set(policy) == methods(service)


@pytest.mark.parametrize("service", ["ingest", "separation", "mir", "fusion", "gateway"])
def test_nothing_but_auth_is_public(service: str) -> None:
    policy = importlib.import_module(f"services.{service}.policy").POLICY
    assert not [method for method, access in policy.items() if access.public]
