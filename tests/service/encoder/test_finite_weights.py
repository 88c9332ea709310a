import shutil
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from service.artifact.artifact import MANIFEST, MODEL, ArtifactError, FileEntry, file_sha256, load_artifact, revision_of
from service.encoder.finite_weights import check_finite
from service.encoder.onnx import OnnxEncoder
from service.settings import BUNDLED_MODEL
from tests.service.artifacts import PIECES, build_artifact, graph

RELEASED = [one.parent for one in sorted(Path(__file__).parents[3].glob("models/*/manifest.json"))] + [BUNDLED_MODEL]
FLOAT16_MAX, FLOAT32_MAX = 65504.0, float(np.finfo(np.float32).max)


def refused(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(ArtifactError) as caught:
        check_finite(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def with_row(number: float) -> bytes:
    """The graph of test artifacts with a number in the row of one piece, which no other piece reads."""
    model = onnx.load_from_string(graph())
    (table,) = [one for one in model.graph.initializer if one.name == "table"]
    values = numpy_helper.to_array(table).copy()
    values[PIECES.index("taxi"), 3] = number
    table.CopyFrom(numpy_helper.from_array(values, "table"))
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_an_artifact_whose_scales_are_not_finite_is_refused(tmp_path: Path, number: float) -> None:
    artifact = build_artifact(tmp_path, files={MODEL: with_row(number)})
    with pytest.raises(ArtifactError) as caught:
        OnnxEncoder(artifact)
    assert str(caught.value) == f"{artifact.model_path} is not valid: 'table' has numbers that are not finite"


def raw(kind: int, dtype: str, values: list[float]) -> onnx.TensorProto:
    data = np.array(values, dtype=dtype).tobytes()
    return onnx.TensorProto(name="scales", data_type=kind, dims=[len(values)], raw_data=data)


def bfloat16_bits(values: list[float]) -> list[int]:
    return [int(one) >> 16 for one in np.array(values, dtype=np.float32).view(np.uint32)]


def float16_bits(values: list[float]) -> list[int]:
    return [int(one) for one in np.array(values, dtype=np.float16).view(np.uint16)]


def listed(kind: int, field: str, values: list[float] | list[int]) -> onnx.TensorProto:
    tensor = onnx.TensorProto(name="scales", data_type=kind, dims=[len(values)])
    getattr(tensor, field).extend(values)
    return tensor


MAKERS: dict[str, Callable[[list[float]], onnx.TensorProto]] = {
    "float32": lambda values: raw(TensorProto.FLOAT, "<f4", values),
    "float64": lambda values: raw(TensorProto.DOUBLE, "<f8", values),
    "float16": lambda values: raw(TensorProto.FLOAT16, "<f2", values),
    "complex": lambda values: raw(TensorProto.COMPLEX64, "<c8", values),
    "bfloat16": lambda values: onnx.TensorProto(
        name="scales",
        data_type=TensorProto.BFLOAT16,
        dims=[len(values)],
        raw_data=np.array(bfloat16_bits(values), dtype="<u2").tobytes(),
    ),
    "list of float32": lambda values: listed(TensorProto.FLOAT, "float_data", values),
    "list of float64": lambda values: listed(TensorProto.DOUBLE, "double_data", values),
    "list of float16": lambda values: listed(TensorProto.FLOAT16, "int32_data", float16_bits(values)),
    "list of bfloat16": lambda values: listed(TensorProto.BFLOAT16, "int32_data", bfloat16_bits(values)),
}


def model_of(tensor: onnx.TensorProto) -> bytes:
    built = helper.make_graph([], "g", [], [], [tensor])
    return bytes(helper.make_model(built).SerializeToString())


@pytest.mark.parametrize("form", MAKERS)
def test_floats_of_every_form_are_read(tmp_path: Path, form: str) -> None:
    path, make = tmp_path / "g.onnx", MAKERS[form]
    path.write_bytes(model_of(make([0.0, -0.0, 1.5, 1e-30, FLOAT16_MAX, -FLOAT16_MAX])))
    check_finite(path)
    for number in (np.nan, np.inf, -np.inf):
        assert refused(path, model_of(make([1.0, 2.0, number]))).endswith("'scales' has numbers that are not finite")


def test_what_is_no_float_or_holds_nothing_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "g.onnx"
    for tensor in (
        numpy_helper.from_array(np.array([-1, 0x7F80_0000], dtype=np.int32), "codes"),
        numpy_helper.from_array(np.array([0x7C, 0xFF], dtype=np.uint8), "codes"),
        listed(TensorProto.INT32, "int32_data", [0x7C00, 0x7F80, -1]),
        numpy_helper.from_array(np.zeros((0, 3), dtype=np.float32), "nothing"),
        raw(TensorProto.FLOAT, "<f4", [FLOAT32_MAX, -FLOAT32_MAX]),
    ):
        path.write_bytes(model_of(tensor))
        check_finite(path)


BAD = raw(TensorProto.FLOAT, "<f4", [np.nan])


def constant(tensor: onnx.TensorProto) -> onnx.NodeProto:
    return helper.make_node("Constant", [], ["epsilon"], value=tensor)


def branching(nodes: list[onnx.NodeProto], initializers: list[onnx.TensorProto]) -> onnx.NodeProto:
    branch = helper.make_graph(nodes, "branch", [], [], initializers)
    return helper.make_node("If", ["c"], ["chosen"], then_branch=branch, else_branch=branch)


def sparse() -> onnx.SparseTensorProto:
    return helper.make_sparse_tensor(BAD, numpy_helper.from_array(np.array([1]), "at"), [4])


@pytest.mark.parametrize(
    ("built", "name"),
    [
        (helper.make_graph([constant(BAD)], "g", [], []), "scales"),
        (helper.make_graph([constant(onnx.TensorProto(data_type=1, float_data=[np.inf]))], "g", [], []), "epsilon"),
        (helper.make_graph([branching([constant(BAD)], [])], "g", [], []), "scales"),
        (helper.make_graph([branching([branching([], [BAD])], [])], "g", [], []), "scales"),
        (helper.make_graph([], "g", [], [], sparse_initializer=[sparse()]), "scales"),
        (helper.make_graph([helper.make_node("Constant", [], ["s"], sparse_value=sparse())], "g", [], []), "scales"),
    ],
)
def test_constants_are_read_wherever_they_lie(tmp_path: Path, built: onnx.GraphProto, name: str) -> None:
    model = bytes(helper.make_model(built).SerializeToString())
    assert f"{name!r} has numbers that are not finite" in refused(tmp_path / "g.onnx", model)


def test_constants_of_functions_are_read(tmp_path: Path) -> None:
    function = helper.make_function("own", "f", [], ["epsilon"], [constant(BAD)], [helper.make_opsetid("", 18)])
    model = helper.make_model(helper.make_graph([], "g", [], []), functions=[function])
    assert "'scales'" in refused(tmp_path / "g.onnx", bytes(model.SerializeToString()))


def test_numbers_in_another_file_are_refused(tmp_path: Path) -> None:
    tensor = onnx.TensorProto(name="table", data_type=TensorProto.FLOAT, dims=[1])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")
    assert refused(tmp_path / "g.onnx", model_of(tensor)).endswith("the numbers of 'table' are in another file")


def test_a_name_cannot_break_the_line(tmp_path: Path) -> None:
    tensor = raw(TensorProto.FLOAT, "<f4", [np.nan])
    tensor.name = "a\nb" + "c" * 1000
    assert "'a bccc" in refused(tmp_path / "g.onnx", model_of(tensor))


def enclosed(number: int, content: bytes) -> bytes:
    size, length = len(content), b""
    while size >= 0x80:
        size, length = size >> 7, length + bytes([size & 0x7F | 0x80])
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def test_what_lies_too_deep_is_refused(tmp_path: Path) -> None:
    inner = b""
    for _ in range(2000):
        inner = enclosed(1, enclosed(5, enclosed(6, inner)))  # a node with an attribute with a graph
    assert "are not those of an ONNX graph" in refused(tmp_path / "g.onnx", enclosed(7, inner))


@pytest.mark.parametrize("tensor", [b"\x10\x01\x4a\x03abc", b"\x22\x05abcde", b"\x10\x0a\x2a\x01\xff", b"\x10"])
def test_tensors_that_are_torn_are_refused(tmp_path: Path, tensor: bytes) -> None:
    told = refused(tmp_path / "g.onnx", enclosed(7, enclosed(5, tensor)))
    assert told.endswith("is not valid: its bytes are not those of an ONNX graph")


def test_a_file_that_is_gone_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="can't be read: No such file"):
        check_finite(tmp_path / "none.onnx")


def test_a_torn_graph_gives_no_other_error(tmp_path: Path) -> None:
    whole, path = with_row(0.5), tmp_path / "g.onnx"
    for end in range(0, len(whole), 7):
        path.write_bytes(whole[:end])
        try:
            check_finite(path)
        except ArtifactError:
            continue


@given(place=st.integers(0, 10_000), content=st.binary(max_size=40))
def test_an_altered_graph_gives_no_other_error(
    tmp_path_factory: pytest.TempPathFactory, place: int, content: bytes
) -> None:
    whole = graph()
    place %= len(whole)
    path = tmp_path_factory.getbasetemp() / "altered.onnx"
    path.write_bytes(whole[:place] + content + whole[place + len(content) :])
    try:
        check_finite(path)
    except ArtifactError:
        return


@pytest.mark.parametrize("folder", RELEASED)
def test_released_models_are_finite(folder: Path) -> None:
    check_finite(folder / MODEL)


def test_a_released_model_with_one_spoilt_scale_is_refused(tmp_path: Path) -> None:
    """It is refused though its checksums hold, and though the texts that try it out are embedded well."""
    folder = Path(shutil.copytree(BUNDLED_MODEL, tmp_path / "artifact"))
    model = onnx.load(folder / MODEL)
    scales = next(one for one in model.graph.initializer if one.data_type == TensorProto.FLOAT16)
    values = numpy_helper.to_array(scales).copy()
    values.flat[-2] = np.inf
    scales.CopyFrom(numpy_helper.from_array(values, scales.name))
    onnx.save(model, folder / MODEL)
    manifest = load_artifact(BUNDLED_MODEL).manifest
    entry = FileEntry(bytes=(folder / MODEL).stat().st_size, sha256=file_sha256(folder / MODEL), device=True)
    files = {**manifest.files, MODEL: entry}
    spoilt = manifest.model_copy(update={"files": files, "revision": revision_of(files)})
    (folder / MANIFEST).write_text(spoilt.model_dump_json(exclude_none=True))
    with patch("service.encoder.onnx.check_finite"):
        assert np.isfinite(OnnxEncoder(load_artifact(folder)).encode(["warm up"]).vectors).all()
    with pytest.raises(ArtifactError, match=f"{scales.name!r} has numbers that are not finite$"):
        OnnxEncoder(load_artifact(folder))
