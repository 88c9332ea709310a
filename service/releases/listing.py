"""The answer of `GET /v1/model/`: the releases, as services write them and devices read them.

Devices ignore unknown fields, which later versions may add. On the wire, a canary is called `candidate`.
"""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from service.artifact.artifact import MOST_FILES, Count, Inside, Sha256, check_apart
from service.files.printable import Label
from service.releases.bucketing import takes_canary

LISTING_VERSION = 1
MOST_RELEASE_BYTES = 256 * 1024 * 1024
_MOST_DELTAS, _MOST_REVOKED = 64, 10_000
_Bytes = Annotated[int, Field(ge=0, le=MOST_RELEASE_BYTES)]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)


class ReleasedFile(_Wire):
    """A file of a release; `device`: a device needs it at run time."""

    path: Inside
    bytes: _Bytes
    sha256: Sha256
    device: bool


class OfferedDelta(_Wire):
    """What makes the device files of a revision of those of another one."""

    source: Sha256 = Field(alias="from")
    bytes: _Bytes
    sha256: Sha256


class Release(_Wire):
    """A revision that devices may take; `schema_version` is its manifest's."""

    schema_version: int
    name: Label
    revision: Sha256
    device_bytes: Count
    files: Annotated[tuple[ReleasedFile, ...], Field(max_length=MOST_FILES + 1)]
    deltas: Annotated[tuple[OfferedDelta, ...], Field(max_length=_MOST_DELTAS)] = ()

    @model_validator(mode="after")
    def _check_files(self) -> Self:
        check_apart([file.path for file in self.files])
        if sum(file.bytes for file in self.files) > MOST_RELEASE_BYTES:
            raise ValueError(f"it is larger than {MOST_RELEASE_BYTES} bytes")
        return self


class Candidate(Release):
    """A release for a share of the devices."""

    percent: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
    salt: Annotated[str, StringConstraints(max_length=128)]


class Listing(_Wire):
    """All that is released, and the revisions that no device is to keep."""

    schema_version: int = LISTING_VERSION
    current: Release | None
    candidate: Candidate | None
    revoked: Annotated[tuple[Sha256, ...], Field(max_length=_MOST_REVOKED)] = ()

    def release_for(self, device_id: str) -> Release | None:
        """The release for a device, if there is one."""
        candidate = self.candidate
        if candidate is not None and takes_canary(candidate.salt, device_id, candidate.percent):
            return candidate
        return self.current
