"""JSON schemas in words, as pydantic and OpenAPI write them."""

from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]
_REFERENCE = "#/"
_NAMES: Mapping[tuple[object, object], str] = {
    ("boolean", None): "boolean",
    ("object", None): "table",
    ("string", None): "string",
    ("string", "path"): "path",
    ("string", "password"): "string, secret",
}


class Schemas:
    """The named schemas of a document."""

    def __init__(self, document: Schema) -> None:
        """Read a document's definitions.

        Args:
            document: an OpenAPI document, or a JSON schema with `$defs`.
        """
        self._document = document

    def resolved(self, schema: Schema) -> Schema:
        """The schema itself, or the one that it refers to."""
        if "$ref" not in schema:
            return schema
        found: Any = self._document
        for part in schema["$ref"].removeprefix(_REFERENCE).split("/"):
            found = found[part]
        return {**found, **{name: value for name, value in schema.items() if name != "$ref"}}

    def kind(self, schema: Schema, *, links: bool = False) -> str:
        """What values a schema takes, in words.

        Args:
            schema: any schema.
            links: whether objects that have a name are links to a heading of that name.
        """
        if links and "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if self.resolved(schema).get("type") == "object":
                return f"[`{name}`](#{name.lower()})"
        schema = self.resolved(schema)
        options = schema.get("anyOf") or schema.get("oneOf")
        if options and "properties" not in schema:
            return _joined([self.kind(one, links=links) for one in options if one.get("type") != "null"])
        if "enum" in schema:
            return ", ".join(f"`{one}`" for one in schema["enum"])
        if "const" in schema:
            return f"`{schema['const']}`"
        return self._plain(schema, links=links)

    def _plain(self, schema: Schema, *, links: bool) -> str:
        kind = schema.get("type")
        if kind == "array" and "prefixItems" in schema:
            return f"list of {len(schema['prefixItems'])}: {self.kind(schema['prefixItems'][0], links=links)}"
        if kind == "array":
            return f"list of {self.kind(schema.get('items', {}), links=links)}"
        if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
            return f"table of {self.kind(schema['additionalProperties'], links=links)}"
        if kind in ("integer", "number"):
            return str(kind) + _bounds(schema)
        return _NAMES.get((kind, schema.get("format")), _NAMES.get((kind, None), "any"))


def _bounds(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if least is not None and most is not None:
        return f", {_number(least)} to {_number(most)}"
    words = [
        f"{word} {_number(bound)}"
        for word, bound in (("at least", least), ("above", above), ("below", below), ("at most", most))
        if bound is not None
    ]
    return ", " + ", ".join(words) if words else ""


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,g}"


def _joined(kinds: Sequence[str]) -> str:
    return " or ".join(dict.fromkeys(kinds))
