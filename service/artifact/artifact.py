"""The released model: a folder in the Hugging Face layout, with the checksums of its files in a manifest.

    manifest.json            this module's `Manifest`
    onnx/model_int8.onnx     input_ids, attention_mask -> embedding [batch, dimension], L2-normalised; of a task model,
                             with token_type_ids for pairs, -> logits [batch, classes], calibrated
    vocab.txt                WordPiece vocabulary, a token a line; the line number is the id
    ranker.json              weights of the ranking signals; none in a task model
    tokenizer.json, tokenizer_config.json, config.json    for stock loaders; the service does not read them
    README.md                model card
    LICENSE.md               licence of the weights, if restricted

A device needs the manifest, the ONNX graph, the vocabulary and the ranker at run time (`Manifest.device_bytes`). A
folder with a missing or altered file is refused with an `ArtifactError`.
"""

import hashlib
import json
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from service.files.printable import Label, Line
from service.files.regular import explained, open_file, read_file
from service.user_error import UserError

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
MODEL = "onnx/model_int8.onnx"
VOCABULARY = "vocab.txt"
RANKER = "ranker.json"
CARD = "README.md"
LICENCE = "LICENSE.md"
DEVICE_FILES = (MODEL, VOCABULARY, RANKER)
ENCODER_FILES = (MODEL, VOCABULARY)
MOST_FILES = 256
MOST_MANIFEST_BYTES = 1024 * 1024
MOST_FILE_BYTES = 512 * 1024 * 1024
_MOST_VOCABULARY_BYTES = 16 * 1024 * 1024
MOST_RANKER_BYTES = 1024 * 1024
_MOST_BYTES = {VOCABULARY: _MOST_VOCABULARY_BYTES, RANKER: MOST_RANKER_BYTES}
_REVISION_CHARS = 12
_is_path = re.compile(r"[A-Za-z0-9._+@-]{1,100}(/[A-Za-z0-9._+@-]{1,100}){0,7}").fullmatch


def _inside(path: str) -> str:
    """Check a relative path, portable to every system."""
    if not _is_path(path) or not {".", ".."}.isdisjoint(path.split("/")):
        raise ValueError("must lie inside the artifact, in letters, digits and . _ + @ -")
    return path


def check_apart(paths: Collection[str]) -> None:
    """Check that paths are of different files, also on systems that ignore case.

    Raises:
        ValueError: two are the same, or one is a folder of another.
    """
    names = {path.lower() for path in paths}
    if len(names) < len(paths):
        raise ValueError("two files have the same name")
    if any(folder.as_posix() in names for name in names for folder in PurePosixPath(name).parents):
        raise ValueError("a file is named like a folder of another")


def _apart(files: Mapping[str, "FileEntry"]) -> Mapping[str, "FileEntry"]:
    check_apart(files.keys())
    return files


Inside = Annotated[str, AfterValidator(_inside)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=2**53)]
Size = Annotated[int, Field(ge=0, le=1_000_000)]
Finite = Annotated[float, Field(allow_inf_nan=False)]

FolderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
"""The name of an artifact's folder inside a known folder."""


class ArtifactError(UserError):
    """The folder is not an artifact that may be served."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileEntry(_Record):
    """A file: its size and checksum, and whether devices need it at run time."""

    bytes: Annotated[int, Field(ge=0, le=MOST_FILE_BYTES)]
    sha256: Sha256
    device: bool


class ModelShape(_Record):
    """The student's shape."""

    layers: Size
    hidden_size: Size
    embedding_size: Size
    intermediate_size: Size
    attention_heads: Size
    vocabulary_size: Size
    dimension: int = Field(ge=1, le=4096, description="length of an output vector")
    max_length: int = Field(ge=3, le=2048, description="most pieces of a text that are read, [CLS] and [SEP] included")


class TokenizerRules(_Record):
    """How a text is split before the vocabulary applies."""

    lowercase: bool
    strip_accents: bool
    version: Literal[1, 2] = Field(
        default=1,
        description="1: BERT's basic tokenizer; 2: before it, controls are blank, symbols stand apart (or, where they "
        "are no pieces, are blank), and compatibility forms such as full-width letters or circled digits are resolved",
    )


class ModuleScheme(_Record):
    """How one module is quantized, and the bytes that its weights take in the graph."""

    scheme: Line
    parameters: Count
    bytes: Count


class TrainingSource(_Record):
    """A text file that trained the model."""

    name: Line
    texts: Count
    sha256: Line
    licence: Line


class TrainingCompanion(_Record):
    """A further teacher; `identity` has the checksums of its files."""

    model: Line
    weight: Finite
    identity: Line


class Training(_Record):
    """Where the model came from."""

    teacher: Line
    teacher_sha256: Line
    companions: tuple[TrainingCompanion, ...] = ()
    objective: Line
    start: Line | None = Field(
        default=None, description="the revision that training started with, and how that was made"
    )
    seed: int
    tool: Line
    sources: tuple[TrainingSource, ...]


class Figure(_Record):
    """One measured quality figure."""

    task: Line
    metric: Line
    value: Finite
    split: Line
    examples: Count


class GradeRange(_Record):
    """The least and the greatest grade that a task model learned from; it may give others."""

    low: Finite
    high: Finite


class TaskRecord(_Record):
    """What a task model says about a text or a pair: one of several classes, or a grade."""

    kind: Literal["text", "pair"]
    classes: tuple[Line, ...] = Field(default=(), max_length=1000, description="in the order of the logits")
    grades: GradeRange | None = Field(
        default=None,
        exclude_if=lambda grades: grades is None,
        description="of a model whose only output is a grade; none, and left out: it has classes",
    )

    @model_validator(mode="after")
    def _check_outputs(self) -> Self:
        if self.grades is None and len(self.classes) < 2:
            raise ValueError("a task has two classes or more, or grades")
        if self.grades is not None and self.classes:
            raise ValueError("a task has classes or grades, not both")
        return self

    @property
    def outputs(self) -> int:
        """Number of outputs of the graph."""
        return 1 if self.grades else len(self.classes)


class Manifest(_Record):
    """`manifest.json`."""

    schema_version: Literal[1]
    name: Label
    revision: str = Field(
        max_length=64, description="SHA-256 over the other files' names and checksums; see `revision_of`"
    )
    model: ModelShape
    tokenizer: TokenizerRules
    quantization: Mapping[Line, ModuleScheme]
    byte_budget: Count
    device_bytes: Count = Field(description="the manifest itself included")
    files: Annotated[Mapping[Inside, FileEntry], AfterValidator(_apart), Field(max_length=MOST_FILES)]
    quality: tuple[Figure, ...] = ()
    training: Training
    task: TaskRecord | None = Field(
        default=None, description="of a task model, whose graph gives logits; none: an encoder, which gives vectors"
    )

    @property
    def device_files(self) -> tuple[str, ...]:
        """The files, beside the manifest, that a device needs at run time."""
        return ENCODER_FILES if self.task else DEVICE_FILES

    def to_json(self) -> bytes:
        """The document; a section that an encoder has not is left out."""
        absent = None if self.task else {"task"}
        return (self.model_dump_json(indent=1, exclude=absent) + "\n").encode()

    @property
    def encoder_revision(self) -> str:
        """Identifies the encoder: releases that differ in the ranker or the card alone have the same.

        SHA-256 over `name NUL sha256 LF` of `ENCODER_FILES`, sorted by name, and a line of compact JSON with sorted
        keys: the tokenizer's rules and the maximum length.
        """
        files = {name: entry for name, entry in self.files.items() if name in ENCODER_FILES}
        # Rules with default values are left out, so that new rules do not change the revisions of released models.
        rules = {**self.tokenizer.model_dump(exclude_defaults=True), "max_length": self.model.max_length}
        line = json.dumps(rules, sort_keys=True, separators=(",", ":")) + "\n"
        return hashlib.sha256(_lines(files) + line.encode()).hexdigest()


@dataclass(frozen=True)
class Artifact:
    """A verified artifact."""

    folder: Path
    manifest: Manifest

    @property
    def model_path(self) -> Path:
        """The ONNX graph."""
        return self.folder / MODEL

    @property
    def vocabulary_path(self) -> Path:
        """The vocabulary."""
        return self.folder / VOCABULARY

    @property
    def ranker_path(self) -> Path:
        """The ranker's weights."""
        return self.folder / RANKER

    def check_embeds(self) -> None:
        """Refuse a task model where one that embeds and ranks is needed.

        Raises:
            ArtifactError: it is a task model.
        """
        if self.manifest.task is not None:
            raise ArtifactError(
                f"{self.folder} is a task model, which only classifies; put it into the folder of EDGE_RANK_HEADS"
            )


def file_sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's contents."""
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def revision_of(files: Mapping[str, FileEntry]) -> str:
    """The artifact's revision: SHA-256 over `name NUL sha256 LF` of its files, sorted by name."""
    return hashlib.sha256(_lines(files)).hexdigest()


def label_of(name: str, revision: str) -> str:
    """The label of a model or a head: its name and the beginning of its revision."""
    return f"{name}@{revision[:_REVISION_CHARS]}"


def load_artifact(folder: Path) -> Artifact:
    """Read and verify an artifact.

    Raises:
        ArtifactError: a file is missing or altered, or the manifest is not valid.
    """
    with explained(folder / MANIFEST, ArtifactError):
        try:
            manifest = Manifest.model_validate_json(read_file(folder / MANIFEST, most=MOST_MANIFEST_BYTES))
        except FileNotFoundError:
            raise ArtifactError(f"{folder} is not an artifact: it has no {MANIFEST}") from None
    if MANIFEST in manifest.files:
        raise ArtifactError(f"{folder / MANIFEST} is not valid: it lists itself")
    _verify(folder, manifest)
    return Artifact(folder=folder, manifest=manifest)


def _verify(folder: Path, manifest: Manifest) -> None:
    for name in manifest.device_files:
        if name not in manifest.files:
            raise ArtifactError(f"{folder / MANIFEST} is not valid: it does not list {name}")
    for name, entry in manifest.files.items():
        if entry.bytes > _MOST_BYTES.get(name, MOST_FILE_BYTES):
            raise ArtifactError(f"{folder / MANIFEST} is not valid: {name} is larger than {_MOST_BYTES[name]} bytes")
        _verify_file(folder, name, entry)
    if revision_of(manifest.files) != manifest.revision:
        raise ArtifactError(f"{folder / MANIFEST} is not valid: its revision does not match its files")


def _verify_file(folder: Path, name: str, entry: FileEntry) -> None:
    path = folder / name
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise ArtifactError(f"{folder / MANIFEST} is not valid: {name} lies outside the artifact")
    with explained(path, ArtifactError):
        try:
            intact = path.stat().st_size == entry.bytes and file_sha256(path) == entry.sha256
        except (FileNotFoundError, NotADirectoryError):
            raise ArtifactError(f"{folder} is incomplete: {name} is missing") from None
    if not intact:
        raise ArtifactError(f"{path} does not match its checksum in {MANIFEST}")


def _lines(files: Mapping[str, FileEntry]) -> bytes:
    return b"".join(f"{name}\0{files[name].sha256}\n".encode() for name in sorted(files))
