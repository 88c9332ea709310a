import ctypes
import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from service.artifact import artifact
from service.artifact.artifact import (
    DEVICE_FILES,
    MANIFEST,
    ArtifactError,
    FileEntry,
    Manifest,
    load_artifact,
    revision_of,
)
from service.heads import task_model as task_model_files
from service.heads.manifest import HeadError
from service.heads.task_model import load_task_model
from tests.device.json_text import Object, damage, has_repeated_field, members_of, mutate, parse, write
from tests.device.manifests import (
    MODELS,
    Files,
    Read,
    folder_files,
    model_manifest,
    read_manifest,
    sealed,
    small_model,
    task_model,
)
from tests.device.memory import FILE_INVALID, FILE_MISSING, OK, OUT_OF_MEMORY, UNSUPPORTED, Arena


def device_files(files: Files) -> Files:
    return {path: data for path, data in files.items() if path in {MANIFEST, *DEVICE_FILES}}


def expected_task(manifest: Manifest) -> dict[str, Any] | None:
    if (task := manifest.task) is None:
        return None
    labels = None if task.grades else list(task.classes)
    return {"is_pair": task.kind == "pair", "is_grade": bool(task.grades), "outputs": task.outputs, "labels": labels}


def expected(manifest: Manifest) -> dict[str, Any]:
    return {
        "name": manifest.name,
        "revision": manifest.revision,
        "encoder_revision": manifest.encoder_revision,
        "model": manifest.model.model_dump(),
        "tokenizer": manifest.tokenizer.model_dump(),
        "task": expected_task(manifest),
    }


@pytest.mark.parametrize("folder", MODELS, ids=lambda folder: folder.name)
@pytest.mark.parametrize("only_device_files", [False, True])
def test_released_models_are_read_as_the_service_reads_them(
    core: ctypes.CDLL, folder: Path, *, only_device_files: bool
) -> None:
    files = folder_files(folder)

    read = read_manifest(core, device_files(files) if only_device_files else files)

    assert read.message == ""
    assert read.values == expected(load_artifact(folder).manifest)


def test_four_models_are_released() -> None:
    assert len(MODELS) == 4


GRADES = {"kind": "text", "grades": {"low": 0, "high": 5.5}}
KINDS = {"encoder": small_model(), "classes": task_model(), "grades": task_model(**GRADES)}


@pytest.mark.parametrize("files", KINDS.values(), ids=KINDS)
def test_models_of_each_kind_are_read(core: ctypes.CDLL, files: Files) -> None:
    read = read_manifest(core, files)

    assert read.message == ""
    assert read.values == expected(Manifest.model_validate_json(files[MANIFEST]))


# ---------------------------------------------------------------------- errors


def change(**sections: Any) -> Callable[[dict[str, Any]], None]:
    """A change of fields: `model__layers=0`; a field whose value is `...` is deleted."""

    def apply(manifest: dict[str, Any]) -> None:
        for path, value in sections.items():
            *owners, name = path.split("__")
            owner = manifest
            for one in owners:
                owner = owner[one]
            if value is ...:
                del owner[name]
            else:
                owner[name] = value

    return apply


SHOWN = "characters that can be printed"
WRONG: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (change(schema_version="1"), "schema_version must be a number"),
    (change(schema_version=...), "schema_version is missing"),
    (change(name=""), f"name must have 1 to 128 {SHOWN}"),
    (change(name="a\u202eb"), f"name must have 1 to 128 {SHOWN}"),
    (change(name=7), "name must be a string"),
    (change(more=1), "more is not a known field"),
    (change(model__more=1), "model.more is not a known field"),
    (change(**{"model__a \u202e\n": 1}), "model.a??? is not a known field"),
    (change(model__layers=...), "model.layers is missing"),
    (change(model__layers=-1), "model.layers must be a whole number from 0 to 1000000"),
    (change(model__layers=1.5), "model.layers must be a whole number"),
    (change(model__max_length=2), "model.max_length must be a whole number from 3 to 2048"),
    (change(model__dimension=0), "model.dimension must be a whole number from 1 to 4096"),
    (change(tokenizer__lowercase=1), "tokenizer.lowercase must be true or false"),
    (change(tokenizer__version=3), "tokenizer.version must be a whole number from 1 to 2"),
    (change(tokenizer=[]), "tokenizer must be an object"),
    (change(quality={}), "quality must be an array"),
    (change(quality=[7]), "quality.0 must be an object"),
    (change(device_bytes=2**53), "device_bytes must be a whole number from 0 to 9007199254740991"),
    (change(training__sources=[{"name": ""}]), "training.sources.0.texts is missing"),
    (change(training__seed=10**400), "training.seed is a number that is too large"),
    (change(training__tool="x" * 16385), f"training.tool must have 0 to 16384 {SHOWN}"),
    (change(quantization={"a": 1}), "quantization.a must be an object"),
    (change(**{"files__vocab.txt__sha256": "A" * 64}), "files.vocab.txt.sha256 must have 64 to 64 hexadecimal digits"),
    (change(revision="a" * 64), "its revision does not match its files"),
    (change(revision="a"), "revision must have 64 to 64 hexadecimal digits"),
    (change(task={"kind": "song"}), "task.kind is none of the known values"),
    (change(task={"kind": "text", "classes": ["a"]}), "a task has two classes or more, or grades"),
    (change(task={"kind": "text", "classes": ["x"] * 1001}), "task.classes must have 0 to 1000 elements"),
    (change(task={"kind": "text", "classes": ["a", ""]}), f"task.classes.1 must have 1 to 128 {SHOWN}"),
    (
        change(task={"kind": "text", "classes": ["a", "b"], "grades": {"low": 0, "high": 1}}),
        "a task has classes or grades, not both",
    ),
    (
        change(task={"kind": "text", "classes": ["a", "b"]}),
        "the task's outputs are not as many as model.dimension",
    ),
    (
        change(task={"kind": "text", "classes": ["a", "a"]}, model__dimension=2),
        "two classes have the same label",
    ),
]
# fmt: off
WRONG_PATHS = [
    "../vocab.txt", "a/../b", "/a", "a/", "a//b", ".", "a/./b", "a\\b", "é", "a:", "a/b/c/d/e/f/g/h/i", "x" * 101,
    "a b", "",
]
# fmt: on
UNCOMPUTABLE = [
    (change(model__layers=0), "it has a size of 0"),
    (change(model__attention_heads=0), "it has a size of 0"),
    (change(model__layers=257), "it is too large"),
    (change(model__hidden_size=1_000_000, model__attention_heads=1), "it is too large"),
    (change(model__vocabulary_size=1_000_000, model__embedding_size=300), "it is too large"),
    (change(model__attention_heads=5), "model.hidden_size is not a multiple of model.attention_heads"),
]


def read_changed(core: ctypes.CDLL, alter: Callable[[dict[str, Any]], None]) -> Read:
    files = small_model()
    manifest = json.loads(files[MANIFEST])
    alter(manifest)
    return read_manifest(core, {**files, MANIFEST: json.dumps(manifest).encode()})


@pytest.mark.parametrize(("alter", "message"), WRONG, ids=[one[1] for one in WRONG])
def test_what_is_wrong_with_a_manifest_is_said(
    core: ctypes.CDLL, alter: Callable[[dict[str, Any]], None], message: str
) -> None:
    read = read_changed(core, alter)

    assert (read.status, read.message) == (FILE_INVALID, f"manifest.json is not valid: {message}")


@pytest.mark.parametrize("path", WRONG_PATHS)
def test_a_path_that_leads_out_or_is_not_portable_is_refused(core: ctypes.CDLL, path: str) -> None:
    entry = {"bytes": 1, "sha256": "a" * 64, "device": False}
    read = read_changed(core, lambda manifest: manifest["files"].update({path: entry}))

    assert read.status == FILE_INVALID
    assert read.message.endswith("must lie inside the folder, in letters, digits and . _ + @ -")


@pytest.mark.parametrize("version", [0, 2, 10**30, 1.5])
def test_another_version_is_said_to_be_one_whatever_else_it_has(core: ctypes.CDLL, version: float) -> None:
    read = read_changed(core, change(schema_version=version, more=1, model=...))

    message = "manifest.json has a schema_version that this library does not read: it reads 1 to 1"
    assert (read.status, read.message) == (UNSUPPORTED, message)


@pytest.mark.parametrize(("alter", "message"), UNCOMPUTABLE)
def test_a_shape_that_can_not_be_computed_with_is_refused(
    core: ctypes.CDLL, alter: Callable[[dict[str, Any]], None], message: str
) -> None:
    read = read_changed(core, alter)

    expected = f"manifest.json has a model that this library does not compute: {message}"
    assert (read.status, read.message) == (UNSUPPORTED, expected)


def with_files(listed: dict[str, Any]) -> Files:
    files = small_model()
    manifest = json.loads(files[MANIFEST])
    return {**files, MANIFEST: json.dumps(sealed({**manifest, "files": {**manifest["files"], **listed}})).encode()}


ENTRY = {"bytes": 0, "sha256": hashlib.sha256(b"").hexdigest(), "device": False}
WRONG_TABLES: list[tuple[dict[str, Any], str]] = [
    ({MANIFEST: ENTRY}, "it lists itself"),
    ({"VOCAB.txt": ENTRY}, "two files have the same name, or one is named like a folder of another"),
    ({"A/Folder": ENTRY}, "two files have the same name, or one is named like a folder of another"),
    ({"vocab.txt": {**ENTRY, "device": False}}, "vocab.txt is not listed as a file of the device"),
    ({"vocab.txt": {**ENTRY, "device": True, "bytes": 2**24 + 1}}, "vocab.txt is too large"),
    ({"ranker.json": {**ENTRY, "device": True, "bytes": 2**20 + 1}}, "ranker.json is too large"),
    ({f"{number:03}": ENTRY for number in range(252)}, "files.251 is one file too many"),
]


@pytest.mark.parametrize(("listed", "message"), WRONG_TABLES, ids=[one[1] for one in WRONG_TABLES])
def test_what_is_wrong_with_a_table_of_files_is_said(core: ctypes.CDLL, listed: dict[str, Any], message: str) -> None:
    read = read_manifest(core, with_files(listed))

    assert (read.status, read.message) == (FILE_INVALID, f"manifest.json is not valid: {message}")


def test_so_many_files_may_be_listed_as_there_may_be(core: ctypes.CDLL) -> None:
    assert read_manifest(core, with_files({f"{number}.txt": ENTRY for number in range(251)})).status == OK


@pytest.mark.parametrize("path", DEVICE_FILES)
def test_a_file_that_a_device_needs_must_be_there_and_intact(core: ctypes.CDLL, path: str) -> None:
    files = small_model()
    missing = {name: data for name, data in files.items() if name != path}
    longer = {**files, path: files[path] + b" "}
    altered = {**files, path: b"_" + files[path][1:]}
    size = len(files[path])

    for given, status, message in (
        (missing, FILE_MISSING, f"{path} is missing"),
        (longer, FILE_INVALID, f"{path} has {size + 1} bytes, but manifest.json states {size}"),
        (altered, FILE_INVALID, f"{path} does not match its checksum in manifest.json"),
    ):
        read = read_manifest(core, given)
        assert (read.status, read.message) == (status, message)

    assert read_manifest(core, altered, trusted=True).status == OK
    assert read_manifest(core, longer, trusted=True).status == FILE_INVALID
    assert read_manifest(core, missing, trusted=True).status == FILE_MISSING


def test_another_file_may_be_absent_but_not_altered(core: ctypes.CDLL) -> None:
    files = small_model()

    assert read_manifest(core, device_files(files)).status == OK
    assert read_manifest(core, {**files, "not-listed.txt": b"anything"}).status == OK
    read = read_manifest(core, {**files, "README.md": b"# A modem\n"})
    assert (read.status, read.message) == (FILE_INVALID, "README.md does not match its checksum in manifest.json")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "manifest.json is not JSON: byte 0 is wrong"),
        (b'{"a":1,}', "manifest.json is not JSON: byte 7 is wrong"),
        (b"[]", "manifest.json is not valid: it is not an object"),
        (b" " * (1024 * 1024 + 1), "manifest.json is larger than 1048576 bytes"),
        (b'{"a":' * 100_000, "manifest.json is not JSON: byte 320 is wrong"),
        (b'{"schema_version":1,"schema_version":1}', "manifest.json is not valid: schema_version is there twice"),
    ],
)
def test_a_manifest_that_is_none_is_refused(core: ctypes.CDLL, data: bytes, message: str) -> None:
    read = read_manifest(core, {MANIFEST: data})

    assert (read.status, read.message) == (FILE_INVALID, message)


def test_no_manifest_at_all_is_said(core: ctypes.CDLL) -> None:
    read = read_manifest(core, {"vocab.txt": b""})

    assert (read.status, read.message) == (FILE_MISSING, "manifest.json is missing")


@pytest.mark.parametrize("files", KINDS.values(), ids=KINDS)
def test_no_memory_is_an_error_that_leaves_none_behind(core: ctypes.CDLL, files: Files) -> None:
    for pieces in range(100):
        read = read_manifest(core, files, arena=Arena(pieces=pieces))
        if read.status == OK:
            break
        assert read.status == OUT_OF_MEMORY
    assert 5 < pieces < 100


# -------------------------------------------------------------------- hostility


@pytest.fixture
def as_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the service load folders in which files are missing that devices do not need, and task models of any name.

    To the service a name is part of a URL.
    """
    verify = artifact._verify_file

    def lenient(folder: Path, name: str, entry: FileEntry) -> None:
        if entry.device or (folder / name).is_file():
            verify(folder, name, entry)

    monkeypatch.setattr(artifact, "_verify_file", lenient)
    monkeypatch.setattr(task_model_files, "_NAME", TypeAdapter(str))


def service_reads(folder: Path, data: bytes) -> Manifest | None:
    """What the service makes of a manifest beside the files of a folder; None: it refuses it."""
    (folder / MANIFEST).write_bytes(data)
    try:
        manifest = load_artifact(folder).manifest
        return manifest if manifest.task is None else load_task_model(folder).manifest
    except (ArtifactError, HeadError):
        return None


def is_strict(data: bytes) -> bool:
    """Whether the service converts no value of another type."""
    versions = [value for name, value in members_of(parse(data)) if name in {"schema_version", "version"}]
    try:
        Manifest.model_validate_json(data, strict=True)
    except ValidationError:
        return False
    return all(one in ("1", "2") for one in versions)


def refused_by_devices_alone(data: bytes, manifest: Manifest) -> str | None:
    """Why devices refuse a manifest that the service accepts."""
    shape, document = manifest.model, parse(data)
    widest = max(shape.hidden_size, shape.embedding_size, shape.intermediate_size, shape.dimension)
    counts = [value for name, value in members_of(document) if name not in {"seed", "value", "weight"}]
    reasons = {
        "a value of another type": not is_strict(data),
        "a field that is there twice": has_repeated_field(document),
        "2 ** 53 itself": "9007199254740992" in counts,
        "a size of 0": 0 in shape.model_dump().values(),
        "heads of unequal size": shape.attention_heads != 0 and shape.hidden_size % shape.attention_heads != 0,
        "too many layers": shape.layers > 256,
        "a matrix that is too large": widest * max(shape.vocabulary_size, shape.max_length, widest) > 2**28,
        "an unmarked file": not all(manifest.files[path].device for path in manifest.device_files),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def reseal(document: Object, draw: random.Random) -> None:
    """Give the table of files its revision, if there still is one."""
    try:
        files = next(value for name, value in document.members if name == "files")
        entries = {path: FileEntry.model_validate_json(write(entry)) for path, entry in files.members}
    except (StopIteration, AttributeError, ValidationError, TypeError, ValueError):
        return
    if draw.random() < 0.9:
        members = document.members
        document.members = [(name, revision_of(entries) if name == "revision" else value) for name, value in members]


def mutants(files: Files, count: int) -> Iterator[bytes]:
    draw = random.Random(len(files[MANIFEST]))
    for _ in range(count):
        document = parse(files[MANIFEST])
        for _ in range(draw.choice([0, 1, 1, 1, 1, 2, 3])):
            mutate(document, draw)
        reseal(document, draw)
        data = write(document, draw if draw.random() < 0.3 else None).encode(errors="surrogatepass")
        yield damage(data, draw) if draw.random() < 0.15 else data


@pytest.mark.parametrize("files", KINDS.values(), ids=KINDS)
@pytest.mark.usefixtures("as_a_device")
def test_devices_and_the_service_judge_changed_manifests_alike(core: ctypes.CDLL, files: Files, tmp_path: Path) -> None:
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    found: Counter[str] = Counter()
    for data in mutants(files, 700):
        manifest = service_reads(tmp_path, data)
        read = read_manifest(core, {**files, MANIFEST: data})

        reason = refused_by_devices_alone(data, manifest) if manifest else "refused by both"
        assert read.accepted == (reason is None), (data, reason, read.message)
        if manifest and read.accepted:
            assert read.values == expected(manifest)
        found[reason or "accepted by both"] += 1

    assert found["accepted by both"] > 100
    assert found["refused by both"] > 350
    assert found["a field that is there twice"] > 10


def test_a_manifest_of_any_bytes_is_refused_in_one_line(core: ctypes.CDLL) -> None:
    files = small_model()
    draw = random.Random(3)
    for _ in range(1000):
        data = files[MANIFEST]
        for _ in range(draw.randrange(1, 20)):
            data = damage(data, draw)

        read = read_manifest(core, {**files, MANIFEST: data})

        assert read.accepted or (read.message and read.message.isprintable())


@pytest.mark.parametrize("size", [3, 9, 10, 99, 100, 999, 1000, 2048])
@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("version", [1, 2])
def test_what_determines_vectors_is_in_the_encoder_revision(
    core: ctypes.CDLL, size: int, version: int, *, lowercase: bool
) -> None:
    rules = {"lowercase": lowercase, "strip_accents": not lowercase, "version": version}
    files = small_model()
    del files[MANIFEST]
    manifest = model_manifest(files, tokenizer=rules)
    manifest["model"]["max_length"] = size
    data = json.dumps(manifest).encode()

    read = read_manifest(core, {**files, MANIFEST: data})

    assert read.values["encoder_revision"] == Manifest.model_validate_json(data).encoder_revision
