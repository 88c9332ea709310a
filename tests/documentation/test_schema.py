from typing import Any

import pytest

from documentation.schema import Schemas

DOCUMENT = {"$defs": {"One": {"type": "object", "properties": {}}, "Kind": {"enum": ["a", "b"], "type": "string"}}}


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 65535}, "integer, 1 to 65,535"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, "number, above 0, at most 1"),
        ({"anyOf": [{"type": "string", "format": "path"}, {"type": "null"}]}, "path"),
        ({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}, "string or list of string"),
        ({"$ref": "#/$defs/Kind"}, "`a`, `b`"),
        ({"type": "array", "items": {"$ref": "#/$defs/One"}}, "list of [`One`](#one)"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "table of number"),
        ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}]}, "list of 2: string"),
        ({"const": "x"}, "`x`"),
        ({"type": "string", "format": "password"}, "string, secret"),
        ({}, "any"),
    ],
)
def test_a_schema_in_words(schema: dict[str, Any], kind: str) -> None:
    assert Schemas(DOCUMENT).kind(schema, links=True) == kind
