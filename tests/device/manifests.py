"""Reads manifests, weights and heads with the core, and small artifacts to try it with."""

import ctypes
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from service.artifact.artifact import DEVICE_FILES, MANIFEST, MODEL, RANKER, VOCABULARY, FileEntry, revision_of
from service.heads.manifest import HeadManifest
from service.ranking.signals import SIGNALS
from service.ranking.weights import SURFACES, default_weights, ranker_json
from tests.device.memory import OK, Arena, Error, File, View, files_of

Files = dict[str, bytes]

ROOT = Path(__file__).parents[2]
MODELS = [ROOT / "service/assets/model", *sorted(path.parent for path in (ROOT / "models").glob("*/manifest.json"))]


def folder_files(folder: Path) -> Files:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class _Rules(ctypes.Structure):
    _fields_ = (("lowercase", ctypes.c_bool), ("strip_accents", ctypes.c_bool), ("version", ctypes.c_uint32))


class _Task(ctypes.Structure):
    _fields_ = (
        ("labels", ctypes.POINTER(View)),
        ("outputs", ctypes.c_uint32),
        ("is_pair", ctypes.c_bool),
        ("is_grade", ctypes.c_bool),
    )


SHAPE = (
    "layers",
    "hidden_size",
    "embedding_size",
    "intermediate_size",
    "attention_heads",
    "vocabulary_size",
    "dimension",
    "max_length",
)


class _Manifest(ctypes.Structure):
    _fields_ = (
        ("name", View),
        ("revision", View),
        ("encoder_revision", View),
        *((name, ctypes.c_uint32) for name in SHAPE),
        ("rules", _Rules),
        ("task", _Task),
    )


class _HeadManifest(ctypes.Structure):
    _fields_ = (
        ("name", View),
        ("revision", View),
        ("backbone_encoder_revision", View),
        ("backbone_revision", View),
        ("dimension", ctypes.c_uint32),
        ("width", ctypes.c_uint32),
        ("rank", ctypes.c_uint32),
        ("task", _Task),
    )


class _Weights(ctypes.Structure):
    _fields_ = tuple((surface, ctypes.c_double * len(SIGNALS)) for surface in SURFACES)


@dataclass(frozen=True)
class Read:
    """What the core made of files: a status, a message, or values."""

    status: int
    message: str
    values: Mapping[str, Any]

    @property
    def accepted(self) -> bool:
        return self.status == OK


def read_manifest(core: ctypes.CDLL, files: Files, *, trusted: bool = False, arena: Arena | None = None) -> Read:
    """er_load_manifest."""
    manifest = _Manifest()

    def values() -> Mapping[str, Any]:
        shape = {name: getattr(manifest, name) for name in SHAPE}
        rules = {name: getattr(manifest.rules, name) for name, _ in _Rules._fields_}
        revisions = {name: getattr(manifest, name).read() for name in ("name", "revision", "encoder_revision")}
        return {**revisions, "model": shape, "tokenizer": rules, "task": _task(manifest.task)}

    return _read(core.er_load_manifest, files, [ctypes.c_bool(trusted), ctypes.byref(manifest)], values, core, arena)


def read_head(core: ctypes.CDLL, files: Files, *, arena: Arena | None = None) -> Read:
    """er_load_head_manifest."""
    manifest = _HeadManifest()

    def values() -> Mapping[str, Any]:
        texts = ("name", "revision", "backbone_encoder_revision", "backbone_revision")
        numbers = ("dimension", "width", "rank")
        return {
            **{name: getattr(manifest, name).read() for name in texts},
            **{name: getattr(manifest, name) for name in numbers},
            "task": _task(manifest.task),
        }

    return _read(core.er_load_head_manifest, files, [ctypes.byref(manifest)], values, core, arena)


def read_weights(core: ctypes.CDLL, data: bytes) -> Read:
    """er_load_weights."""
    weights, error = _Weights(), Error()
    core.er_load_weights.restype = ctypes.c_bool
    file = File(RANKER.encode(), data, len(data))
    loaded = core.er_load_weights(ctypes.byref(file), ctypes.byref(weights), ctypes.byref(error))
    assert loaded == (error.status == OK), error.text
    values: dict[str, Any] = {surface: list(getattr(weights, surface)) for surface in SURFACES}
    return Read(error.status, error.text, values)


def _read(function: Any, files: Files, rest: list[Any], values: Any, core: ctypes.CDLL, arena: Arena | None) -> Read:
    arena, error, given = arena or Arena(), Error(), files_of(files)
    function.restype = ctypes.c_bool
    loaded = function(ctypes.byref(arena), given, ctypes.c_size_t(len(given)), *rest, ctypes.byref(error))
    assert loaded == (error.status == OK), error.text
    read = Read(error.status, error.text, values() if loaded else {})
    core.er_give_back(ctypes.byref(arena))
    assert not arena.held
    return read


def _task(task: _Task) -> Mapping[str, Any] | None:
    if not task.outputs:
        return None
    labels = [task.labels[index].read() for index in range(task.outputs)] if task.labels else None
    return {"is_pair": task.is_pair, "is_grade": task.is_grade, "outputs": task.outputs, "labels": labels}


# ------------------------------------------------------------- small artifacts


def entries_of(files: Files) -> dict[str, dict[str, Any]]:
    """A manifest's table of files."""
    return {
        path: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "device": path in DEVICE_FILES}
        for path, data in files.items()
    }


def sealed(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest with the revision of its files."""
    files = {path: FileEntry.model_construct(**entry) for path, entry in manifest["files"].items()}
    return {**manifest, "revision": revision_of(files)}


def model_manifest(files: Files, **changed: Any) -> dict[str, Any]:
    """A manifest with every section that there is."""
    line = {"name": "corpus", "texts": 1200, "sha256": "none", "licence": "CC0-1.0"}
    figure = {"task": "search", "metric": "NDCG@10", "value": 0.7512, "split": "test", "examples": 1200}
    return sealed(
        {
            "schema_version": 1,
            "name": "small model",
            "revision": "",
            "model": dict(zip(SHAPE, (2, 96, 64, 288, 3, 8000, 160, 40), strict=True)),
            "tokenizer": {"lowercase": True, "strip_accents": False, "version": 2},
            "quantization": {"embedding": {"scheme": "int4", "parameters": 512_000, "bytes": 256_000}},
            "byte_budget": 1_910_000,
            "device_bytes": 491_945,
            "files": entries_of(files),
            "quality": [figure, {**figure, "value": -1e-3}],
            "training": {
                "teacher": "a teacher",
                "teacher_sha256": "none",
                "companions": [{"model": "another", "weight": 0.25, "identity": "none"}],
                "objective": "cosine",
                "start": None,
                "seed": 17,
                "tool": "model-build 0.1.0",
                "sources": [line, line],
            },
            **changed,
        }
    )


def small_model() -> Files:
    """An artifact whose files are too small to be what they should be: to a manifest, all the same."""
    files = {
        MODEL: b"a graph",
        VOCABULARY: b"[PAD]\n[UNK]\n",
        RANKER: ranker_json(default_weights()).encode(),
        "README.md": b"# A model\n",
        "a/folder/of.txt": b"",
    }
    return {MANIFEST: json.dumps(model_manifest(files)).encode(), **files}


def task_model(**task: Any) -> Files:
    """An artifact that classifies: pairs in three classes, or what is given."""
    files = {MODEL: b"a graph", VOCABULARY: b"[PAD]\n[UNK]\n"}
    task = task or {"kind": "pair", "classes": ["entailment", "neutral", "Widerspruch ≠"]}
    shape = {**dict(zip(SHAPE, (2, 96, 64, 288, 3, 8000, 160, 40), strict=True))}
    shape["dimension"] = len(task.get("classes", ())) or 1
    manifest = model_manifest(files, name="nli-3", task=task, model=shape)
    return {MANIFEST: json.dumps(manifest).encode(), **files}


def head_files(*, kind: str = "text", adapters: bytes | None = None, knows_encoder: bool = True) -> Files:
    """A head, or a pack."""
    classes, width = ["yes", "no", '支付 \U0001f600 "\\/'], 12 if kind == "text" else 24
    draw = np.random.default_rng(1)
    codes = draw.integers(-127, 128, (len(classes), width), dtype=np.int8)
    weights = codes.tobytes() + draw.random(2 * len(classes), dtype=np.float32).tobytes()
    backbone = {"name": "small model\n", "revision": "a" * 64, "dimension": 12}
    pack = {"rank": 4, "bytes": len(adapters or b""), "sha256": hashlib.sha256(adapters or b"").hexdigest()}
    source = {"use": "train", "file": "train.tsv\t\u0001", "rows": 100, "sha256": "b" * 64}
    figure = {"split": "test", "metric": "accuracy", "value": 0.923051948051948, "examples": 20}
    document = {
        "schema_version": 1,
        "name": "small-head",
        "revision": "",
        "kind": kind,
        "backbone": {**backbone, **({"encoder_revision": "c" * 64} if knows_encoder else {})},
        "classes": classes,
        "weights": {"bytes": len(weights), "sha256": hashlib.sha256(weights).hexdigest()},
        **({"adapters": pack} if adapters is not None else {}),
        "training": {
            "sources": [source, {**source, "left_out": 3, "use": "test"}],
            "method": "logistic",
            "regularisation": 1e-05,
            "temperature": 1.1149683128398704,
            "seed": 17,
            "tool": "model-build 0.1.0",
        },
        "figures": [figure, {**figure, "low": 0, "high": 1, "value": 1e-7}],
    }
    head = HeadManifest.model_validate_json(json.dumps(document)).sealed()
    found = {"head.json": head.model_dump_json(indent=1).encode(), "weights.bin": weights}
    return {**found, "adapters.bin": adapters} if adapters is not None else found
