"""Assemble an artifact, seal it with its manifest, and publish it as a whole."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from transformers import ElectraConfig, PreTrainedTokenizerFast

from model_build.common.atomic import durable_folder
from model_build.common.special_tokens import MASK
from model_build.export.gates import check_budget
from model_build.vocabulary.pruning import ids_of, write_vocabulary
from service.artifact.artifact import (
    MANIFEST,
    MODEL,
    RANKER,
    SCHEMA_VERSION,
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
from service.text.wordpiece import END, PAD, START, UNKNOWN, build_tokenizer

_FIXED_POINT_ROUNDS = 8


@dataclass(frozen=True)
class Contents:
    """The contents of an artifact besides its card.

    Attributes:
        graph: the quantized ONNX file.
        dimension: length of the vectors, or number of a task's classes.
        task: of a task model; None of an encoder.
    """

    name: str
    graph: Path
    tokens: Sequence[str]
    rules: TokenizerRules
    config: ElectraConfig
    dimension: int
    quantization: Mapping[str, ModuleScheme]
    byte_budget: int
    training: Training
    task: TaskRecord | None = None


def assemble(contents: Contents, folder: Path) -> Manifest:
    """Write every file but the card, and a manifest, into an empty folder.

    Raises:
        BudgetError: the device files exceed the budget.
    """
    (folder / MODEL).parent.mkdir(parents=True)
    shutil.copyfile(contents.graph, folder / MODEL)
    write_vocabulary(contents.tokens, folder / VOCABULARY)
    if contents.task is None:
        (folder / RANKER).write_text(ranker_json(default_weights()), encoding="utf-8")
    write_tokenizer(
        contents.tokens,
        contents.rules,
        contents.config.max_position_embeddings,
        folder,
        pairs=contents.config.type_vocab_size > 1,
    )
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
        task=contents.task,
    )
    return seal(folder, manifest)


def seal(folder: Path, manifest: Manifest) -> Manifest:
    """Write the manifest of a folder's files: checksums, revision, device bytes.

    The manifest states a sum that includes its own size; iteration finds it, since only its digits can change.

    Raises:
        BudgetError: the device files exceed the budget.
    """
    files = {
        path.relative_to(folder).as_posix(): FileEntry(
            bytes=path.stat().st_size,
            sha256=file_sha256(path),
            device=path.relative_to(folder).as_posix() in manifest.device_files,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    manifest = manifest.model_copy(update={"files": files, "revision": revision_of(files)})
    others = sum(entry.bytes for entry in files.values() if entry.device)
    for _ in range(_FIXED_POINT_ROUNDS):
        total = others + len(manifest.to_json())
        if total == manifest.device_bytes:
            break
        manifest = manifest.model_copy(update={"device_bytes": total})
    check_budget(manifest.device_bytes, manifest.byte_budget)
    (folder / MANIFEST).write_bytes(manifest.to_json())
    return manifest


def publish(folder: Path, destination: Path) -> None:
    """Copy a verified artifact to its destination, atomically; an older one is replaced as a whole.

    Raises:
        ArtifactError: the folder is not a valid artifact; the destination is unchanged.
    """
    load_artifact(folder)
    with durable_folder(destination) as fresh:
        shutil.copytree(folder, fresh, dirs_exist_ok=True)
        load_artifact(fresh)


@contextmanager
def edited(artifact: Artifact, destination: Path) -> Iterator[Path]:
    """Open a copy of an artifact to change and seal, and publish it; the destination may be the artifact's own folder.

    Raises:
        ArtifactError: the copy is no valid artifact; the destination is unchanged.
    """
    with tempfile.TemporaryDirectory(prefix="artifact-") as scratch:
        copy = Path(scratch) / "artifact"
        shutil.copytree(artifact.folder, copy)
        yield copy
        publish(copy, destination)


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


def write_tokenizer(
    tokens: Sequence[str], rules: TokenizerRules, max_length: int, folder: Path, *, pairs: bool = False
) -> None:
    """Write the tokenizer files of transformers and transformers.js, truncating at `max_length`.

    A model that reads pairs gets segment ids too.
    """
    tokenizer = build_tokenizer(ids_of(tokens), rules)
    tokenizer.enable_truncation(max_length)
    stock = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        unk_token=UNKNOWN,
        pad_token=PAD,
        cls_token=START,
        sep_token=END,
        mask_token=MASK,
        model_max_length=max_length,
        model_input_names=["input_ids", "attention_mask", *(["token_type_ids"] if pairs else [])],
    )
    stock.save_pretrained(folder)
