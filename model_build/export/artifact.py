"""Putting an artifact together, and publishing it whole or not at all."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from transformers import ElectraConfig, PreTrainedTokenizerFast

from model_build.common.atomic import durable_folder
from model_build.common.errors import BudgetError
from model_build.common.special_tokens import MASK
from model_build.vocabulary import pruning as pieces_of
from service.artifact.artifact import (
    DEVICE_FILES,
    MANIFEST,
    MODEL,
    RANKER,
    SCHEMA_VERSION,
    VOCABULARY,
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
from service.text.wordpiece import END, PAD, START, UNKNOWN, build_tokenizer

_FIXED_POINT_ROUNDS = 8


@dataclass(frozen=True)
class Contents:
    """What goes into an artifact besides its card.

    Attributes:
        name: the model's name.
        graph: the quantized ONNX file.
        pieces: the vocabulary.
        rules: how texts are normalised.
        config: the student's shape.
        dimension: length of its vectors.
        quantization: scheme and bytes by module.
        byte_budget: most bytes that the device files may take.
        training: where the model came from.
    """

    name: str
    graph: Path
    pieces: Sequence[str]
    rules: TokenizerRules
    config: ElectraConfig
    dimension: int
    quantization: Mapping[str, ModuleScheme]
    byte_budget: int
    training: Training


def assemble(contents: Contents, folder: Path) -> Manifest:
    """Write every file but the card, and a manifest, into an empty folder.

    Raises:
        BudgetError: the device files take more than the budget.
    """
    (folder / MODEL).parent.mkdir(parents=True)
    shutil.copyfile(contents.graph, folder / MODEL)
    pieces_of.write_vocabulary(contents.pieces, folder / VOCABULARY)
    (folder / RANKER).write_text(ranker_json(default_weights()), encoding="utf-8")
    write_tokenizer(contents.pieces, contents.rules, contents.config.max_position_embeddings, folder)
    contents.config.save_pretrained(folder)
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        name=contents.name,
        revision="",
        model=_shape(contents.config, contents.dimension),
        tokenizer=contents.rules,
        quantization=dict(contents.quantization),
        byte_budget=contents.byte_budget,
        device_bytes=0,
        files={},
        training=contents.training,
    )
    return seal(folder, manifest)


def seal(folder: Path, manifest: Manifest) -> Manifest:
    """Write the manifest of the files that are there: their checksums, the revision, the device bytes.

    The manifest states a sum that it is part of; the sum is found by repetition, since only its digits can change.

    Raises:
        BudgetError: the device files take more than the budget.
    """
    files = {
        path.relative_to(folder).as_posix(): FileEntry(
            bytes=path.stat().st_size,
            sha256=file_sha256(path),
            device=path.relative_to(folder).as_posix() in DEVICE_FILES,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    manifest = manifest.model_copy(update={"files": files, "revision": revision_of(files)})
    others = sum(entry.bytes for entry in files.values() if entry.device)
    for _ in range(_FIXED_POINT_ROUNDS):
        total = others + len(_manifest_json(manifest))
        if total == manifest.device_bytes:
            break
        manifest = manifest.model_copy(update={"device_bytes": total})
    check_budget(manifest.device_bytes, manifest.byte_budget)
    (folder / MANIFEST).write_bytes(_manifest_json(manifest))
    return manifest


def check_budget(device_bytes: int, budget: int) -> None:
    """Refuse what does not fit.

    Raises:
        BudgetError: it does not.
    """
    if device_bytes > budget:
        over = device_bytes - budget
        raise BudgetError(
            f"the device files take {device_bytes:,} bytes, {over:,} over gates.byte_budget ({budget:,}); "
            "lower vocabulary.size or the student's shape"
        )


def publish(folder: Path, destination: Path) -> None:
    """Copy a verified artifact to its place: written aside, flushed to disk, renamed.

    An older one there is replaced whole.

    Raises:
        ArtifactError: the folder is not a valid artifact; the destination stays as it was.
    """
    load_artifact(folder)
    with durable_folder(destination) as fresh:
        shutil.copytree(folder, fresh, dirs_exist_ok=True)
        load_artifact(fresh)


def _shape(config: ElectraConfig, dimension: int) -> ModelShape:
    return ModelShape(
        layers=config.num_hidden_layers,
        hidden_size=config.hidden_size,
        embedding_size=config.embedding_size,
        intermediate_size=config.intermediate_size,
        attention_heads=config.num_attention_heads,
        vocabulary_size=config.vocab_size,
        dimension=dimension,
        max_length=config.max_position_embeddings,
    )


def write_tokenizer(pieces: Sequence[str], rules: TokenizerRules, max_length: int, folder: Path) -> None:
    """Write what transformers, transformers.js and others read; the tokenizer reads no more than the model."""
    tokenizer = build_tokenizer({piece: place for place, piece in enumerate(pieces)}, rules)
    tokenizer.enable_truncation(max_length)
    stock = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        unk_token=UNKNOWN,
        pad_token=PAD,
        cls_token=START,
        sep_token=END,
        mask_token=MASK,
        model_max_length=max_length,
        model_input_names=["input_ids", "attention_mask"],
    )
    stock.save_pretrained(folder)


def _manifest_json(manifest: Manifest) -> bytes:
    return (manifest.model_dump_json(indent=1) + "\n").encode()
