"""Services that are hostile or broken: the device keeps what it has, within bounds, and says why in a line."""

import json
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from service.artifact.artifact import MANIFEST, MODEL, RANKER, VOCABULARY, TaskRecord
from service.heads.loading import ADAPTERS, HEAD, WEIGHTS
from service.pull import remote as remote_module
from service.pull.asked_heads import AskedHeads
from service.pull.model_store import ModelStore
from service.pull.pull import pull
from service.pull.remote import CutError, Remote
from service.pull.trial import try_apart
from service.releases.bundle import Bundle, read_bundle
from service.releases.errors import ChecksumError, FolderError, ServiceError, UpdateError
from service.releases.head_bundle import read_head_bundle
from tests.service.artifacts import build_artifact
from tests.service.graphs import FOR_EVER, STRANGE
from tests.service.heads.heads import build_head
from tests.service.pull.bundles import bundle
from tests.service.pull.head_bundles import model, pack, task_model
from tests.service.pull.shop import Shop, sha256
from tests.service.pull.test_pull import try_here

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "phone")


def take(shop: Shop, store: ModelStore, heads: str | None = None) -> None:
    asked = None if heads is None else AskedHeads.parse(heads)
    with store.locked():
        pull(Remote(shop.url), store, "device", lambda *_: None, asked=asked, try_out=try_here)


def refused(shop: Shop, store: ModelStore, error: type[UpdateError] = ChecksumError, heads: str | None = None) -> str:
    with pytest.raises(error) as caught:
        take(shop, store, heads)
    return str(caught.value)


def check_refused_unread(shop: Shop, store: ModelStore, used: Bundle) -> None:
    """Of a listing that is refused, nothing is loaded, and what was in use stays."""
    shop.asked.clear()
    told = refused(shop, store)
    assert told.isprintable()
    assert len(told) < 500
    assert shop.addresses() == [""]
    assert store.current is not None
    assert store.current.manifest.revision == used.revision
    assert not left(store)


def left(store: ModelStore) -> list[Path]:
    """The files there that belong to no model in use."""
    return [path for path in store.folder.rglob("*") if {"partial", ".draft"} & set(path.parent.parts)]


def relist(shop: Shop, change: Change) -> None:
    told = json.loads(shop.files[""])
    change(told["current"])
    shop.files[""] = json.dumps(told).encode()


FILE = {"bytes": 4, "sha256": sha256(b"evil"), "device": True}
LISTED: dict[str, Change] = {
    **{
        repr(path)[:40]: lambda it, path=path: it["files"].append({"path": path, **FILE})  # type: ignore[misc]
        for path in ("../../evil", "/evil", "..", ".", "", "a/../../b", "a\\b", "a\0b", "a" * 300, "a/" * 200 + "b")
    },
    "a line": lambda it: it["files"].append({"path": "a\nb", **FILE}),
    "half a character": lambda it: it["files"].append({"path": "\ud800", **FILE}),
    "a folder of another": lambda it: it["files"].append({"path": "ONNX", **FILE}),
    "a file of another's": lambda it: it["files"].append({"path": f"{MODEL}/x", **FILE}),
    "the same name": lambda it: it["files"].append({"path": "MANIFEST.JSON", **FILE}),
    "a petabyte": lambda it: it["files"][0].update(bytes=10**15),
    "less than nothing": lambda it: it["files"][0].update(bytes=-1),
    "many that are large": lambda it: [file.update(bytes=200 * 1024**2) for file in it["files"]],
    "too many files": lambda it: it.update(files=[{"path": f"f{number}", **FILE} for number in range(5000)]),
    "a name that steers": lambda it: it.update(name="x\x1b[2J\x1b]0;owned\x07"),
    "a name that reads backwards": lambda it: it.update(name="\u202eevil"),
    "no revision": lambda it: it.update(revision="../x"),
    "a checksum that leads away": lambda it: it["files"][0].update(sha256="../../x"),
    "a delta of a petabyte": lambda it: it["deltas"].append({"from": "0" * 64, "bytes": 10**15, "sha256": "0" * 64}),
}


@pytest.mark.parametrize("change", LISTED.values(), ids=LISTED.keys())
def test_what_can_not_be_released_is_refused_unread(
    shop: Shop, store: ModelStore, one: Bundle, two: Bundle, change: Change
) -> None:
    shop.release(one)
    take(shop, store)
    shop.release(two)
    relist(shop, change)
    check_refused_unread(shop, store, one)


def test_a_task_model_does_not_take_a_ranking_model_s_place(shop: Shop, store: ModelStore, tmp_path: Path) -> None:
    task = TaskRecord(kind="text", classes=("no", "yes"))
    shop.release(read_bundle(build_artifact(tmp_path / "task", name="task", task=task)))
    assert "is a task model, which only classifies" in refused(shop, store)


@pytest.mark.parametrize("percent", ["NaN", "Infinity", "-1", "101", '"x"'])
def test_a_share_that_is_none_is_refused(shop: Shop, store: ModelStore, one: Bundle, two: Bundle, percent: str) -> None:
    shop.release(one, candidate=(two, 50))
    shop.files[""] = shop.files[""].replace(b'"percent":50.0', b'"percent":' + percent.encode())
    with pytest.raises((ChecksumError, ServiceError)):
        take(shop, store)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b"[" * 200_000 + b"]" * 200_000,
        b'{"schema_version":' + b"9" * 500_000 + b"}",
        b'{"schema_version":1,"x":"' + b"a" * 2_000_000 + b'"}',
        b"<!doctype html><title>Sign in to this network</title>",
        b"\x1f\x8b\x08" + bytes(1000),
        b"\xff\xfe",
        b'{"schema_version": 1, "current": {"name": "\\ud800"}}',
    ],
    ids=["deep", "deep and whole", "a large number", "large", "a page", "gzip", "UTF-16", "half a character"],
)
def test_a_listing_that_is_none_is_refused(shop: Shop, store: ModelStore, content: bytes) -> None:
    shop.files[""] = content
    with pytest.raises((ChecksumError, ServiceError)) as caught:
        take(shop, store)
    assert str(caught.value).isprintable()
    assert not left(store)


def vouched(tmp_path: Path, **files: bytes) -> Bundle:
    """A bundle whose checksums are right, whatever is in it."""
    return bundle(tmp_path / "bad", "bad", **files)


BAD: dict[str, dict[str, bytes]] = {
    **{f"graph: {name}": {MODEL: content} for name, content in STRANGE.items()},
    "an empty vocabulary": {VOCABULARY: b""},
    "a vocabulary of others": {VOCABULARY: b"x\n" * 5},
    "a ranker that is none": {RANKER: b"[" * 100_000},
}


@pytest.mark.parametrize("files", BAD.values(), ids=BAD.keys())
def test_what_can_not_serve_is_never_in_use(
    shop: Shop, store: ModelStore, one: Bundle, tmp_path: Path, files: dict[str, bytes]
) -> None:
    shop.release(one)
    take(shop, store)
    shop.release(vouched(tmp_path, **files))
    for _ in range(2):
        assert refused(shop, store).isprintable()
    assert store.current is not None
    assert store.current.manifest.revision == one.revision
    assert not left(store)
    assert len(list((store.folder / "revisions").iterdir())) == 1


def test_it_is_tried_out_in_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "good"
    bundle(folder)
    try_apart(folder)
    bundle(tmp_path / "bad", "bad", **{MODEL: STRANGE["not a number"]})
    with pytest.raises(Exception, match=r"not of unit length$"):
        try_apart(tmp_path / "bad")
    bundle(tmp_path / "endless", "endless", **{MODEL: FOR_EVER})
    monkeypatch.setattr("service.pull.trial._SECONDS", 2)
    with pytest.raises(Exception, match=r"within 2 s$"):
        try_apart(tmp_path / "endless")


def bomb(size: int) -> bytes:
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(2**20)
    return b"".join(packing.compress(block) for _ in range(size // 2**20)) + packing.flush()


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "whole", "bytes": 400_000_000, "steps": 0},
        {"kind": "patch", "bytes": 10, "steps": 30_000_000},
        {"kind": "patch", "bytes": 400_000_000, "steps": 1},
    ],
)
def test_a_delta_that_swells_costs_no_memory(
    shop: Shop, store: ModelStore, one: Bundle, two: Bundle, entry: dict[str, Any]
) -> None:
    shop.release(one)
    take(shop, store)
    shop.release(two, one)
    section = bomb(400_000_000)
    file = {"path": VOCABULARY, "sha256": "0" * 64, "packed": len(section), **entry}
    index = json.dumps({"from": one.revision, "to": two.revision, "files": [file]}).encode()
    delta = b"ERDL" + struct.pack("<II", 1, len(index)) + index + section
    shop.files[f"{two.revision}/delta/{one.revision}"] = delta
    offer = {"from": one.revision, "bytes": len(delta), "sha256": sha256(delta)}
    padding = {"path": "padding", "bytes": 10_000_000, "sha256": "1" * 64, "device": True}
    relist(shop, lambda it: (it.update(deltas=[offer]), it["files"].append(padding)))
    refused(shop, store, ServiceError)  # the padding is not to be had: without the delta, files were asked for
    assert f"{two.revision}/delta/{one.revision}" in shop.addresses()
    assert store.current is not None
    assert store.current.manifest.revision == one.revision


def test_what_came_of_other_releases_does_not_pile_up(shop: Shop, store: ModelStore, tmp_path: Path) -> None:
    for number in range(5):
        shop.release(bundle(tmp_path / str(number), f"m{number}"))
        shop.files = {address: content for address, content in shop.files.items() if MODEL not in address}
        refused(shop, store, ServiceError)
    assert len(left(store)) <= 2
    shop.release(bundle(tmp_path / "good", "good"))
    take(shop, store)
    assert not left(store)


def test_a_disk_that_is_too_small_is_reported_before_anything_comes(
    shop: Shop, store: ModelStore, one: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.release(one)
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    assert "can't hold" in refused(shop, store, FolderError)
    assert shop.addresses() == [""]


def test_a_refusal_is_reported_in_a_line(shop: Shop, store: ModelStore) -> None:
    error = {"code": "x", "message": "\x1b[2J\x1b]0;owned\x07\nit is in use now " + "a" * 30_000, "request_id": "r"}
    shop.files[""], shop.statuses[""] = b"", [403]
    answer = shop.answer

    def with_message(handler: Any) -> None:
        handler.wfile = Replacing(handler.wfile, json.dumps({"error": error}).encode())
        answer(handler)

    shop.answer = with_message  # type: ignore[method-assign]
    told = refused(shop, store, ServiceError)
    assert "it is in use now" in told
    assert told.isprintable()
    assert len(told) < 500


class Replacing:
    """Writes another body than it is given; the headers, which say how long it was, are left out."""

    def __init__(self, inner: Any, body: bytes) -> None:
        self._inner, self._body, self._begun = inner, body, False

    def write(self, _: bytes) -> None:
        if not self._begun:
            self._inner.write(b"HTTP/1.0 403 Forbidden\r\n\r\n" + self._body)
        self._begun = True

    def flush(self) -> None:
        self._inner.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@contextmanager
def raw(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that writes to the first connection whatever it likes."""

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65_536)
                try:
                    answer(connection)
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def dripping(head: bytes, byte: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(500):
            connection.sendall(byte)
            time.sleep(0.02)

    return answer


@pytest.mark.parametrize(
    ("head", "byte"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", b"a: b\r\n"),
        (b"HTTP/1.0 403 No\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n", b"a: b\r\n"),
    ],
    ids=["body", "header", "chunks", "continue", "trailers", "trailers of a refusal"],
)
def test_a_service_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch, head: bytes, byte: bytes) -> None:
    monkeypatch.setattr(remote_module, "_HEAD_S", 0.2)
    monkeypatch.setattr(remote_module, "_SLOW_AFTER_S", 0.2)
    monkeypatch.setattr(remote_module, "_LEAST_BYTES_PER_S", 100_000)
    with raw(dripping(head, byte)) as url:
        began = time.monotonic()
        with pytest.raises((CutError, ServiceError, ChecksumError)):
            Remote(url).listing()
        assert time.monotonic() - began < 5, "many times what may pass"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 100_000,
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000_000,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 10_000_000,
        b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 999999 x\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"",
    ],
    ids=["headers", "a header", "endless", "elsewhere", "status", "no HTTP", "length", "cut", "chunks", "nothing"],
)
def test_an_answer_that_is_none_is_reported(answer: bytes) -> None:
    with raw(lambda connection: connection.sendall(answer)) as url, pytest.raises(Exception) as caught:  # noqa: PT011
        Remote(url).listing()
    assert isinstance(caught.value, CutError | UpdateError)
    assert str(caught.value).isprintable()


def test_the_command_gives_up_in_time_and_lets_go_of_the_folder(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from service.cli.main import main; main()",
        "pull",
        "--to",
        str(tmp_path / "phone"),
    ]
    with raw(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b" ")) as url:
        ended = subprocess.run(
            [*command, url, "--within", "1"], capture_output=True, text=True, timeout=60, check=False
        )
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == "edge-rank: the model did not arrive within 1 s\n"
    with ModelStore(tmp_path / "phone").locked():
        pass


@pytest.mark.parametrize("content", [b"\xff", b"x" * 10_000])
def test_what_was_gone_back_from_may_be_anything(shop: Shop, store: ModelStore, one: Bundle, content: bytes) -> None:
    shop.release(one)
    take(shop, store)
    (store.folder / "held").write_bytes(content)
    if len(content) > 1000:
        refused(shop, store, FolderError) if store.current is None else take(shop, store)
    else:
        take(shop, store)


def test_a_file_that_no_manifest_vouches_for_is_refused(shop: Shop, store: ModelStore, one: Bundle) -> None:
    shop.release(one)
    relist(shop, lambda it: it["files"].append({"path": "CON", **FILE}))
    shop.files[f"{one.revision}/CON"] = b"evil"
    refused(shop, store)
    assert store.current is None


def test_a_manifest_of_another_release_is_refused(shop: Shop, store: ModelStore, one: Bundle, two: Bundle) -> None:
    shop.release(one)
    content = two.contents[MANIFEST]
    relist(shop, lambda it: it["files"][0].update(bytes=len(content), sha256=sha256(content)))
    shop.files[f"{one.revision}/{MANIFEST}"] = content
    refused(shop, store)
    assert store.current is None
    assert not left(store)


def relist_heads(shop: Shop, change: Change) -> None:
    told = json.loads(shop.files[""])
    change(told)
    shop.files[""] = json.dumps(told).encode()


def many(told: dict[str, Any], number: int) -> object:
    one = told["heads"][0]
    told["heads"] = [{**one, "name": f"n{at}"} for at in range(number)]
    return told


HEADS_LISTED: dict[str, Change] = {
    **{
        f"file {path!r}"[:40]: lambda it, path=path: it["heads"][0]["files"].append({"path": path, **FILE})  # type: ignore[misc]
        for path in (
            "../../evil",
            "/evil",
            "..",
            "",
            "a/../../b",
            "a\\b",
            "a\0b",
            "a\nb",
            "\ud800",
            "HEAD.JSON",
            "a" * 300,
        )
    },
    **{
        f"name {name!r}"[:40]: lambda it, name=name: it["heads"][0].update(name=name)  # type: ignore[misc]
        for name in ("..", ".", "", "../x", "/x", ".draft", "a/b", "a\0", "x\x1b[2J", "\u202e", "a" * 65)
    },
    "a petabyte": lambda it: it["heads"][0]["files"][0].update(bytes=10**15),
    "less than nothing": lambda it: it["heads"][0]["files"][0].update(bytes=-1),
    "many that are large": lambda it: [file.update(bytes=200 * 1024**2) for file in it["heads"][0]["files"]],
    "large ones": lambda it: (
        it["heads"][0]["files"][0].update(bytes=200 * 1024**2),
        many(it, 2),
    ),
    "too many files": lambda it: it["heads"][0].update(
        files=[{"path": f"f{number}", **FILE} for number in range(1000)]
    ),
    "too many": lambda it: many(it, 1000),
    "more than a device serves": lambda it: many(it, 65),
    "the same name twice": lambda it: it["heads"].append(it["heads"][0]),
    "the same name on some systems": lambda it: it["heads"].append({**it["heads"][0], "name": "INTENTS"}),
    "no revision": lambda it: it["heads"][0].update(revision="../x"),
    "a checksum that leads away": lambda it: it["heads"][0]["files"][0].update(sha256="../../x"),
    "a type that steers": lambda it: it["heads"][0].update(type="\x1b[2J"),
    "no list": lambda it: it.update(heads={"a": 1}),
}


@pytest.mark.parametrize("change", HEADS_LISTED.values(), ids=HEADS_LISTED.keys())
def test_heads_that_can_not_be_released_are_refused_unread(
    shop: Shop, store: ModelStore, tmp_path: Path, change: Change
) -> None:
    used, released = model(tmp_path / "one", "one"), model(tmp_path / "two", "two")
    shop.release(used)
    take(shop, store, "all")
    shop.release(released, heads=(pack(tmp_path / "intents", released),))
    relist_heads(shop, change)
    check_refused_unread(shop, store, used)


@pytest.mark.parametrize("path", [HEAD, WEIGHTS, ADAPTERS])
@pytest.mark.parametrize("lie", ["checksum", "longer", "shorter", "missing", "more", "other"])
def test_a_head_that_is_not_what_is_listed_is_never_in_use(
    shop: Shop, store: ModelStore, tmp_path: Path, path: str, lie: str
) -> None:
    one = model(tmp_path / "one", "one")
    made, other = pack(tmp_path / "intents", one), pack(tmp_path / "other", one, "other", classes=("a", "b", "c"))
    shop.release(one, heads=(made,))
    address = f"{made.revision}/{path}"
    content = made.contents[path]

    def listed(told: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in told["heads"][0]["files"] if one["path"] == path)
        return found

    if lie == "checksum":
        shop.files[address] = content[:-1] + b"?"
    elif lie == "longer":
        shop.files[address] = content + b"more"
    elif lie == "shorter":
        relist_heads(shop, lambda it: listed(it).update(bytes=len(content) - 1))
    elif lie == "missing":
        relist_heads(shop, lambda it: it["heads"][0]["files"].remove(listed(it)))
    elif lie == "more":
        relist_heads(shop, lambda it: it["heads"][0]["files"].append({"path": "evil", **FILE}))
        shop.files[f"{made.revision}/evil"] = b"evil"
    else:
        content = other.contents[path] if path != ADAPTERS else b"x" + other.contents[path]
        relist_heads(shop, lambda it: listed(it).update(bytes=len(content), sha256=sha256(content)))
        shop.files[address] = content
    told = refused(shop, store, heads="intents")
    assert told.isprintable()
    assert len(told) < 700
    assert store.current is None
    assert not left(store)
    shop.release(one, heads=(made,))
    take(shop, store, "intents")


@pytest.mark.parametrize("changes", [{"name": "other"}, {"revision": "0" * 64}], ids=str)
def test_a_head_under_another_name_or_revision_is_never_in_use(
    shop: Shop, store: ModelStore, tmp_path: Path, changes: dict[str, str]
) -> None:
    one = model(tmp_path / "one", "one")
    made = pack(tmp_path / "intents", one)
    shop.release(one, heads=(made,))
    shop.files |= {f"{'0' * 64}/{path}": content for path, content in made.contents.items()}
    relist_heads(shop, lambda it: it["heads"][0].update(changes))
    assert "another name or revision than the service lists" in refused(shop, store, heads="all")
    assert store.current is None


@pytest.mark.parametrize("graph", STRANGE.values(), ids=STRANGE.keys())
def test_a_task_model_that_can_not_serve_is_never_in_use(
    shop: Shop, store: ModelStore, one: Bundle, tmp_path: Path, graph: bytes
) -> None:
    task = TaskRecord(kind="text", classes=("no", "yes"))
    build_artifact(tmp_path / "tones", name="tones", task=task, files={MODEL: graph})
    shop.release(one, heads=(read_head_bundle(tmp_path / "tones"),))
    assert refused(shop, store, heads="tones").isprintable()
    assert store.current is None
    assert not left(store)


def test_a_ranking_model_is_no_head(shop: Shop, store: ModelStore, one: Bundle, two: Bundle, tmp_path: Path) -> None:
    shop.release(one, heads=(task_model(tmp_path / "tones"),))
    files = [file.model_dump() for file in two.files.values()]
    relist_heads(shop, lambda it: it["heads"][0].update(revision=two.revision, files=files))
    shop.files |= {f"{two.revision}/{path}": content for path, content in two.contents.items()}
    assert "is a model that embeds" in refused(shop, store, heads="all")
    assert store.current is None


def test_a_pack_is_tried_out_in_the_same_process_as_its_model(tmp_path: Path) -> None:
    folder = tmp_path / "good"
    one = model(folder, "one")
    pack(folder / "heads" / "intents", one)
    try_apart(folder)
    build_head(folder / "heads" / "bad", one.manifest, name="bad", rank=2, layers=((3, 4),))
    with pytest.raises(Exception, match=r"heads/bad/head\.json is not valid: adapters\.bytes"):
        try_apart(folder)


def test_a_disk_that_is_too_small_for_heads_is_reported_before_anything_comes(
    shop: Shop, store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = model(tmp_path / "one", "one")
    made = pack(tmp_path / "intents", one)
    shop.release(one, heads=(made,))
    needed = 2 * sum(len(content) for held in (one, made) for content in held.contents.values())
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": needed - 1}))
    assert f"can't hold {needed:,} bytes more" in refused(shop, store, FolderError, heads="intents")
    assert shop.addresses() == [""]
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": needed}))
    take(shop, store, "intents")


def test_what_came_of_other_heads_does_not_pile_up(shop: Shop, store: ModelStore, tmp_path: Path) -> None:
    one = model(tmp_path / "one", "one")
    for number in range(4):
        made = pack(tmp_path / str(number), one, classes=("a", f"{number}", *map(str, range(10, 12 + number))))
        shop.release(one, heads=(made,))
        shop.files.pop(f"{made.revision}/{ADAPTERS}")
        refused(shop, store, ServiceError, heads="intents")
        shop.files = {}
    assert len(left(store)) <= len(one.files) + 3
