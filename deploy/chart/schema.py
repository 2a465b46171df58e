"""values.schema.json, written from values.yaml (shape, types, meanings), from the services' configuration (their settings)
and from what is said here: what may stand where, beyond its type. Nothing that is not named may stand anywhere."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_type_hints

from chassis.config import Variable, variables
from deploy.chart.comments import entries
from deploy.chart.environment import READERS
from deploy.chart.places import CHART
from services.gateway.envoy import EnvoySettings

__all__ = ["DERIVED", "DERIVED_FLAGS", "document", "service_settings"]

Json = dict[str, Any]

_QUANTITY = {"type": ["string", "number"], "pattern": r"^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$"}
_STRINGS = {"type": "object", "additionalProperties": {"type": "string"}}
_NAME = {"type": "string", "pattern": r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$"}
_TEMPLATED_NAME = {"type": "string", "pattern": r"^[a-z0-9]([-a-z0-9.]|\{service\})*$"}
_OBJECTS = {"type": "array", "items": {"type": "object"}}  # Kubernetes' own, and checked by it
_COUNT = {"type": "integer", "minimum": 0}
_ADDRESS = {"type": "string", "pattern": r"^(https?://[^/\s]+/?)?$"}
_PROCESS = {"$ref": "#/$defs/process"}

DERIVED = frozenset(
    f"PUREMUSIC_{name}"
    for name in (
        *("LISTEN", "HTTP_LISTEN", "GRACE_SECONDS", "DRAIN_SECONDS", "SCRATCH_DIR", "LOG_LEVEL", "OTLP_ENDPOINT"),
        *("POSTGRES_URL", "POSTGRES_PASSWORD", "NATS_URL", "NATS_USER", "NATS_PASSWORD", "NATS_REPLICAS"),
        *("S3_ENDPOINT", "S3_PUBLIC_ENDPOINT", "S3_REGION", "S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY"),
        *("AUTH_ADDRESS", "INGEST_ADDRESS", "SEPARATION_ADDRESS", "MIR_ADDRESS", "FUSION_ADDRESS", "JWKS_URL"),
        *("TOKEN_ISSUER", "TOKEN_AUDIENCE", "TERMS_VERSION", "RIGHTS_DIR", "PUBLIC_URL", "ALLOWED_ORIGINS"),
        *("SEALING_KEY", "SERVICE_SECRETS", "WORKER_CONCURRENCY", "MIR_WEIGHTS_DIR"),
        *("SEPARATION_WEIGHTS_DIR", "SEPARATION_POOL", "SEPARATION_DEVICE", "SEPARATION_CORE", "SEPARATION_THREADS"),
        *("SEPARATION_JOBS_AT_ONCE", "POD_NAME", "POD_NAMESPACE", "KUBERNETES_CREDENTIALS"),
    )
)
"""What the chart itself says, from other values: not to be said a second time in `settings`."""

DERIVED_FLAGS = frozenset(
    {
        *("public", "admin", "probes", "auth", "ingest", "separation", "mir", "fusion", "gateway"),
        *("auth_http", "gateway_http", "s3", "s3_ca", "bucket", "descriptors", "envoy_descriptors", "origins"),
        *("issuer", "audience", "jwks_path", "certificate"),
    }
)
"""The same of Envoy's bootstrap."""

_RULES: Mapping[str, Json] = {
    "publicUrl": _ADDRESS,
    "allowedOrigins": {"type": "array", "items": {"type": "string", "pattern": r"^https?://[^/\s]+$"}},
    "logLevel": {"enum": ["DEBUG", "INFO", "WARNING", "ERROR"]},
    "otlp.endpoint": {"type": "string", "pattern": r"^(https?://[^/\s]+:[0-9]+)?$"},
    "fullnameOverride": {"type": "string", "pattern": r"^([a-z]([-a-z0-9]*[a-z0-9])?)?$", "maxLength": 40},
    "image.prefix": {"type": "string", "pattern": r"^([^\s]+/)?$"},
    "image.pullPolicy": {"enum": ["Always", "IfNotPresent", "Never"]},
    "image.pullSecrets": {"type": "array", "items": {"type": "string"}},
    "postgres.port": {"type": "integer", "minimum": 1, "maximum": 65535},
    # A password among them would stand in the pod's environment for everybody to read.
    "postgres.options": {**_STRINGS, "propertyNames": {"not": {"enum": ["password", "sslpassword"]}}},
    "postgres.existingSecret": _TEMPLATED_NAME,
    "nats.existingSecret": _TEMPLATED_NAME,
    # Without user and password: those are a Secret's.
    "nats.url": {"type": "string", "pattern": r"^((nats|tls)://[^/\s@,]+(,(nats|tls)://[^/\s@,]+)*)?$"},
    "nats.replicas": {"enum": [1, 2, 3, 5]},
    "nats.monitoringEndpoint": {"type": "string", "pattern": r"^([^/\s]+:[0-9]+)?$"},
    "objects.endpoint": _ADDRESS,
    "objects.publicEndpoint": _ADDRESS,
    "objects.existingSecret": _NAME,
    "auth.existingSecret": _NAME,
    "weights.source": {"enum": ["image", "claim", "address"]},
    "weights.path": {"type": "string", "pattern": "^/[^/].*[^/]$"},
    "weights.claim": _NAME,
    "weights.address": {"type": "string", "pattern": r"^(https?://[^\s]+)?$"},
    "weights.models": {"type": "array", "minItems": 1, "items": {"type": "string"}},
    "weights.size": _QUANTITY,
    "migrations.as": {"enum": ["job", "init"]},
    "migrations.resources": {"$ref": "#/$defs/resources"},
    "defaults": _PROCESS,
    "services.separation.core": {"enum": ["torch", "openvino"]},
    "services.separation.pool": {"type": "string", "pattern": "^[a-z][a-z0-9]*$"},
    "services.separation.gpu.count": _COUNT,
    "services.separation.gpu.resource": {"type": "string", "pattern": r"^[a-z0-9.-]+/[A-Za-z0-9._-]+$"},
    "envoy.service.type": {"enum": ["ClusterIP", "NodePort", "LoadBalancer"]},
    "envoy.service.port": {"type": "integer", "minimum": 0, "maximum": 65535},
    "envoy.service.externalTrafficPolicy": {"enum": ["", "Cluster", "Local"]},
    "envoy.tls.existingSecret": _NAME,
    "envoy.tls.certManager.issuerKind": {"enum": ["Issuer", "ClusterIssuer"]},
    "envoy.pod": _PROCESS,
    "keda.pollingSeconds": {"type": "integer", "minimum": 1},
    "deletionCost.ports": {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 1}},
    "monitoring.podMonitor.interval": {"type": "string", "pattern": "^[0-9]+(ms|s|m)$"},
    "terms.version": {"type": "string", "minLength": 1},
    # Within `defaults`, whose shape every pod's own entry has.
    "defaults.concurrency": {"type": "integer", "minimum": 1},
    "defaults.graceSeconds": {"type": "number", "minimum": 0},
    "defaults.drainSeconds": {"type": "number", "minimum": 1},
    "defaults.resources": {"$ref": "#/$defs/resources"},
    "defaults.scratch": _QUANTITY,
    "defaults.affinity": {"type": "object"},
    "defaults.maxUnavailable": {"type": ["integer", "string"], "pattern": "^[0-9]+%$"},
    "defaults.autoscaling.cpuPercent": {"type": "integer", "minimum": 1},
    "defaults.autoscaling.max": {"type": "integer", "minimum": 1},
}

_FREE = ("labels", "nodeSelector", "podAnnotations", "podLabels", "annotations", "commonLabels")
_LISTS = ("peers", "dns", "clients", "monitoring", "tolerations")

_RESOURCES = {
    "type": "object",
    "additionalProperties": False,
    "properties": {part: {"type": "object", "additionalProperties": _QUANTITY} for part in ("requests", "limits")},
}


def document() -> str:
    """Return the schema."""
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    meanings = {".".join(entry.path): entry.meaning for entry in entries(text)}
    values = {entry.path[0]: entry.value for entry in entries(text) if len(entry.path) == 1}
    process = _object(values["defaults"], "defaults", meanings)
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Values of PureMusic",
        **_object(values, "", meanings),
        "$defs": {"process": process, "resources": _RESOURCES},
    }
    whole["properties"]["global"] = {"type": "object", "description": "Helm's own."}
    return json.dumps(whole, indent=1) + "\n"


def _object(values: Mapping[str, Any], path: str, meanings: Mapping[str, str]) -> Json:
    """An object with these properties and no other."""
    properties = {}
    for name, value in values.items():
        below = f"{path}.{name}" if path else name
        properties[name] = {**_described(meanings.get(below, "")), **_property(name, value, below, meanings)}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _described(meaning: str) -> Json:
    return {"description": meaning} if meaning else {}


def _property(name: str, value: Any, path: str, meanings: Mapping[str, str]) -> Json:
    if path in _RULES:
        return dict(_RULES[path])
    if name == "settings":
        service = path.split(".")[1] if path.startswith("services.") else ""
        return _settings(service_settings(service)) if service else _flags()
    if name in ("server", "worker"):
        return dict(_PROCESS)
    if name in _FREE:
        return dict(_STRINGS)
    if name in _LISTS and isinstance(value, list):
        return dict(_OBJECTS)
    if isinstance(value, dict):
        return _object(value, path, meanings)
    return {"type": _type(value), **({"minimum": 0} if _type(value) == "integer" else {})}


def _type(value: Any) -> str:
    return {bool: "boolean", int: "integer", float: "number", str: "string"}[type(value)]


def service_settings(service: str) -> list[Variable]:
    """The variables of a service that are for its operator to say."""
    read = {
        each.name: each
        for process, config in READERS.items()
        if process.split()[0] == service
        for each in variables(config)
    }
    return [read[name] for name in sorted(read) if name not in DERIVED]


def _settings(known: Iterable[Variable]) -> Json:
    properties = {
        each.name.removeprefix("PUREMUSIC_"): {
            "type": ["string", "number", "boolean"],
            "description": f"{each.meaning} (default: {each.default or 'empty'})",
        }
        for each in known
    }
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _flags() -> Json:
    hints = get_type_hints(EnvoySettings, include_extras=True)
    properties = {
        field.name: {
            "type": "integer" if field.type is int or get_args(hints[field.name])[0] is int else "string",
            "description": f"{get_args(hints[field.name])[1]} (default: {field.default})",
        }
        for field in dataclasses.fields(EnvoySettings)
        if field.name not in DERIVED_FLAGS
    }
    return {"type": "object", "additionalProperties": False, "properties": properties}
