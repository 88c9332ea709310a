"""The cross-encoder's ONNX graph, in the folder layout that a peer expects."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from loadtests.peers.peer import Models, PeerError, Weights, files_of, folder_of

TOKENIZER_FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")


def graph_files(models: Models) -> Sequence[Path]:
    """Files of the graph and the tokenizer.

    Raises:
        PeerError: no folder was given, it lacks a file, or it does not hold exactly one graph.
    """
    folder = folder_of(models, Weights.CROSS_ENCODER)
    files = files_of(folder, TOKENIZER_FILES)
    graphs = sorted(folder.rglob("*.onnx"))
    if len(graphs) != 1:
        raise PeerError(f"{folder} must hold one ONNX graph, and has {len(graphs)}")
    return [graphs[0].resolve(), *files]


def lay_out(models: Models, target: Path, graph_name: str) -> None:
    """Make a folder with links to the graph, under another name, and to the tokenizer's files.

    Raises:
        PeerError: as `graph_files`.
    """
    graph, *files = graph_files(models)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    (target / graph_name).symlink_to(graph)
    for file in files:
        (target / file.name).symlink_to(file)
