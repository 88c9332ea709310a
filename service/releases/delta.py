"""A delta, which turns the device files of one revision into those of another.

`docs/reference/device-updates.md` specifies its bytes.

Applying it takes raw deflate and a loop, which browsers have.
"""

import hashlib
import struct
import zlib
from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.artifact.artifact import MOST_FILES, Count, Inside, Sha256
from service.releases.patch import STEP_BYTES, PatchError, apply_patch, make_patch

DELTA_VERSION = 1
_MAGIC = b"ERDL"
_HEADER = struct.Struct("<4sII")  # magic, version, bytes of the index
_LEAST_STEP = 4  # bsdiff begins a step where at least eight bytes fit better
_LARGEST_PATCHED = 16 * 1024 * 1024  # larger files are sent whole: making a patch takes memory in proportion


class DeltaError(Exception):
    """The bytes are not a delta of these files; the message says why."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)


class DeltaFile(_Record):
    """How one file is made; `bytes` and `sha256` are of the result, `packed` is the size of its section."""

    path: Inside
    kind: Literal["same", "whole", "patch"]
    bytes: Count
    sha256: Sha256
    packed: Count
    steps: Count


class DeltaIndex(_Record):
    """The revisions of a delta, and its files in the order of their sections."""

    source: Annotated[Sha256, Field(alias="from")]
    target: Annotated[Sha256, Field(alias="to")]
    files: Annotated[tuple[DeltaFile, ...], Field(max_length=MOST_FILES + 1)]


def make_delta(source: str, old: Mapping[str, bytes], target: str, new: Mapping[str, bytes]) -> bytes:
    """Make the delta from the files `old` to the files `new`, by path; `source` and `target` are their revisions."""
    files, sections = [], []
    for path, content in new.items():
        kind, section, steps = _packed(old.get(path), content)
        sections.append(section)
        files.append(
            DeltaFile(
                path=path,
                kind=kind,
                bytes=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                packed=len(section),
                steps=steps,
            )
        )
    index = DeltaIndex(source=source, target=target, files=tuple(files)).model_dump_json(by_alias=True).encode()
    return b"".join((_HEADER.pack(_MAGIC, DELTA_VERSION, len(index)), index, *sections))


def apply_delta(
    content: bytes, source: str, old: Mapping[str, bytes], target: str, sizes: Mapping[str, int]
) -> dict[str, bytes]:
    """Apply a delta to the files `old`, by path. The results match the checksums in the delta.

    The `sizes` of the new files bound the memory; `source` and `target` are the revisions.

    Raises:
        DeltaError: the bytes are not a delta between these revisions, or its results are wrong.
    """
    index, at = _index_of(content)
    if (index.source, index.target) != (source, target):
        raise DeltaError("the delta is for other revisions")
    if {file.path: file.bytes for file in index.files} != sizes or len(index.files) != len(sizes):
        raise DeltaError("the delta makes other files than those of the release")
    made = {}
    for file in index.files:
        made[file.path] = _made(file, old.get(file.path), content[at : at + file.packed])
        at += file.packed
    if at != len(content):
        raise DeltaError("the length of the delta does not match its index")
    return made


def _packed(old: bytes | None, new: bytes) -> tuple[Literal["same", "whole", "patch"], bytes, int]:
    """The smallest section for a file: its kind, bytes, and number of steps."""
    if old == new:
        return "same", b"", 0
    whole = _deflate(new)
    if old is None or max(len(old), len(new)) > _LARGEST_PATCHED:
        return "whole", whole, 0
    steps, body = make_patch(old, new)
    patch = _deflate(steps.astype("<i4").tobytes() + body)
    return ("patch", patch, len(steps)) if len(patch) < len(whole) else ("whole", whole, 0)


def _index_of(content: bytes) -> tuple[DeltaIndex, int]:
    """The index, and the offset of the sections."""
    if len(content) < _HEADER.size:
        raise DeltaError("the delta is cut short")
    magic, version, length = _HEADER.unpack_from(content)
    if magic != _MAGIC:
        raise DeltaError("the bytes are not a delta")
    if version != DELTA_VERSION:
        raise DeltaError(f"the delta has the unknown version {version}")
    try:
        index = DeltaIndex.model_validate_json(content[_HEADER.size : _HEADER.size + length])
    except ValidationError:
        raise DeltaError("the delta's index is not valid") from None
    return index, _HEADER.size + length


def _made(file: DeltaFile, old: bytes | None, section: bytes) -> bytes:
    if file.kind != "whole" and old is None:
        raise DeltaError(f"the delta needs {file.path}, which is not there")
    if file.kind == "same":
        new = old or b""
    elif file.kind == "whole":
        new = _inflate(section, file.bytes)
    else:
        if max(len(old or b""), file.bytes) > _LARGEST_PATCHED or file.steps > file.bytes // _LEAST_STEP + 2:
            raise DeltaError(f"the delta's patch of {file.path} is too large")
        unpacked = _inflate(section, STEP_BYTES * file.steps + file.bytes)
        steps = np.frombuffer(unpacked, dtype="<i4", count=3 * file.steps).astype(np.int32).reshape(-1, 3)
        try:
            new = apply_patch(old or b"", steps, unpacked[STEP_BYTES * file.steps :])
        except PatchError:
            raise DeltaError(f"the delta's patch does not fit {file.path}") from None
    if len(new) != file.bytes or hashlib.sha256(new).hexdigest() != file.sha256:
        raise DeltaError(f"the delta does not make the right {file.path}")
    return new


def _deflate(content: bytes) -> bytes:
    packing = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL)
    return packing.compress(content) + packing.flush()


def _inflate(section: bytes, length: int) -> bytes:
    """Inflate a section to exactly `length` bytes, and no more than one beyond."""
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = unpacking.decompress(section, length + 1)
    except zlib.error:
        raise DeltaError("a section of the delta is not deflate") from None
    if len(content) != length or not unpacking.eof or unpacking.unused_data:
        raise DeltaError("the length of a section of the delta does not match its index")
    return content
