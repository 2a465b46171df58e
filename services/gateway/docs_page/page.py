"""Renders an OpenAPI document as HTML that needs nothing else: no script, no font, no other host."""

import base64
import hashlib
import html
import re
from collections.abc import Iterator
from typing import Any

from services.gateway.docs_page.style import STYLE

__all__ = ["DOCS_POLICY", "docs_page"]

Json = dict[str, Any]

_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

DOCS_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy to serve the page with."""

_VERBS = ("get", "post", "put", "patch", "delete")


def docs_page(openapi: Json) -> str:
    """Write the page."""
    title = html.escape(f"{openapi['info']['title']} API")
    return "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title><style>{STYLE}</style></head><body><main>",
            f"<h1>{title}</h1>{_prose(openapi['info']['description'])}",
            '<p>For programs: <a href="/openapi.json">openapi.json</a></p>',
            *_contents(openapi),
            *(_section(openapi, tag) for tag in openapi["tags"]),
            '<h2 id="schemas">Schemas</h2>',
            *(_schema(name, schema) for name, schema in openapi["components"]["schemas"].items()),
            "</main></body></html>\n",
        ]
    )


def _contents(openapi: Json) -> Iterator[str]:
    yield "<nav><ul>"
    for name in [*(tag["name"] for tag in openapi["tags"]), "schemas"]:
        anchor = html.escape(name)
        yield f'<li><a href="#{anchor}">{anchor.capitalize() if name == "schemas" else anchor}</a></li>'
    yield "</ul></nav>"


def _section(openapi: Json, tag: Json) -> str:
    name = html.escape(tag["name"])
    operations = (
        _operation(path, verb, item[verb])
        for path, item in openapi["paths"].items()
        for verb in _VERBS
        if verb in item and tag["name"] in item[verb]["tags"]
    )
    return f'<h2 id="{name}">{name}</h2>{_prose(tag["description"])}{"".join(operations)}'


def _operation(path: str, verb: str, operation: Json) -> str:
    is_open = ' <span class="open">no token needed</span>' if operation.get("security") == [] else ""
    parts = [
        f'<details id="{html.escape(operation["operationId"])}"><summary><h3>',
        f'<span class="verb {verb}">{verb.upper()}</span> <code>{html.escape(path)}</code></h3>{is_open}',
        f"<p>{_inline(operation['summary'])}</p></summary>",
        _prose(operation["description"]),
        _parameters(operation["parameters"]),
    ]
    if body := operation.get("requestBody"):
        parts.append(_content("Body", body))
    parts.append(_content("Answer", operation["responses"]["200"]))
    return "".join([*parts, "</details>"])


def _parameters(parameters: list[Json]) -> str:
    rows = "".join(
        _row(item["name"], item["schema"], item.get("description", ""), f"{item['in']}{_must(item.get('required'))}")
        for item in parameters
    )
    return _table("Parameter", rows) if rows else ""


def _content(title: str, holder: Json) -> str:
    ((media_type, content),) = holder["content"].items()
    schema = content["schema"]
    inline = _properties(schema) if "properties" in schema else ""
    kind = "" if inline else f": {_type(schema)}"
    return f"<p><strong>{title}</strong> <code>{html.escape(media_type)}</code>{kind}</p>{inline}"


def _schema(name: str, schema: Json) -> str:
    values = "".join(f"<li><code>{html.escape(value)}</code></li>" for value in schema.get("enum", ()))
    return (
        f'<details id="{html.escape(name)}"><summary><h3><code>{html.escape(name)}</code></h3></summary>'
        f"{_prose(schema.get('description', ''))}{f'<ul>{values}</ul>' if values else ''}{_properties(schema)}</details>"
    )


def _properties(schema: Json) -> str:
    required = schema.get("required", ())
    rows = "".join(
        _row(name, item, item.get("description", ""), _must(name in required).lstrip(", "))
        for name, item in schema.get("properties", {}).items()
    )
    return _table("Field", rows) if rows else ""


def _table(first: str, rows: str) -> str:
    return f"<table><tr><th>{first}</th><th>Type</th><th></th><th>Meaning</th></tr>{rows}</table>"


def _row(name: str, schema: Json, meaning: str, note: str) -> str:
    told = _prose(meaning)
    return f"<tr><td><code>{html.escape(name)}</code></td><td>{_type(schema)}</td><td>{note}</td><td>{told}</td></tr>"


def _must(required: bool | None) -> str:
    return ", required" if required else ""


def _type(schema: Json) -> str:
    if "$ref" in schema:
        name = html.escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"map of {_type(schema['additionalProperties'])}"
    return html.escape(str(schema.get("format", schema["type"])))


def _prose(text: str) -> str:
    """Paragraphs, with `code` in backticks."""
    return "".join(f"<p>{_inline(paragraph)}</p>" for paragraph in text.split("\n\n") if paragraph.strip())


def _inline(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
