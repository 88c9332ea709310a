"""Small but complete artifacts for tests: a table of embeddings, a masked mean, and unit length."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

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
    TaskRecord,
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


def build_artifact(
    folder: Path, *, files: Mapping[str, bytes] | None = None, name: str = "tiny", task: TaskRecord | None = None
) -> Artifact:
    """Write an artifact and load it; `files` take the place of those it would write."""
    contents = {
        MODEL: graph() if task is None else task_graph(task.outputs, pairs=task.kind == "pair"),
        VOCABULARY: "".join(f"{piece}\n" for piece in PIECES).encode(),
        **({RANKER: ranker_json(default_weights()).encode()} if task is None else {}),
        **(files or {}),
    }
    for path, content in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    write_manifest(folder, list(contents), name=name, task=task)
    return load_artifact(folder)


def write_manifest(folder: Path, paths: list[str], *, name: str = "tiny", task: TaskRecord | None = None) -> None:
    entries = {
        path: FileEntry(bytes=(folder / path).stat().st_size, sha256=file_sha256(folder / path), device=True)
        for path in paths
    }
    manifest = manifest_of(entries, name=name, dimension=task.outputs if task else DIMENSION, task=task)
    (folder / MANIFEST).write_bytes(manifest.to_json())


def manifest_of(
    entries: Mapping[str, FileEntry],
    *,
    name: str = "tiny",
    dimension: int = DIMENSION,
    task: TaskRecord | None = None,
) -> Manifest:
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
        task=task,
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
    tensors = {
        "table": table,
        "last": np.array([2], dtype=np.int64),
        "middle": np.array([1], dtype=np.int64),
        "two": np.array([2], dtype=np.float32),
    }
    return _model(nodes, ("input_ids", second_input), ("embedding", dimension), tensors)


def layered_graph(seed: int = 11) -> bytes:
    """The bytes of a graph with linear layers: a table, `LAYERS` with tanh between, a masked mean, and unit length.

    The first layer's weights are computed of int8 codes; a gate, which is no layer, is multiplied by a vector.
    """
    table, codes, second, gate = layer_weights(seed)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["pieces"]),
        helper.make_node("Cast", ["codes"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["floats", "scale"], ["first"]),
        helper.make_node("MatMul", ["pieces", "first"], ["hidden"]),
        helper.make_node("Tanh", ["hidden"], ["tanh"]),
        helper.make_node("MatMul", ["tanh", "gate"], ["gates"]),
        helper.make_node("Sigmoid", ["gates"], ["open"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["open", "mask"], ["weights"]),
        helper.make_node("Unsqueeze", ["weights", "last"], ["wide"]),
        helper.make_node("Mul", ["tanh", "wide"], ["masked"]),
        helper.make_node("ReduceSum", ["masked", "middle"], ["sum"], keepdims=0),
        helper.make_node("MatMul", ["sum", "second"], ["out"]),
        helper.make_node("ReduceL2", ["out", "middle"], ["length"], keepdims=1),
        helper.make_node("Div", ["out", "length"], ["embedding"]),
    ]
    tensors = {
        "table": table,
        "codes": codes,
        "second": second,
        "gate": gate,
        "scale": np.float32(SCALE),
        "last": np.array([2]),
        "middle": np.array([1]),
    }
    return _model(nodes, ("input_ids", "attention_mask"), ("embedding", DIMENSION), tensors)


LAYERS = ((DIMENSION, 24), (24, DIMENSION))
SCALE = 0.01


def layer_weights(seed: int = 11) -> tuple[Any, Any, Any, Any]:
    """The table, the int8 codes of the first layer, the matrix of the second, and the gate of `layered_graph`."""
    rng = np.random.default_rng(seed)
    table = rng.standard_normal((len(PIECES), DIMENSION)).astype(np.float32)
    codes = rng.integers(-127, 128, LAYERS[0]).astype(np.int8)
    return table, codes, rng.standard_normal(LAYERS[1]).astype(np.float32), rng.standard_normal(24).astype(np.float32)


def task_graph(classes: int, *, pairs: bool = False) -> bytes:
    """The bytes of a task model's graph: the sum of the pieces' logits, those of second texts doubled and negated."""
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["pieces"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["token_type_ids" if pairs else "attention_mask"], ["segments"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["segments", "factor"], ["subtracted"]),
        helper.make_node("Sub", ["mask", "subtracted"], ["weights"]),
        helper.make_node("Unsqueeze", ["weights", "last"], ["wide"]),
        helper.make_node("Mul", ["pieces", "wide"], ["weighed"]),
        helper.make_node("ReduceSum", ["weighed", "middle"], ["logits"], keepdims=0),
    ]
    tensors = {
        "table": task_table(classes),
        "factor": np.float32(3 if pairs else 0),
        "last": np.array([2]),
        "middle": np.array([1]),
    }
    inputs = ("input_ids", "attention_mask", *(["token_type_ids"] if pairs else []))
    return _model(nodes, inputs, ("logits", classes), tensors)


def task_table(classes: int) -> Any:
    """The logits of each piece in `task_graph`."""
    return np.random.default_rng(13).standard_normal((len(PIECES), classes)).astype(np.float32) / 4


def _model(
    nodes: Sequence[NodeProto], inputs: Sequence[str], output: tuple[str, int], tensors: Mapping[str, Any]
) -> bytes:
    built = helper.make_graph(
        list(nodes),
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"]) for name in inputs],
        [helper.make_tensor_value_info(output[0], TensorProto.FLOAT, ["batch", output[1]])],
        [numpy_helper.from_array(np.asarray(one), name) for name, one in tensors.items()],
    )
    model = helper.make_model(built, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
