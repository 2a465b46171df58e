"""The bootstrap of the mesh's Envoy, with the ports that were chosen here."""

from collections.abc import Mapping

from chassis.config import Address
from deploy.local.ports import LOOPBACK
from deploy.local.seaweed import BUCKET
from deploy.local.settings import ENVOY_ADMIN, PUBLIC
from services.gateway.envoy import EnvoySettings, Rate, bootstrap

__all__ = ["mesh_bootstrap"]


def mesh_bootstrap(ports: Mapping[str, int], *, sign_in_rate: Rate = EnvoySettings.sign_in_rate) -> str:
    """Envoy's bootstrap for a mesh that listens on these ports."""

    def at(name: str) -> Address:
        return Address(LOOPBACK, ports[name])

    settings = EnvoySettings(
        public=at(PUBLIC),
        admin=at(ENVOY_ADMIN),
        auth=at("auth-serve.grpc"),
        ingest=at("ingest-serve.grpc"),
        separation=at("separation-serve.grpc"),
        mir=at("mir-serve.grpc"),
        fusion=at("fusion-serve.grpc"),
        gateway=at("gateway-serve.grpc"),
        auth_http=at("auth-serve.http"),
        gateway_http=at("gateway-serve.http"),
        s3=at("s3"),
        bucket=BUCKET,
        sign_in_rate=sign_in_rate,
    )
    return bootstrap(settings)
