"""The answer of `GET /v1/model/`: the releases, as services write them and devices read them.

Devices ignore unknown fields, which later versions may add. On the wire, a canary is called `candidate`.
"""

from collections.abc import Sequence
from typing import Annotated, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from service.artifact.artifact import MOST_FILES, Count, Inside, Sha256, check_apart, label_of
from service.files.printable import Label
from service.heads.classifier import ClassifierType
from service.heads.manifest import HeadName
from service.releases.bucketing import takes_canary

LISTING_VERSION = 1
MOST_RELEASE_BYTES = 256 * 1024 * 1024
ALL_HEADS, NO_HEADS = "all", "none"
"""Devices may ask for these instead of names."""
_MOST_DELTAS, _MOST_REVOKED, _MOST_HEADS = 64, 10_000, 256
_Bytes = Annotated[int, Field(ge=0, le=MOST_RELEASE_BYTES)]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)


class ReleasedFile(_Wire):
    """A file of a release; `device`: a device needs it at run time."""

    path: Inside
    bytes: _Bytes
    sha256: Sha256
    device: bool


def _checked(files: Sequence[ReleasedFile]) -> Sequence[ReleasedFile]:
    """Check the files of a release.

    Raises:
        ValueError: two are the same on some system, or together they are too large.
    """
    check_apart([file.path for file in files])
    if sum(file.bytes for file in files) > MOST_RELEASE_BYTES:
        raise ValueError(f"it is larger than {MOST_RELEASE_BYTES} bytes")
    return files


ReleasedFiles = Annotated[tuple[ReleasedFile, ...], Field(max_length=MOST_FILES + 1), AfterValidator(_checked)]


class OfferedDelta(_Wire):
    """What makes the device files of a revision of those of another one."""

    source: Sha256 = Field(alias="from")
    bytes: _Bytes
    sha256: Sha256


class Release(_Wire):
    """A revision that devices may take; `schema_version` is its manifest's.

    Services from before heads were released do not say the `encoder_revision`.
    """

    schema_version: int
    name: Label
    revision: Sha256
    encoder_revision: Sha256 | None = None
    device_bytes: Count
    files: ReleasedFiles
    deltas: Annotated[tuple[OfferedDelta, ...], Field(max_length=_MOST_DELTAS)] = ()

    @property
    def label(self) -> str:
        """Name and abbreviated revision."""
        return label_of(self.name, self.revision)


class Candidate(Release):
    """A release for a share of the devices."""

    percent: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
    salt: Annotated[str, StringConstraints(max_length=128)]


class HeadBackbone(_Wire):
    """The model that a head or a pack belongs to; without `encoder_revision`, to that one revision alone."""

    revision: Sha256
    encoder_revision: Sha256 | None = None


class ReleasedHead(_Wire):
    """A head, a pack or a task model, which devices take beside a model if asked to.

    `schema_version` is its manifest's, `classes` their number: 0 of a task model that gives grades. A task model has no
    `backbone`. Later versions may add types; devices ignore those that they do not know.
    """

    type: Label
    schema_version: int
    name: HeadName
    revision: Sha256
    backbone: HeadBackbone | None
    classes: Count
    files: ReleasedFiles

    @property
    def label(self) -> str:
        """Name and abbreviated revision."""
        return label_of(self.name, self.revision)

    @property
    def bytes(self) -> int:
        """Of all files."""
        return sum(file.bytes for file in self.files)

    @property
    def is_known(self) -> bool:
        """Whether this program knows its type."""
        return self.type in get_args(ClassifierType)

    def fits(self, release: Release) -> bool:
        """Whether it works with a model."""
        if self.backbone is None:
            return True
        if self.backbone.encoder_revision is None:
            return self.backbone.revision == release.revision
        return self.backbone.encoder_revision == release.encoder_revision


class Listing(_Wire):
    """All that is released, and the revisions that no device is to keep.

    `heads` are left out by a service that releases none of them: what devices have stays.
    """

    schema_version: int = LISTING_VERSION
    current: Release | None
    candidate: Candidate | None
    heads: Annotated[tuple[ReleasedHead, ...], Field(max_length=_MOST_HEADS)] | None = Field(
        default=None, exclude_if=lambda heads: heads is None
    )
    revoked: Annotated[tuple[Sha256, ...], Field(max_length=_MOST_REVOKED)] = ()

    def release_for(self, device_id: str) -> Release | None:
        """The release for a device, if there is one."""
        candidate = self.candidate
        if candidate is not None and takes_canary(candidate.salt, device_id, candidate.percent):
            return candidate
        return self.current
