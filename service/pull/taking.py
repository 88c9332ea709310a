"""Takes a release: assembles a model and its heads in a draft, from the device's files and the service's; verifies."""

import hashlib
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from service.artifact.artifact import MANIFEST, RANKER, Artifact, ArtifactError, file_sha256, load_artifact
from service.files.printable import printable
from service.files.regular import read_file
from service.heads.loading import load_heads
from service.heads.manifest import HeadError
from service.pull.asked_heads import AskedHeads
from service.pull.download import Wanted, download
from service.pull.head_choice import HeadChoice
from service.pull.installed_heads import HEADS, InstalledHead, installed_heads
from service.pull.model_store import ModelStore
from service.pull.remote import GoneError, Remote
from service.pull.result import PullResult
from service.pull.trial import Trial
from service.ranking.weights import RankerError, load_weights
from service.releases.bundle import read_bundle
from service.releases.delta import DeltaError, apply_delta
from service.releases.errors import ChecksumError
from service.releases.listing import OfferedDelta, Release, ReleasedFile

Progress = Callable[[int, int], None]
"""Called with the number of bytes loaded, and their total."""


@dataclass(frozen=True)
class _Piece:
    """A file of the draft: its place in there, and its address under `/v1/model/`."""

    place: str
    address: str
    file: ReleasedFile


def take(
    remote: Remote,
    store: ModelStore,
    release: Release,
    heads: HeadChoice,
    asked: AskedHeads | None,
    progress: Progress,
    try_out: Trial,
) -> PullResult:
    """Load what the device lacks of a release and the chosen heads, verify all, and switch to them in one step.

    Heads that it was `asked` to have now are remembered.

    Raises:
        UpdateError: the device keeps what it has.
        GoneError: a file is not released any more.
        CutError: the service does not answer.
    """
    if any(file.path.split("/")[0].lower() == HEADS for file in release.files):
        raise ChecksumError(f"{release.label} has files where a device keeps heads")
    if heads.revisions:
        store.check_heads_link()
    own = [artifact for artifact in (store.current, store.previous) if artifact is not None]
    kept = _files_of(own)
    lacking = sum(file.bytes for file in release.files if file.device and file.sha256 not in kept)
    offer = _best_offer(release, own, lacking)
    of_model, of_heads = _pieces(release), _head_pieces(heads)
    _check_space(store, [*of_model, *of_heads], heads.kept.values(), kept)
    with store.draft() as draft:
        by_delta = offer is not None and _took_delta(remote, store, release, offer, draft, progress)
        of_model = [one for one in of_model if not (draft / one.place).exists()]
        count = Count(progress, sum(one.file.bytes for one in (*of_model, *of_heads) if one.file.sha256 not in kept))
        _take_files(remote, store, of_model, kept, draft, count)
        before = remote.loaded_bytes
        _take_heads(remote, store, of_heads, heads, kept, draft, count)
        _verify(draft, release, heads, try_out)
        if asked is not None:
            store.ask(asked)
        store.install(draft, release.revision)
    return PullResult(
        "taken",
        release.name,
        release.revision,
        heads=heads.labels,
        without=heads.without,
        loaded_bytes=remote.loaded_bytes,
        head_bytes=remote.loaded_bytes - before,
        by_delta=by_delta,
    )


def _files_of(own: Sequence[Artifact]) -> dict[str, Path]:
    """The device's files by checksum, heads' included."""
    found = {}
    for artifact in own:
        found[file_sha256(artifact.folder / MANIFEST)] = artifact.folder / MANIFEST
        found |= {entry.sha256: artifact.folder / path for path, entry in artifact.manifest.files.items()}
        for head in installed_heads(artifact.folder / HEADS).values():
            found |= {sha256: head.folder / path for path, sha256 in head.files.items()}
    return found


def _pieces(release: Release) -> list[_Piece]:
    return [_Piece(file.path, f"{release.revision}/{quote(file.path)}", file) for file in release.files]


def _head_pieces(heads: HeadChoice) -> list[_Piece]:
    return [
        _Piece(f"{HEADS}/{name}/{file.path}", f"{one.revision}/{quote(file.path)}", file)
        for name, one in heads.released.items()
        for file in one.files
    ]


def _check_space(
    store: ModelStore, pieces: Sequence[_Piece], copied: Collection[InstalledHead], kept: Mapping[str, Path]
) -> None:
    """Check that there is room: each lacking file takes its size twice, as it is loaded and in the model's folder."""
    lacking = {one.file.sha256: one.file.bytes for one in pieces if one.file.sha256 not in kept}
    copies = sum((one.folder / path).stat().st_size for one in copied for path in one.files)
    store.check_space(sum(lacking.values()) + sum(one.file.bytes for one in pieces) + copies)


def _best_offer(release: Release, own: list[Artifact], lacking: int) -> tuple[OfferedDelta, Artifact] | None:
    """The smallest delta from a model of the device, if it is smaller than the missing files."""
    has = {artifact.manifest.revision: artifact for artifact in own}
    offers = [(offer, has[offer.source]) for offer in release.deltas if offer.source in has and offer.bytes < lacking]
    return min(offers, key=lambda offer: offer[0].bytes, default=None)


def _took_delta(
    remote: Remote,
    store: ModelStore,
    release: Release,
    offer: tuple[OfferedDelta, Artifact],
    draft: Path,
    progress: Progress,
) -> bool:
    """Make the release's device files in the draft from a delta. Returns False if that fails: whole files may work."""
    delta, source = offer
    wanted = Wanted(f"{release.revision}/delta/{delta.source}", delta.bytes, delta.sha256)
    partial = store.partial(delta.sha256)
    try:
        download(remote, wanted, partial, Count(progress, delta.bytes))
        sizes = {file.path: file.bytes for file in release.files if file.device}
        old = read_bundle(source).device_contents
        made = apply_delta(read_file(partial, most=delta.bytes), delta.source, old, release.revision, sizes)
    except (ArtifactError, ChecksumError, DeltaError, GoneError):
        return False
    if {path: _sha256(content) for path, content in made.items()} != {
        file.path: file.sha256 for file in release.files if file.device
    }:
        return False
    for path, content in made.items():
        (draft / path).parent.mkdir(parents=True, exist_ok=True)
        (draft / path).write_bytes(content)
    return True


def _take_files(
    remote: Remote,
    store: ModelStore,
    lacking: Sequence[_Piece],
    kept: Mapping[str, Path],
    draft: Path,
    count: Callable[[int], None],
) -> None:
    """Add files to the draft, from `kept`, the device's files by checksum, else from the service."""
    for one in lacking:
        place, file = draft / one.place, one.file
        place.parent.mkdir(parents=True, exist_ok=True)
        if file.sha256 in kept:
            shutil.copyfile(kept[file.sha256], place)
            continue
        partial = store.partial(file.sha256)
        download(remote, Wanted(one.address, file.bytes, file.sha256), partial, count)
        shutil.copyfile(partial, place)  # the partial stays until the end: another file may have the same content


def _take_heads(
    remote: Remote,
    store: ModelStore,
    pieces: Sequence[_Piece],
    heads: HeadChoice,
    kept: Mapping[str, Path],
    draft: Path,
    count: Callable[[int], None],
) -> None:
    (draft / HEADS).mkdir()
    _take_files(remote, store, pieces, kept, draft, count)
    for name, one in heads.kept.items():
        for path in one.files:
            place = draft / HEADS / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(one.folder / path, place)


def _verify(draft: Path, release: Release, heads: HeadChoice, try_out: Trial) -> None:
    try:
        artifact = load_artifact(draft)
        artifact.check_embeds()
        load_weights(draft / RANKER)
        if artifact.manifest.revision != release.revision:
            raise ChecksumError("the loaded model has another revision than the service lists")
        if {file.path for file in release.files} != {MANIFEST, *artifact.manifest.files}:
            raise ChecksumError("the service lists other files than the model has")
        _verify_heads(draft / HEADS, artifact, heads)
        try_out(draft)
    except (ArtifactError, RankerError) as error:
        raise ChecksumError(
            f"what the service releases is not a model that this program can use: {printable(str(error))}"
        ) from None


def _verify_heads(folder: Path, artifact: Artifact, heads: HeadChoice) -> None:
    try:
        load_heads(folder, artifact.manifest)
    except (HeadError, ArtifactError) as error:
        raise ChecksumError(
            f"what the service releases is not a head for {artifact.manifest.name} that this program can use: "
            f"{printable(str(error))}"
        ) from None
    found = installed_heads(folder)
    if {name: one.revision for name, one in found.items()} != heads.revisions:
        raise ChecksumError("a loaded head has another name or revision than the service lists")
    for name, one in heads.released.items():
        if {file.path: file.sha256 for file in one.files} != found[name].files:
            raise ChecksumError(f"the service lists other files than the head {name} has")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Count:
    """Adds up the bytes loaded, and reports them."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._loaded = progress, total, 0

    def __call__(self, more: int) -> None:
        """Add `more` bytes, or fewer."""
        self._loaded += more
        self._progress(self._loaded, self._total)
