"""`docs/reference/http-api.md`, from the OpenAPI document and the recorded examples."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from documentation.examples import Example, recorded
from documentation.markdown import code, fence, sentence, table
from documentation.schema import Schema, Schemas
from service.api.app import create_app
from service.settings import Settings

JSON = "application/json"
_METHODS = ("get", "put", "post", "delete")
_HEAD = """\
# HTTP API

Written by `make generated` from the service's own OpenAPI document. A running service has it at `/openapi.json`, and at
`/docs` as a page on which requests can be tried. Requests are read strictly: an unknown field is refused, and so is a
number sent as a string. [Errors](errors.md) and [the use of HTTP](http.md) have pages of their own.

"""


def document() -> Mapping[str, Any]:
    """The OpenAPI document of a service with default settings."""
    made: Mapping[str, Any] = create_app(Settings(playground=False)).openapi()
    return made


def operations(openapi: Mapping[str, Any]) -> Iterator[tuple[str, str, Schema]]:
    """Each path, method and operation that is documented; a path that is an alias of another is left out."""
    for path, item in openapi["paths"].items():
        for method in _METHODS:
            if method in item and not _is_alias(path, openapi["paths"]):
                yield path, method, item[method]


def page() -> str:
    """The page; the same document and examples give the same text."""
    openapi = document()
    schemas = Schemas(openapi)
    examples = recorded()
    parts = [_HEAD, openapi["info"]["description"].partition("\n\n")[2].replace("**Limits**", "## Limits"), "\n\n"]
    parts += [
        _operation(path, method, operation, schemas, examples.get(f"{method.upper()} {path}"))
        for path, method, operation in operations(openapi)
    ]
    parts.append("## Objects\n\nThe objects that requests and answers hold, by name.\n\n")
    for name, schema in sorted(openapi["components"]["schemas"].items()):
        if schema.get("type") == "object":
            parts.append(f"### {name}\n\n{_about(schema)}{_fields(schema, schemas)}\n")
    return "".join(parts).rstrip() + "\n"


def _operation(path: str, method: str, operation: Schema, schemas: Schemas, example: Example | None) -> str:
    parts = [f"## {method.upper()} {path}\n\n", f"{operation.get('description', operation.get('summary', ''))}\n\n"]
    parameters = operation.get("parameters", [])
    if parameters:
        rows = [
            (code(one["name"]), one["in"], schemas.kind(one["schema"]), sentence(one.get("description", "")))
            for one in parameters
        ]
        parts.append(table(("parameter", "in", "type", "meaning"), rows) + "\n")
    body = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema")
    if body is not None:
        parts.append(f"Body: {schemas.kind(body, links=True)}.\n\n")
    answers = [
        (status, _answer(answer, schemas), sentence(answer.get("description", "")))
        for status, answer in sorted(operation["responses"].items())
    ]
    parts.append(table(("status", "body", "meaning"), answers) + "\n")
    if example is not None:
        parts += ["For example:\n\n", fence("console", _call(path, method, example)), "\n"]
    return "".join(parts)


def _answer(answer: Schema, schemas: Schemas) -> str:
    kinds = [
        schemas.kind(content["schema"], links=True) if kind == JSON and content.get("schema") else code(kind)
        for kind, content in answer.get("content", {}).items()
    ]
    return " or ".join(kinds)


def _fields(schema: Schema, schemas: Schemas) -> str:
    required = set(schema.get("required", ()))
    rows = [
        (
            code(name),
            schemas.kind(field, links=True),
            "required" if name in required else _default(field),
            sentence(field.get("description", "")),
        )
        for name, field in schema.get("properties", {}).items()
    ]
    return table(("field", "type", "default", "meaning"), rows) if rows else ""


def _about(schema: Schema) -> str:
    return f"{schema['description']}\n\n" if "description" in schema else ""


def _default(field: Schema) -> str:
    value = field.get("default")
    return "" if value is None else code(json.dumps(value, ensure_ascii=False))


def _call(path: str, method: str, example: Example) -> str:
    address = f"'http://127.0.0.1:8000{example.get('path', path)}'"
    if "request" not in example:
        return f"$ curl -s {address}\n{_shown(example['response'])}"
    verb = "" if method == "post" else f"-X {method.upper()} "
    body = json.dumps(example["request"], ensure_ascii=False, indent=2)
    return f"$ curl -s {verb}{address} -H 'Content-Type: {JSON}' -d '{body}'\n{_shown(example['response'])}"


def _shown(response: object) -> str:
    return response if isinstance(response, str) else json.dumps(response, ensure_ascii=False, indent=2)


def _is_alias(path: str, paths: Mapping[str, Any]) -> bool:
    """Whether the same operation has a path with a version, as `/rank` beside `/v1/rank`."""
    return not path.startswith("/v") and any(f"/v{version}{path}" in paths for version in (1, 2))
