"""`head.json`: a head's classes, its backbone, and its origin."""

import hashlib
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from service.artifact.artifact import Manifest, label_of
from service.heads.adapters import SCHEME as ADAPTER_SCHEME
from service.heads.adapters import Scheme as AdapterScheme
from service.heads.weights import SCHEME, Scheme
from service.user_error import UserError

MOST_CLASSES = 1000
LONGEST_LABEL = 128
MOST_ADAPTER_BYTES = 64 * 1024 * 1024
Kind = Literal["text", "pair"]
HeadName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
# Labels are shown: no control characters.
Label = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LABEL, pattern=r"^[^\x00-\x1f\x7f]+$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class HeadError(UserError):
    """The folder is not a head that may be served."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Backbone(_Record):
    """The model that the head was fitted to; it works with the vectors of that model's encoder only."""

    name: str
    revision: Sha256
    encoder_revision: Sha256 | None = Field(
        default=None, description="none: the head was released before heads knew it, and belongs to that revision alone"
    )
    dimension: int = Field(ge=1, le=4096, description="length of a vector")

    @property
    def label(self) -> str:
        """Name and abbreviated revision."""
        return label_of(self.name, self.revision)

    def has_vectors_of(self, model: Manifest) -> bool:
        """Whether a model has the same encoder."""
        if self.encoder_revision is None:
            return self.revision == model.revision
        return self.encoder_revision == model.encoder_revision


class WeightsFile(_Record):
    """`weights.bin`."""

    scheme: Scheme = SCHEME
    bytes: Count
    sha256: Sha256


class AdaptersFile(_Record):
    """`adapters.bin` of a pack."""

    rank: int = Field(ge=1, le=64)
    scheme: AdapterScheme = ADAPTER_SCHEME
    bytes: int = Field(ge=1, le=MOST_ADAPTER_BYTES)
    sha256: Sha256


class HeadSource(_Record):
    """A file of examples, and its use."""

    use: Literal["train", "dev", "test"]
    file: str
    rows: Count
    left_out: Annotated[Count, Field(description="rows not trained on, because dev or test has the same")] = 0
    sha256: Sha256


class HeadTraining(_Record):
    """How the head was trained."""

    sources: tuple[HeadSource, ...]
    method: str
    regularisation: float | None = Field(
        default=None, gt=0, description="C, the inverse strength of the L2 penalty; none where there was none"
    )
    chosen_by: str | None = None
    temperature: float = Field(gt=0, description="what logits were divided by; the weights have it in them")
    seed: int
    tool: str


class HeadFigure(_Record):
    """A figure of the head as it is, rounded."""

    split: str
    metric: str
    value: Share
    low: Annotated[Share | None, Field(description="lower end of the 95 % bootstrap interval, if there is one")] = None
    high: Share | None = None
    examples: Count


class HeadManifest(_Record):
    """`head.json`."""

    schema_version: Literal[1]
    name: HeadName
    revision: str = Field(description="SHA-256 of this document without its revision; the weights' is part of it")
    kind: Kind
    backbone: Backbone
    classes: tuple[Label, ...] = Field(min_length=2, max_length=MOST_CLASSES, description="in the order of the rows")
    weights: WeightsFile
    adapters: AdaptersFile | None = Field(
        default=None,
        exclude_if=lambda adapters: adapters is None,
        description="of a pack, whose vectors are those of the model with them; none, and left out: the model's own",
    )
    training: HeadTraining
    figures: tuple[HeadFigure, ...] = ()

    @model_validator(mode="after")
    def _check_classes(self) -> Self:
        if len(set(self.classes)) < len(self.classes):
            raise ValueError("two classes have the same label")
        return self

    @property
    def width(self) -> int:
        """Number of features."""
        return width_of(self.kind, self.backbone.dimension)

    @property
    def label(self) -> str:
        """Name and abbreviated revision."""
        return label_of(self.name, self.revision)

    def sealed(self) -> Self:
        """The manifest with its revision filled in."""
        return self.model_copy(update={"revision": self.expected_revision()})

    def expected_revision(self) -> str:
        """Compute the revision."""
        unsealed = self.model_copy(update={"revision": ""})
        # Heads that were released before the field existed were hashed without it.
        absent = None if self.backbone.encoder_revision else {"backbone": {"encoder_revision"}}
        return hashlib.sha256(unsealed.model_dump_json(exclude=absent).encode()).hexdigest()


def width_of(kind: Kind, dimension: int) -> int:
    """Number of features of a head of a kind, given the length of vectors."""
    return dimension if kind == "text" else 2 * dimension
