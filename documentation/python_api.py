"""`docs/reference/python-api.md`: signatures and docstrings of what other programs may import.

The source is parsed, not imported.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from documentation.docstrings import entries, summary
from documentation.markdown import fence

_ROOT = Path(__file__).parents[1]
PUBLIC: Mapping[str, Sequence[str]] = {
    "service.settings": ("load_settings", "SettingsError"),
    "service.cli.offline": ("rank_request", "rank_locally"),
    "service.artifact.artifact": ("load_artifact", "ArtifactError"),
    "service.api.app": ("create_app",),
    "model_build.recipe.load": ("load_recipe",),
    "model_build.run.pipeline": ("run_build",),
    "model_build.heads.publish": ("publish_head",),
}
"""What is public, by module. Everything else may change in any release."""
_HEAD = """\
# Python API

Written by `make generated` from the docstrings; `documentation/python_api.py` lists what is public.

Two packages are installed: `service`, which ranks, and `model_build`, which makes models and needs the extra `build`.
What this page lists is public and changes only with a note in the changelog. Everything else is internal.

"""
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def page() -> str:
    """The page; the same docstrings give the same text."""
    return _HEAD + "\n".join(_module(name, names) for name, names in PUBLIC.items())


def _module(name: str, names: Sequence[str]) -> str:
    path = _ROOT / Path(*name.split(".")).with_suffix(".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    defined = {one.name: one for one in tree.body if isinstance(one, _Definition)}
    parts = [f"## `{name}`\n\n{summary(ast.get_docstring(tree))}\n"]
    parts += [_member(defined[member]) for member in names]
    return "\n".join(parts)


def _member(node: _Definition) -> str:
    docstring = ast.get_docstring(node)
    parts = [f"### `{node.name}`\n", fence("python", _signature(node)), f"{summary(docstring)}\n"]
    for section in ("Args", "Raises"):
        listed = [f"- `{name}`: {text}\n" for name, text in entries(docstring, section).items()]
        if listed:
            parts.append(f"{section}:\n\n{''.join(listed)}")
    return "\n".join(parts)


def _signature(node: _Definition) -> str:
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(ast.unparse(base) for base in node.bases)
        return f"class {node.name}({bases})" if bases else f"class {node.name}"
    parameters = list(_parameters(node.args))
    returned = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    inside = "\n    " + ",\n    ".join(parameters) + ",\n" if len(parameters) > 1 else ", ".join(parameters)
    return f"{kind} {node.name}({inside}){returned}"


def _parameters(arguments: ast.arguments) -> Iterator[str]:
    named = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(named) - len(arguments.defaults)) + list(arguments.defaults)
    yield from (_parameter(one, default) for one, default in zip(named, defaults, strict=True))
    if arguments.vararg is not None:
        yield f"*{_parameter(arguments.vararg, None)}"
    elif arguments.kwonlyargs:
        yield "*"
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    yield from (_parameter(one, default) for one, default in keywords)
    if arguments.kwarg is not None:
        yield f"**{_parameter(arguments.kwarg, None)}"


def _parameter(argument: ast.arg, default: ast.expr | None) -> str:
    annotated = ast.unparse(argument)
    return annotated if default is None else f"{annotated} = {ast.unparse(default)}"
