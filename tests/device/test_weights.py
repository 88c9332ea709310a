import ctypes
import json
import random
import unicodedata
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from service.ranking.signals import SIGNALS
from service.ranking.weights import SURFACES, RankerError, _Document, default_weights, load_weights, ranker_json
from tests.device.json_text import damage, has_repeated_field, mutate, parse, write
from tests.device.manifests import MODELS, read_weights
from tests.device.memory import FILE_INVALID, OK, UNSUPPORTED

FULL = json.dumps(
    {
        **json.loads(ranker_json(default_weights())),
        "left_out": [{"domain": "msrd", "metric": "NDCG@10", "lists": 1200, "fused": 0.8, "best": 0.75, "low": -0.07}],
    }
)


def expected(path: Path) -> Mapping[str, list[float]]:
    weights = load_weights(path).by_surface
    return {surface: [weights[surface][name] for name in SIGNALS] for surface in SURFACES}


@pytest.mark.parametrize("folder", MODELS, ids=lambda folder: folder.name)
def test_released_weights_are_those_of_the_service_bit_by_bit(core: ctypes.CDLL, folder: Path) -> None:
    read = read_weights(core, (folder / "ranker.json").read_bytes())

    assert read.message == ""
    assert read.values == expected(folder / "ranker.json")


def test_a_signal_without_a_name_weighs_nothing_and_older_files_load(core: ctypes.CDLL) -> None:
    document = json.loads(FULL)
    del document["left_out"]
    document |= {"schema_version": 2, "weights": {"search": {"just_bought": -2.4}, "feed": {}, "both": {}}}

    read = read_weights(core, json.dumps(document).encode())

    assert read.values == {"search": [0.0] * 14 + [-2.4], "feed": [0.0] * 15, "both": [0.0] * 15}


SHOWN = "characters that can be printed"
ORIGIN = '"feed": "set by hand; model-build fit-ranker learns them"'
WRONG = [
    ('"repeat"', '"rapid"', "weights.feed.rapid is not a known field"),
    ("-1.0", "-1000000.5", "weights.search.repetition must be a number from -1000000 to 1000000"),
    ("-1.0", "1e400", "weights.search.repetition must be a number from -1000000 to 1000000"),
    ("-1.0", '"1"', "weights.search.repetition must be a number"),
    ("-1.0", "null", "weights.search.repetition must be a number"),
    ('"feed": "set', '"feet": "set', "learned_from.feet is not a known field"),
    (ORIGIN, '"feed": ""', f"learned_from.feed must have 1 to 16384 {SHOWN}"),
    ('"lists": 1200', '"lists": 1200.5', "left_out.0.lists must be a whole number"),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG)
def test_what_is_wrong_with_weights_is_said(core: ctypes.CDLL, old: str, new: str, message: str) -> None:
    assert old in FULL

    read = read_weights(core, FULL.replace(old, new, 1).encode())

    assert (read.status, read.message) == (FILE_INVALID, f"ranker.json is not valid: {message}")


@pytest.mark.parametrize("version", ["1", "4", "1e9"])
def test_another_version_is_said_to_be_one(core: ctypes.CDLL, version: str) -> None:
    read = read_weights(core, FULL.replace('"schema_version": 3', f'"schema_version": {version}').encode())

    message = "ranker.json has a schema_version that this library does not read: it reads 2 to 3"
    assert (read.status, read.message) == (UNSUPPORTED, message)


def test_no_number_is_no_json(core: ctypes.CDLL) -> None:
    read = read_weights(core, FULL.replace("-1.0", "NaN", 1).encode())

    assert (read.status, read.message) == (FILE_INVALID, f"ranker.json is not JSON: byte {FULL.index('-1.0')} is wrong")


def refused_by_devices_alone(data: bytes) -> str | None:
    """Why devices refuse weights that the service accepts."""
    document = parse(data)
    if has_repeated_field(document):
        return "a field that is there twice"
    version = next(value for name, value in document.members if name == "schema_version")
    if version not in {"2", "3"}:
        return "a version of another type, which the service converts"
    try:
        _Document.model_validate_json(data, strict=True)
    except ValidationError:
        return "a value of another type, which the service converts"
    return None


def test_devices_and_the_service_judge_changed_weights_alike(core: ctypes.CDLL, tmp_path: Path) -> None:
    draw = random.Random(5)
    path = tmp_path / "ranker.json"
    found: Counter[str] = Counter()
    for _ in range(1000):
        document = parse(FULL)
        for _ in range(draw.choice([0, 1, 1, 1, 2, 3])):
            mutate(document, draw)
        data = write(document, draw if draw.random() < 0.3 else None).encode(errors="surrogatepass")
        data = damage(data, draw) if draw.random() < 0.2 else data
        path.write_bytes(data)
        try:
            values: Any = expected(path)
            reason = refused_by_devices_alone(data)
        except RankerError:
            reason = "refused by both"

        read = read_weights(core, data)

        assert read.accepted == (reason is None), (data, reason, read.message)
        if read.accepted:
            assert read.values == values
        found[reason or "accepted by both"] += 1

    assert found["accepted by both"] > 200
    assert found["refused by both"] > 400
    assert found["a field that is there twice"] > 10


def with_origin(text: str) -> bytes:
    return write(parse(FULL.replace(ORIGIN, f'"feed": {json.dumps(text)}'))).encode()


def test_what_can_be_printed_is_what_python_prints(core: ctypes.CDLL) -> None:
    """Devices take characters for printable that Unicode has not assigned: the next version may."""
    assigned = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in {"Cn", "Cs", "Co"}]
    printable = "".join(one for one in assigned if one.isprintable())
    for begin in range(0, len(printable), 16_384):
        assert read_weights(core, with_origin(printable[begin : begin + 16_384])).message == ""

    unprintable = [one for one in assigned if not one.isprintable()]
    others = ["\ue000", "\uf8ff", "\ufdd0", "\ufdef", "\ufffe", "\uffff", "\U0001fffe", "\U000f0000", "\U0010ffff"]
    assert len(unprintable) > 200
    for one in (*unprintable, *others):
        read = read_weights(core, with_origin(one))
        assert read.message == f"ranker.json is not valid: learned_from.feed must have 1 to 16384 {SHOWN}"


def test_an_error_may_be_ignored(core: ctypes.CDLL) -> None:
    assert read_weights(core, FULL.encode()).status == OK
    core.er_fail.restype = ctypes.c_bool
    assert not core.er_fail(None, FILE_INVALID, b"nobody reads this")
