import ctypes
import hashlib
import json
import random
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from service.heads.loading import load_head
from service.heads.manifest import HeadError, HeadManifest
from tests.device.json_text import Literal, Object, damage, has_repeated_field, members_of, mutate, parse, write
from tests.device.manifests import ROOT, Files, folder_files, head_files, read_head
from tests.device.memory import FILE_INVALID, FILE_MISSING, OK, OUT_OF_MEMORY, UNSUPPORTED, Arena

RELEASED = [ROOT / "models/edge-rank-zh-heads/afqmc", ROOT / "models/edge-rank-en-packs/banking77"]
HEAD, WEIGHTS, ADAPTERS = "head.json", "weights.bin", "adapters.bin"
SMALL = {
    "head": head_files(),
    "head of pairs": head_files(kind="pair"),
    "pack": head_files(adapters=bytes(range(64))),
    "old head": head_files(knows_encoder=False),
}


def expected(manifest: HeadManifest) -> Mapping[str, Any]:
    task = {
        "is_pair": manifest.kind == "pair",
        "is_grade": False,
        "outputs": len(manifest.classes),
        "labels": list(manifest.classes),
    }
    return {
        "name": manifest.name,
        "revision": manifest.revision,
        "backbone_encoder_revision": manifest.backbone.encoder_revision,
        "backbone_revision": manifest.backbone.revision,
        "dimension": manifest.backbone.dimension,
        "width": manifest.width,
        "rank": manifest.adapters.rank if manifest.adapters else 0,
        "task": task,
    }


@pytest.mark.parametrize("folder", RELEASED, ids=lambda folder: folder.name)
def test_released_heads_are_read_as_the_service_reads_them(core: ctypes.CDLL, folder: Path) -> None:
    read = read_head(core, folder_files(folder))

    assert read.message == ""
    assert read.values == expected(load_head(folder).manifest)


@pytest.mark.parametrize("kind", SMALL)
def test_heads_of_each_kind_are_read(core: ctypes.CDLL, kind: str) -> None:
    files = SMALL[kind]

    read = read_head(core, files)

    assert read.message == ""
    assert read.values == expected(HeadManifest.model_validate_json(files[HEAD]))


def resealed(files: Files, **changed: Any) -> Files:
    document = {**json.loads(files[HEAD]), **changed}
    head = HeadManifest.model_validate_json(json.dumps(document)).sealed()
    return {**files, HEAD: head.model_dump_json().encode()}


WRONG = [
    ('"no"', '"yes"', "its revision does not match its contents"),
    ('"no"', '"n\\u007f"', "classes.1 must have 1 to 128 characters that are no controls"),
    ('"no"', '""', "classes.1 must have 1 to 128 characters that are no controls"),
    (
        '"small-head"',
        '"small head"',
        "name must have 1 to 64 characters: letters, digits and . _ -, the first a letter or a digit",
    ),
    ('"rank": 4', '"rank": 65', "adapters.rank must be a whole number from 1 to 64"),
    ("a float32 scale a row", "a float16 scale a row", "weights.scheme is none of the known values"),
    ("1.1149683128398704", "0", "training.temperature must be a finite number above 0"),
    ("1.1149683128398704", "1e400", "training.temperature must be a finite number above 0"),
    ("0.923051948051948", "1.5", "figures.0.value must be a number from 0 to 1"),
    ('"use": "test"', '"use": "tests"', "training.sources.1.use is none of the known values"),
    ('"kind": "text"', '"kind": "text|pair"', "kind is none of the known values"),
    ('"kind": "text"', '"kind": ""', "kind is none of the known values"),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG)
def test_what_is_wrong_with_a_head_is_said(core: ctypes.CDLL, old: str, new: str, message: str) -> None:
    files = SMALL["pack"]
    text = files[HEAD].decode()
    assert old in text

    read = read_head(core, {**files, HEAD: text.replace(old, new, 1).encode()})

    assert (read.status, read.message) == (FILE_INVALID, f"head.json is not valid: {message}")


def test_another_version_is_said_to_be_one(core: ctypes.CDLL) -> None:
    read = read_head(core, {HEAD: b'{"schema_version": 2}'})

    message = "head.json has a schema_version that this library does not read: it reads 1 to 1"
    assert (read.status, read.message) == (UNSUPPORTED, message)


def test_labels_that_repeat_are_refused(core: ctypes.CDLL) -> None:
    files = SMALL["head"]
    manifest = HeadManifest.model_validate_json(files[HEAD])
    repeated = manifest.model_copy(update={"classes": ("yes", "no", "yes")}).sealed()

    read = read_head(core, {**files, HEAD: repeated.model_dump_json().encode()})

    assert (read.status, read.message) == (FILE_INVALID, "head.json is not valid: two classes have the same label")


def test_weights_and_adapters_must_be_there_intact_and_of_their_size(core: ctypes.CDLL) -> None:
    files = SMALL["pack"]
    for path in (WEIGHTS, ADAPTERS):
        size = len(files[path])
        missing = read_head(core, {name: data for name, data in files.items() if name != path})
        shorter = read_head(core, {**files, path: files[path][:-1]})
        altered = read_head(core, {**files, path: bytes([files[path][0] ^ 1]) + files[path][1:]})

        assert (missing.status, missing.message) == (FILE_MISSING, f"{path} is missing")
        assert (shorter.status, altered.status) == (FILE_INVALID, FILE_INVALID)
        assert shorter.message == f"{path} has {size - 1} bytes, but head.json states {size}"
        assert altered.message == f"{path} does not match its checksum in head.json"

    entry = {"bytes": 61, "sha256": hashlib.sha256(bytes(61)).hexdigest()}
    read = read_head(core, {**resealed(files, weights=entry), WEIGHTS: bytes(61)})
    assert read.message == "head.json is not valid: weights.bytes must be 60"
    adapters = {"rank": 4, "bytes": 63, "sha256": hashlib.sha256(bytes(63)).hexdigest()}
    read = read_head(core, {**resealed(files, adapters=adapters), ADAPTERS: bytes(63)})
    assert read.message == "head.json is not valid: adapters.bytes must be a multiple of adapters.rank"
    assert read_head(core, {}).message == "head.json is missing"


def test_no_memory_is_an_error_that_leaves_none_behind(core: ctypes.CDLL) -> None:
    for pieces in range(20):
        read = read_head(core, SMALL["pack"], arena=Arena(pieces=pieces))
        if read.status == OK:
            break
        assert read.status == OUT_OF_MEMORY
    assert 5 < pieces < 20


# -------------------------------------------------------------------- hostility


def reseal(document: Object, draw: random.Random) -> None:
    """Give a document its revision, if the service can read it at all."""
    try:
        head = HeadManifest.model_validate_json(write(document))
    except (ValidationError, ValueError):
        return
    if draw.random() < 0.9:
        revision = head.expected_revision()
        document.members = [(name, revision if name == "revision" else value) for name, value in document.members]


def service_reads(folder: Path, data: bytes) -> HeadManifest | None:
    """What the service makes of a head.json beside the files of a folder; None: it refuses it."""
    (folder / HEAD).write_bytes(data)
    try:
        return load_head(folder).manifest
    except HeadError:
        return None


COUNTS = {"rows", "examples", "left_out"}
NUMBERS = {"temperature", "regularisation", "value", "low", "high"}


def refused_by_devices_alone(data: bytes) -> str | None:
    """Why devices refuse a head that the service accepts."""
    document = parse(data)
    members = list(members_of(document))
    literals = [value for _, value in members if isinstance(value, Literal)]
    numbers = [value for name, value in members if name in NUMBERS and isinstance(value, Literal)]
    counts = [
        value for name, value in members if name in {"rows", "examples", "left_out"} and isinstance(value, Literal)
    ]
    reasons = {
        "a field that is there twice": has_repeated_field(document),
        "a number that is not finite": any(isinstance(value, float) for _, value in members)
        or any(abs(float(literal)) == float("inf") for literal in literals),
        "digits beyond the shortest": any(Decimal(one) != Decimal(repr(float(one))) for one in numbers),
        "a count of 2 ** 53 or more": any(float(one) >= 2**53 for one in counts),
        "a value of another type": [value for name, value in document.members if name == "schema_version"] != ["1"],
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


@pytest.mark.parametrize("kind", SMALL)
def test_devices_and_the_service_judge_changed_heads_alike(core: ctypes.CDLL, kind: str, tmp_path: Path) -> None:
    files, draw = SMALL[kind], random.Random(kind)
    for path, data in files.items():
        (tmp_path / path).write_bytes(data)
    found: Counter[str] = Counter()
    for _ in range(500):
        document = parse(files[HEAD])
        for _ in range(draw.choice([0, 1, 1, 1, 2, 3])):
            mutate(document, draw)
        reseal(document, draw)
        data = write(document, draw if draw.random() < 0.3 else None).encode(errors="surrogatepass")
        data = damage(data, draw) if draw.random() < 0.1 else data
        manifest = service_reads(tmp_path, data)
        read = read_head(core, {**files, HEAD: data})

        reason = refused_by_devices_alone(data) if manifest else "refused by both"
        assert read.accepted == (reason is None), (data, reason, read.message)
        if manifest and read.accepted:
            assert read.values == expected(manifest)
        found[reason or "accepted by both"] += 1

    assert found["accepted by both"] > 100
    assert found["refused by both"] > 200
    assert found["a field that is there twice"] > 5


def test_figures_of_any_size_are_sealed_as_the_service_seals_them(core: ctypes.CDLL) -> None:
    draw = random.Random(7)
    files = SMALL["head"]
    document = json.loads(files[HEAD])
    for _ in range(200):
        temperature = float(f"{draw.uniform(0.1, 10):.{draw.randrange(17)}g}") * 10 ** draw.randint(-20, 20)
        figures = {"temperature": temperature, "regularisation": draw.random(), "seed": draw.randint(-(10**30), 10**30)}
        changed = resealed(files, training={**document["training"], **figures})

        assert read_head(core, changed).message == ""
