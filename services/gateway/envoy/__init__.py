"""Envoy's bootstrap, written from the contract: what is routed, to whom, for whom, how much and how errors look."""

from services.gateway.envoy.bootstrap import bootstrap
from services.gateway.envoy.settings import EnvoySettings, Rate

__all__ = ["EnvoySettings", "Rate", "bootstrap"]
