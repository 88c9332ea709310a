import hashlib
import json
import struct
import zlib
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.releases.delta import DeltaError, apply_delta, make_delta

OLD, NEW = "0" * 64, "1" * 64
CONTENTS = st.binary(max_size=200) | st.lists(st.sampled_from([b"many words " * 9, b"x", b"\0" * 50])).map(b"".join)
FILES = st.dictionaries(st.sampled_from(["manifest.json", "onnx/model.onnx", "vocab.txt", "ranker.json"]), CONTENTS)


def sizes_of(files: Mapping[str, bytes]) -> dict[str, int]:
    return {path: len(content) for path, content in files.items()}


def undo_as_documented(content: bytes, old: Mapping[str, bytes]) -> dict[str, bytes]:
    """Apply a delta by docs/reference/device-updates.md, in plain loops, without the module under test."""
    magic, version, length = struct.unpack_from("<4sII", content)
    assert (magic, version) == (b"ERDL", 1)
    index, at, made = json.loads(content[12 : 12 + length]), 12 + length, {}
    for file in index["files"]:
        section, at = content[at : at + file["packed"]], at + file["packed"]
        if file["kind"] == "same":
            new = bytearray(old[file["path"]])
        elif file["kind"] == "whole":
            new = bytearray(zlib.decompress(section, -15))
        else:
            new = patched(old[file["path"]], zlib.decompress(section, -15), file["steps"])
        assert len(new) == file["bytes"]
        assert hashlib.sha256(new).hexdigest() == file["sha256"]
        made[file["path"]] = bytes(new)
    assert at == len(content)
    return made


def patched(old: bytes, body: bytes, count: int) -> bytearray:
    steps = list(struct.iter_unpack("<3i", body[: 12 * count]))
    differences = iter(body[12 * count :])
    literals = iter(body[12 * count + sum(add for add, _, _ in steps) :])
    new, at = bytearray(), 0
    for add, copy, seek in steps:
        for _ in range(add):
            new.append((old[at] + next(differences)) & 255)
            at += 1
        new.extend(next(literals) for _ in range(copy))
        at += seek
    return new


@given(FILES, FILES)
def test_a_delta_makes_the_new_files_of_the_old(old: dict[str, bytes], new: dict[str, bytes]) -> None:
    delta = make_delta(OLD, old, NEW, new)
    assert apply_delta(delta, OLD, old, NEW, sizes_of(new)) == new
    assert undo_as_documented(delta, old) == new


def test_each_file_is_made_in_the_shortest_way() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (3, 4000), dtype=np.uint8)
    like = noise[0].copy()
    like[100] += 1
    old = {"same": noise[1].tobytes(), "patch": noise[0].tobytes(), "whole": noise[1].tobytes()}
    new = {"same": noise[1].tobytes(), "patch": like.tobytes(), "whole": noise[2].tobytes(), "added": b"words"}
    delta = make_delta(OLD, old, NEW, new)
    (length,) = struct.unpack_from("<I", delta, 8)
    kinds = {file["path"]: (file["kind"], file["packed"]) for file in json.loads(delta[12 : 12 + length])["files"]}
    assert {path: kind for path, (kind, _) in kinds.items()} == {
        "same": "same",
        "patch": "patch",
        "whole": "whole",
        "added": "whole",
    }
    assert kinds["same"][1] == 0
    assert kinds["patch"][1] < 100


@given(st.data())
def test_a_spoilt_delta_makes_nothing_else(data: st.DataObject) -> None:
    old = {"a": b"some words " * 30, "b": b"other words"}
    new = {"a": b"some words " * 29 + b"more words", "b": b"new"}
    delta = bytearray(make_delta(OLD, old, NEW, new))
    place = data.draw(st.integers(0, len(delta) - 1))
    delta[place] ^= data.draw(st.integers(1, 255))
    try:
        made = apply_delta(bytes(delta), OLD, old, NEW, sizes_of(new))
    except DeltaError:
        return
    assert set(made.values()) == set(new.values())  # a path may read otherwise; whoever applies it compares those


def index_changed(change: Callable[[dict[str, object]], object]) -> bytes:
    delta = make_delta(OLD, {"a": b"old"}, NEW, {"a": b"new words"})
    (length,) = struct.unpack_from("<I", delta, 8)
    index = json.loads(delta[12 : 12 + length])
    change(index["files"][0])
    packed = json.dumps(index).encode()
    return b"ERDL" + struct.pack("<II", 1, len(packed)) + packed + delta[12 + length :]


@pytest.mark.parametrize(
    ("delta", "told"),
    [
        (b"ERDL", "cut short"),
        (b"PK\3\4" + bytes(8), "not a delta"),
        (b"ERDL" + struct.pack("<II", 2, 0), "version 2"),
        (b"ERDL" + struct.pack("<II", 1, 2) + b"{}", "index is not valid"),
        (make_delta(NEW, {}, NEW, {}), "other revisions"),
        (make_delta(OLD, {}, NEW, {"a": b"new words"}) + b"more", "does not match its index"),
        (make_delta(OLD, {"a": b"new words"}, NEW, {"a": b"new words"}), "needs a, which is not there"),
        (make_delta(OLD, {}, NEW, {}), "other files"),
        (make_delta(OLD, {}, NEW, {"a": b"new words", "b": b""}), "other files"),
        (index_changed(lambda file: file.update(path="../a")), "index is not valid"),
        (index_changed(lambda file: file.update(bytes=2)), "other files"),
        (index_changed(lambda file: file.update(bytes=10**9)), "other files"),
        (index_changed(lambda file: file.update(sha256=OLD)), "does not make the right a"),
        (index_changed(lambda file: file.update(kind="same")), "does not make the right a"),
        (index_changed(lambda file: file.update(kind="patch", steps=1)), "does not match its index"),
        (index_changed(lambda file: file.update(kind="patch", steps=10**6)), "is too large"),
    ],
)
def test_what_is_no_delta_for_these_files_is_refused(delta: bytes, told: str) -> None:
    old = {} if "not there" in told else {"a": b"old"}
    with pytest.raises(DeltaError, match=told):
        apply_delta(delta, OLD, old, NEW, {"a": len(b"new words")})


def test_a_file_that_comes_twice_is_refused() -> None:
    delta = make_delta(OLD, {}, NEW, {"a": b"new words"})
    (length,) = struct.unpack_from("<I", delta, 8)
    index = json.loads(delta[12 : 12 + length])
    index["files"] *= 2
    packed = json.dumps(index).encode()
    twice = b"ERDL" + struct.pack("<II", 1, len(packed)) + packed + 2 * delta[12 + length :]
    with pytest.raises(DeltaError, match="other files"):
        apply_delta(twice, OLD, {}, NEW, {"a": len(b"new words")})


def test_a_section_that_holds_more_is_not_unpacked_to_its_end() -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    section = bomb.compress(bytes(50_000_000)) + bomb.flush()
    file = {"path": "a", "kind": "whole", "bytes": 5, "sha256": OLD, "packed": len(section), "steps": 0}
    index = json.dumps({"from": OLD, "to": NEW, "files": [file]}).encode()
    delta = b"ERDL" + struct.pack("<II", 1, len(index)) + index + section
    with pytest.raises(DeltaError, match="does not match its index"):
        apply_delta(delta, OLD, {}, NEW, {"a": 5})
