"""`docs/reference/settings.md`, from `service/settings.py`."""

from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from documentation.markdown import code, sentence, table
from documentation.schema import Schemas
from service.settings import RENAMED, RETIRED, Settings, variable

_ROOT = Path(__file__).parents[1]
_HEAD = """\
# Settings

Written by `make generated` from `service/settings.py`.

Each setting is an environment variable. The commonest are also [flags of `edge-rank serve`](cli.md#edge-rank-serve);
a flag comes before its variable. Units are in the names: `_S` is seconds, `_MS` milliseconds. A wrong value is refused
in one line at start.

"""


def page() -> str:
    """The page; the same settings give the same text."""
    document = Settings.model_json_schema()
    schemas = Schemas(document)
    rows = [
        (
            code(variable(name)),
            schemas.kind(document["properties"][name]),
            default(field),
            sentence(meaning(name, field)),
        )
        for name, field in Settings.model_fields.items()
    ]
    renamed = [(code(variable(old)), code(variable(new))) for old, new in sorted(RENAMED.items())]
    retired = [(code(variable(name)), sentence(instead)) for name, instead in sorted(RETIRED.items())]
    return (
        _HEAD
        + table(("variable", "type", "default", "meaning"), rows)
        + "\n## Settings that were renamed\n\nThe service refuses to start with a former name.\n\n"
        + table(("former name", "name"), renamed)
        + "\n## Settings that are gone\n\nThe service says so at start if the environment still has one of these.\n\n"
        + table(("variable", "instead"), retired)
    )


def meaning(name: str, field: FieldInfo) -> str:
    """What a setting decides.

    Raises:
        ValueError: nobody has described it.
    """
    if not field.description:
        raise ValueError(f"the setting {name} has no description")
    return field.description


def default(field: FieldInfo) -> str:
    """A setting's default as the table shows it."""
    value = field.default
    if value is PydanticUndefined:
        return "by the machine"
    if value is None or value == "":
        return "none"
    if isinstance(value, Path):
        return code(str(value.relative_to(_ROOT)))
    if isinstance(value, bool):
        return code(str(value).lower())
    return code(str(value))
