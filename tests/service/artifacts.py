"""Small but complete artifacts for tests: a table of embeddings, a masked mean, and unit length."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from service.artifact.artifact import (
    MANIFEST,
    MODEL,
    RANKER,
    VOCABULARY,
    Artifact,
    FileEntry,
    Manifest,
    ModelShape,
    ModuleScheme,
    TokenizerRules,
    Training,
    file_sha256,
    load_artifact,
    revision_of,
)
from service.ranking.weights import default_weights, ranker_json

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
WORDS = ("split", "bill", "dinner", "taxi", "ride", "phone", "top", "up", "train", "ticket", "warm", "pay")
PIECES = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *LETTERS, *(f"##{letter}" for letter in LETTERS))
OTHER_VOCABULARY = "".join(f"{piece}\n" for piece in (*PIECES[:-2], PIECES[-1], PIECES[-2])).encode()
DIMENSION = 16
MAX_LENGTH = 16


def build_artifact(folder: Path, *, files: Mapping[str, bytes] | None = None, name: str = "tiny") -> Artifact:
    """Write an artifact and load it; `files` take the place of those it would write."""
    contents = {
        MODEL: graph(),
        VOCABULARY: "".join(f"{piece}\n" for piece in PIECES).encode(),
        RANKER: ranker_json(default_weights()).encode(),
        **(files or {}),
    }
    for path, content in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    write_manifest(folder, list(contents), name=name)
    return load_artifact(folder)


def write_manifest(folder: Path, paths: list[str], *, name: str = "tiny") -> None:
    entries = {
        path: FileEntry(bytes=(folder / path).stat().st_size, sha256=file_sha256(folder / path), device=True)
        for path in paths
    }
    manifest = manifest_of(entries, name=name)
    (folder / MANIFEST).write_text(json.dumps(manifest.model_dump(mode="json")))


def manifest_of(entries: Mapping[str, FileEntry], *, name: str = "tiny", dimension: int = DIMENSION) -> Manifest:
    return Manifest(
        schema_version=1,
        name=name,
        revision=revision_of(entries),
        model=ModelShape(
            layers=0,
            hidden_size=dimension,
            embedding_size=dimension,
            intermediate_size=0,
            attention_heads=0,
            vocabulary_size=len(PIECES),
            dimension=dimension,
            max_length=MAX_LENGTH,
        ),
        tokenizer=TokenizerRules(lowercase=True, strip_accents=True, version=2),
        quantization={"embeddings": ModuleScheme(scheme="float32", parameters=0, bytes=0)},
        byte_budget=1_910_000,
        device_bytes=sum(entry.bytes for entry in entries.values()),
        files=entries,
        training=Training(teacher="none", teacher_sha256="0" * 64, objective="none", seed=0, tool="tests", sources=()),
    )


def graph(
    *, dimension: int = DIMENSION, second_input: str = "attention_mask", normalize: bool = True, seed: int = 7
) -> bytes:
    """The bytes of a graph: embeddings by piece, their mean over the mask, brought to unit length."""
    table = np.random.default_rng(seed).standard_normal((len(PIECES), dimension)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["pieces"]),
        helper.make_node("Cast", [second_input], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide_mask"]),
        helper.make_node("Mul", ["pieces", "wide_mask"], ["masked"]),
        helper.make_node("ReduceSum", ["masked", "middle"], ["sum"], keepdims=0),
        helper.make_node("ReduceL2", ["sum", "middle"], ["length"], keepdims=1),
        helper.make_node("Div", ["sum", "length" if normalize else "two"], ["embedding"]),
    ]
    shape = ["batch", "sequence"]
    built = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("input_ids", second_input)],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", dimension])],
        [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(np.array([2], dtype=np.int64), "last"),
            numpy_helper.from_array(np.array([1], dtype=np.int64), "middle"),
            numpy_helper.from_array(np.array([2], dtype=np.float32), "two"),
        ],
    )
    model = helper.make_model(built, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
