"""What `GET /v1/model/` says: the releases, as the service writes them and a device reads them.

What a device does not know of it may have been added later: it is ignored.
"""

from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from service.updates.draw import takes_candidate

LISTING_VERSION = 1


def _relative(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path or "\0" in path:
        raise ValueError("must lie inside the artifact")
    return path


Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Inside = Annotated[str, AfterValidator(_relative)]
Count = Annotated[int, Field(ge=0)]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)


class ReleasedFile(_Told):
    """A file of a release; `device`: a device needs it at run time."""

    path: Inside
    bytes: Count
    sha256: Sha256
    device: bool


class OfferedDelta(_Told):
    """What makes the device files of a revision of those of another one."""

    source: Sha256 = Field(alias="from")
    bytes: Count
    sha256: Sha256


class Release(_Told):
    """A revision that devices may take; `schema_version` is its manifest's."""

    schema_version: int
    name: str
    revision: Sha256
    device_bytes: int
    files: tuple[ReleasedFile, ...]
    deltas: tuple[OfferedDelta, ...] = ()


class Candidate(Release):
    """A release for a share of the devices; see `service.updates.draw`."""

    percent: float
    salt: str


class Listing(_Told):
    """All that is released, and the revisions that no device is to keep."""

    schema_version: int = LISTING_VERSION
    current: Release | None
    candidate: Candidate | None
    revoked: tuple[Sha256, ...] = ()

    def release_for(self, device_id: str) -> Release | None:
        """What a device should have, if anything is released."""
        candidate = self.candidate
        if candidate is not None and takes_candidate(candidate.salt, device_id, candidate.percent):
            return candidate
        return self.current
