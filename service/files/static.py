"""The built files of a web page.

Compressible files exist as `NAME.gz` only: they are sent as they are, and inflated for the few clients that accept no
compression. A file with the hash of its content in its name never changes.
"""

import gzip
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_COMPRESSED = ".gz"
_CHUNK_BYTES = 64 * 1024
_ETAG_DIGITS = 32
_named_by_content = re.compile(r".+-[\w-]{8}\.\w+").fullmatch
# The system's tables differ, and browsers refuse scripts and WebAssembly of another type.
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True)
class StaticFile:
    """A file of the page, gzip on the disk if `compressed`, and `immutable` if its name depends on its content."""

    path: Path
    media_type: str
    digest: str
    compressed: bool
    immutable: bool

    def inflated(self) -> Iterator[bytes]:
        """Its inflated content in pieces: the largest file has eleven megabytes."""
        with gzip.open(self.path) as content:
            while piece := content.read(_CHUNK_BYTES):
                yield piece


def read_files(folder: Path) -> Mapping[str, StaticFile]:
    """Index the files of a folder by the names that browsers request.

    Raises:
        OSError: the folder or a file can't be read.
    """
    files = [_read(path) for path in sorted(folder.iterdir()) if path.is_file()]
    return {file.path.name.removesuffix(_COMPRESSED): file for file in files}


def _read(path: Path) -> StaticFile:
    name = path.name.removesuffix(_COMPRESSED)
    return StaticFile(
        path=path,
        media_type=_MEDIA_TYPES.get(Path(name).suffix, "application/octet-stream"),
        digest=hashlib.sha256(path.read_bytes()).hexdigest()[:_ETAG_DIGITS],
        compressed=path.name != name,
        immutable=_named_by_content(name) is not None,
    )
