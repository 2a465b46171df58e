"""Configuration: environment variables and secret files become frozen dataclasses. The only module that reads os.environ.

    @dataclass(frozen=True)
    class Config:
        listen: Address = setting("LISTEN", "host:port of the gRPC server")
        limit: int = setting("TRACK_LIMIT", "tracks a user may keep", 200)
        password: Secret = setting("POSTGRES_PASSWORD", "password of the service's role")
        postgres: PostgresConfig = section(PostgresConfig)

    config = load(Config)

Every variable is written with the prefix `PUREMUSIC_`. A `Secret` may be given as the path of a file in `<variable>_FILE`.
"""

import dataclasses
import os
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

PREFIX = "PUREMUSIC_"

T = TypeVar("T")


class ConfigError(Exception):
    """The environment lacks something or says something unreadable. The message names every variable at fault."""


class Secret(str):
    """A string that does not show itself in logs and tracebacks; `reveal()` gives it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(…)"

    def __str__(self) -> str:
        return "…"

    def __format__(self, spec: str) -> str:
        return "…"

    def reveal(self) -> str:
        """Return the secret itself."""
        return str.__str__(self)


@dataclass(frozen=True)
class Address:
    """A host and a port (0: any free one)."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read `host:port`; an IPv6 host stands in brackets."""
        host, _, port = text.rpartition(":")
        return cls(host.strip("[]"), int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Variable:
    """One variable as the documentation lists it."""

    name: str
    meaning: str
    default: str | None
    kind: Any
    """What it is read as: `int`, `Secret`, `tuple[str, ...]`."""

    @property
    def secret(self) -> bool:
        """Whether nobody may see it."""
        return self.kind is Secret


def setting(variable: str, meaning: str, default: Any = MISSING) -> Any:
    """Declare a field that is read from `PUREMUSIC_<variable>`; without a default the variable must be set."""
    return dataclasses.field(default=default, metadata={"variable": PREFIX + variable, "meaning": meaning})


def section(config: type[T]) -> T:
    """Declare a field that is itself a configuration dataclass, read from the same environment."""
    field: T = dataclasses.field(metadata={"section": config})
    return field


def load(config: type[T], environment: Mapping[str, str] | None = None) -> T:
    """Read `config` from the environment (the process's own by default), or raise `ConfigError` naming all that is wrong."""
    source = os.environ if environment is None else environment
    problems: list[str] = []
    loaded = _read(config, source, problems)
    if problems:
        raise ConfigError("; ".join(problems))
    return loaded


def variables(config: type[Any]) -> Iterator[Variable]:
    """List the variables that `config` reads, sections included."""
    hints = get_type_hints(config)
    for field in dataclasses.fields(config):
        if "section" in field.metadata:
            yield from variables(field.metadata["section"])
        else:
            default = None if field.default is MISSING else _shown(field.default)
            yield Variable(field.metadata["variable"], field.metadata["meaning"], default, hints[field.name])


def _shown(default: object) -> str:
    return ",".join(map(str, default)) if isinstance(default, tuple) else str(default)


def _read(config: type[T], source: Mapping[str, str], problems: list[str]) -> T:
    hints = get_type_hints(config)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(config):  # type: ignore[arg-type]  # T is always a dataclass here
        if "section" in field.metadata:
            values[field.name] = _read(field.metadata["section"], source, problems)
            continue
        variable = field.metadata["variable"]
        try:
            text = _text(variable, hints[field.name], source)
            if text is not None:
                values[field.name] = _parse(text, hints[field.name])
            elif field.default is MISSING:
                problems.append(f"{variable} is not set ({field.metadata['meaning']})")
        except (ValueError, OSError) as error:
            problems.append(f"{variable} can't be read: {error}")
    # With problems the caller raises; an empty instance lets the walk go on, so that all of them are named at once.
    return object.__new__(config) if problems else config(**values)


def _text(variable: str, kind: Any, source: Mapping[str, str]) -> str | None:
    if kind is Secret and (path := source.get(f"{variable}_FILE")):
        return Path(path).read_text(encoding="utf-8").strip()
    return source.get(variable)


_BOOLEANS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


def _parse(text: str, kind: Any) -> Any:
    if kind is bool:
        if text.lower() not in _BOOLEANS:
            raise ValueError(f"{text!r} is neither true nor false")
        return _BOOLEANS[text.lower()]
    if kind is Address:
        return Address.parse(text)
    if get_origin(kind) is tuple:
        return tuple(_parse(part.strip(), get_args(kind)[0]) for part in text.split(",") if part.strip())
    return kind(text)
