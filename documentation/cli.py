"""`docs/reference/cli.md`, from the commands themselves."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import typer.main

from documentation.markdown import code, sentence, table
from model_build.cli.main import app as model_build
from service.cli.main import app as edge_rank

_HEAD = """\
# Commands

Written by `make generated` from `service/cli` and `model_build/cli`. `--help` after a command prints the same.

"""
_VALUES: Mapping[object, str] = {int: "INTEGER", float: "NUMBER", Path: "PATH"}
Command = Any  # typer's own copy of click has no types


def page() -> str:
    """The page; the same commands give the same text."""
    parts = [_HEAD]
    for name, app in (("edge-rank", edge_rank), ("model-build", model_build)):
        group: Command = typer.main.get_command(app)
        parts.append(f"## {name}\n\n{group.help}\n\n")
        parts += [_command(f"{name} {one}", group.commands[one]) for one in group.commands]
    return "".join(parts).rstrip() + "\n"


def _command(name: str, command: Command) -> str:
    parameters = [one for one in command.params if one.name != "help"]
    arguments = " ".join(_argument(one) for one in parameters if one.param_type_name == "argument")
    usage = " ".join(part for part in (name, arguments, "[OPTIONS]") if part)
    rows = [(_names(one), _default(one), sentence(one.help or "")) for one in parameters]
    shown = table(("argument or option", "default", "meaning"), rows) + "\n" if rows else ""
    return f"### {name}\n\n{command.help}\n\n    {usage}\n\n{shown}"


def _argument(parameter: Command) -> str:
    name = str(parameter.name).upper()
    return name if parameter.required else f"[{name}]"


def _names(parameter: Command) -> str:
    if parameter.param_type_name == "argument":
        return code(str(parameter.name).upper())
    return ", ".join(code(name) for name in _spellings(parameter))


def _spellings(parameter: Command) -> Iterator[str]:
    for name in (*parameter.opts, *parameter.secondary_opts):
        yield (
            name if parameter.is_flag else f"{name} {parameter.metavar or _value(parameter.type_descriptor.annotation)}"
        )


def _value(annotation: object) -> str:
    """The value that an option takes, in one word."""
    kind = next(iter(get_args(annotation)), annotation)
    return _VALUES.get(kind, "TEXT")


def _default(parameter: Command) -> str:
    if parameter.required:
        return "required"
    value = parameter.default
    if parameter.envvar:
        return code(str(parameter.envvar))
    if value is None or value is False or value == ():
        return ""
    return code(f"{value:g}" if isinstance(value, float) else str(value))
