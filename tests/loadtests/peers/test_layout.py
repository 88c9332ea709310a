from pathlib import Path

import pytest

from loadtests.peers.layout import TOKENIZER_FILES, graph_files, lay_out
from loadtests.peers.peer import PeerError, Weights


def _folder(folder: Path, *graphs: str) -> Path:
    for name in (*TOKENIZER_FILES, *graphs):
        (folder / name).write_text(name)
    return folder


def test_links_have_the_names_that_a_peer_looks_for(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    models = {Weights.CROSS_ENCODER: _folder(weights, "int8.onnx")}
    for _ in range(2):  # a second run finds the links of the first
        lay_out(models, tmp_path / "laid" / "out", "model.onnx")
    names = {file.name: file.resolve() for file in (tmp_path / "laid" / "out").iterdir()}
    assert names.pop("model.onnx") == weights / "int8.onnx"
    assert names == {name: weights / name for name in TOKENIZER_FILES}


@pytest.mark.parametrize(("graphs", "message"), [((), "and has 0"), (("a.onnx", "b.onnx"), "and has 2")])
def test_there_must_be_one_graph(tmp_path: Path, graphs: tuple[str, ...], message: str) -> None:
    with pytest.raises(PeerError, match=f"must hold one ONNX graph, {message}$"):
        graph_files({Weights.CROSS_ENCODER: _folder(tmp_path, *graphs)})


def test_a_folder_without_a_file_is_reported(tmp_path: Path) -> None:
    (_folder(tmp_path, "a.onnx") / "tokenizer.json").unlink()
    with pytest.raises(PeerError, match=r"has no tokenizer\.json$"):
        graph_files({Weights.CROSS_ENCODER: tmp_path})
