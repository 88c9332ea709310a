"""Folders that are no artifacts, each in its own way: refused in a line, within bounds, and the model serves on."""

import json
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.artifact.artifact import (
    MANIFEST,
    MODEL,
    MOST_MANIFEST_BYTES,
    RANKER,
    VOCABULARY,
    ArtifactError,
    FileEntry,
    load_artifact,
    revision_of,
)
from service.encoder import graph
from service.heads.loading import HEAD, load_head
from service.heads.manifest import HeadError
from service.models.model import load_model
from service.ranking.weights import RankerError, load_weights
from tests.service.artifacts import build_artifact
from tests.service.graphs import FOR_EVER, STRANGE


def load(folder: Path) -> None:
    load_model(folder, run_tokens=256, on_run=lambda _: None)


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest; it still vouches for the files that it lists."""
    document = json.loads((folder / MANIFEST).read_text())
    change(document)
    entries = {
        name: FileEntry.model_construct(**entry)
        for name, entry in document["files"].items()
        if isinstance(entry, dict) and "sha256" in entry
    }
    document["revision"] = revision_of({k.encode("utf-8", "replace").decode(): v for k, v in entries.items()})
    (folder / MANIFEST).write_text(json.dumps(document))


def refused(folder: Path, error: type[Exception] = ArtifactError) -> str:
    with pytest.raises(error) as caught:
        load(folder)
    told = str(caught.value)
    assert told.replace(str(folder), "").isprintable()
    assert len(told) < 1000
    return told


NAMES = (
    "a\0b",
    "",
    ".",
    "..",
    "../x",
    "a/../../x",
    "/etc/passwd",
    "a//b",
    "./x",
    "a\\b",
    "a\nb",
    "\x1b[2J",
    "\u202egnp.exe",
    "\ud800",
    "ä",
    "a" * 300,
    "a/" * 200 + "b",
    "VOCAB.TXT",
    MANIFEST,
    "onnx",
    f"{MODEL}/x",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    build_artifact(tmp_path)
    rewrite(tmp_path, lambda it: it["files"].update({name: {"bytes": 1, "sha256": "0" * 64, "device": False}}))
    refused(tmp_path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("max_length", value) for value in (-1, 0, 2, 10**9, 10**30, 1.5, None, "x", float("nan"), float("inf"))),
        *(("dimension", value) for value in (-1, 0, 10**9)),
        *(("vocabulary_size", value) for value in (-1, 0, 10**9)),
        ("layers", -1),
    ],
)
def test_a_shape_that_is_none_is_refused(tmp_path: Path, field: str, value: object) -> None:
    build_artifact(tmp_path)
    rewrite(tmp_path, lambda it: it["model"].update({field: value}))
    refused(tmp_path)


@pytest.mark.parametrize("name", ["", "x\n\x1b]0;owned\x07", "\u202e", "a" * 129])
def test_a_model_that_has_no_name_to_print_is_refused(tmp_path: Path, name: str) -> None:
    build_artifact(tmp_path)
    rewrite(tmp_path, lambda it: it.update(name=name))
    refused(tmp_path)


def test_a_field_s_name_is_reported_without_what_steers_a_terminal(tmp_path: Path) -> None:
    build_artifact(tmp_path)
    rewrite(tmp_path, lambda it: it.update({"\x1b[2J" + "x" * 5000: 1}))
    refused(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[" * 500_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"\xff\xfe{}",
        b'{"schema_version": ' + b"9" * 100_000 + b"}",
        b'{"files": NaN}',
        b" " * (MOST_MANIFEST_BYTES + 1),
    ],
    ids=["empty", "deep", "deep and whole", "UTF-16", "a large number", "NaN", "large"],
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    build_artifact(tmp_path)
    (tmp_path / MANIFEST).write_bytes(content)
    refused(tmp_path)


def test_a_manifest_of_too_many_files_is_refused(tmp_path: Path) -> None:
    build_artifact(tmp_path)
    entry = {"bytes": 0, "sha256": "0" * 64, "device": False}
    rewrite(tmp_path, lambda it: it["files"].update({f"f{number}": entry for number in range(5000)}))
    assert "at most 256" in refused(tmp_path)


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


@pytest.mark.parametrize("name", [MANIFEST, MODEL, VOCABULARY, RANKER])
def test_a_file_of_gigabytes_is_not_read(tmp_path: Path, name: str) -> None:
    build_artifact(tmp_path)
    sparse(tmp_path / name, 200 * 1024**3)
    if name != MANIFEST:
        rewrite(tmp_path, lambda it: it["files"][name].update(bytes=200 * 1024**3))
    refused(tmp_path)


@pytest.mark.parametrize(("name", "size"), [(VOCABULARY, 100 * 1024**2), (RANKER, 2 * 1024**2)])
def test_a_file_that_is_larger_than_any_of_its_kind_is_refused(tmp_path: Path, name: str, size: int) -> None:
    build_artifact(tmp_path)
    rewrite(tmp_path, lambda it: it["files"][name].update(bytes=size))
    assert "is larger than" in refused(tmp_path)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path may have 108 characters
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)


NO_FILES: dict[str, Callable[[Path], object]] = {
    "a pipe": pipe,
    "a folder": Path.mkdir,
    "a socket": listening,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to nowhere": lambda path: path.symlink_to(path.parent / "nowhere"),
    "a link to itself": lambda path: path.symlink_to(path),
}


@pytest.mark.parametrize("make", NO_FILES.values(), ids=NO_FILES.keys())
@pytest.mark.parametrize("name", [MANIFEST, MODEL, VOCABULARY, RANKER])
def test_what_is_no_file_is_refused_and_not_waited_for(
    tmp_path: Path, name: str, make: Callable[[Path], object]
) -> None:
    build_artifact(tmp_path)
    (tmp_path / name).unlink()
    make(tmp_path / name)
    refused(tmp_path)


@pytest.mark.parametrize("make", NO_FILES.values(), ids=NO_FILES.keys())
def test_nor_is_it_a_head_s_or_a_ranker_s(tmp_path: Path, make: Callable[[Path], object]) -> None:
    for name in (HEAD, RANKER):
        make(tmp_path / name)
    with pytest.raises(HeadError):
        load_head(tmp_path)
    with pytest.raises(RankerError):
        load_weights(tmp_path / RANKER)


@pytest.mark.parametrize("content", [b"[" * 500_000, b'{"schema_version": NaN}', b"\xff"])
def test_a_ranker_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    build_artifact(tmp_path, files={RANKER: content})
    assert RANKER in refused(tmp_path, RankerError)


@pytest.mark.parametrize("content", [b"", b"\n" * 100, b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n", b"\0" * 1000, b"x" * 10**6])
def test_a_vocabulary_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    build_artifact(tmp_path, files={VOCABULARY: content})
    refused(tmp_path)


@pytest.mark.parametrize("graph", STRANGE.values(), ids=STRANGE.keys())
def test_a_graph_that_does_not_embed_is_refused(tmp_path: Path, graph: bytes) -> None:
    build_artifact(tmp_path, files={MODEL: graph})
    refused(tmp_path)


def test_a_graph_that_never_ends_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "_TRIAL_S", 0.2)
    build_artifact(tmp_path, files={MODEL: FOR_EVER})
    assert "can't embed a text" in refused(tmp_path)


def test_a_vocabulary_that_is_larger_than_the_graph_s_is_refused(tmp_path: Path) -> None:
    vocabulary = (build_artifact(tmp_path).vocabulary_path).read_bytes() + b"more\n"
    build_artifact(tmp_path, files={VOCABULARY: vocabulary})
    rewrite(tmp_path, lambda it: it["model"].update(vocabulary_size=it["model"]["vocabulary_size"] + 1))
    assert "can't embed a text" in refused(tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(path=st.lists(st.integers(0, 50), max_size=4), value=JSON, remove=st.booleans())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_manifest_says_it_is_read_or_refused(
    tmp_path: Path, path: list[int], value: object, remove: bool
) -> None:
    build_artifact(tmp_path)
    document = json.loads((tmp_path / MANIFEST).read_text())
    at: Any = document
    for step in path[:-1]:
        inner = [one for one in (at.values() if isinstance(at, dict) else at) if isinstance(one, dict | list) and one]
        at = inner[step % len(inner)] if inner else at
    keys = list(at) if isinstance(at, dict) else list(range(len(at)))
    if keys:
        key = keys[path[-1] % len(keys)] if path else keys[0]
        if remove:
            del at[key]
        else:
            at[key] = value
    (tmp_path / MANIFEST).write_text(json.dumps(document))
    with suppress(ArtifactError):
        load_artifact(tmp_path)
