from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from model_build.common.systems import Role, Vectors
from model_build.corpus.pairs import PairTasks
from model_build.heads.pairs import FITTED, REUSED, as_linear, compare_heads, publish_reused
from model_build.teacher.pair_classifier import PairClassifier
from service.artifact.artifact import load_artifact
from service.heads.loading import load_head
from service.heads.pair_features import pair_features


class Words:
    """Vectors of the letters of a text, whatever their order: pairs with the same words have a high cosine."""

    name = identity = "words"
    role = Role.ARTIFACT
    bytes = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        counts = np.array([[text.count(letter) for letter in "abcdefghijklmnopqrstuvwz"] for text in texts], float)
        vectors: Vectors = (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)
        return vectors


def test_the_linear_form_says_what_the_head_says() -> None:
    torch.manual_seed(0)
    head = PairClassifier(2, 6)
    torch.nn.init.normal_(head.weight)
    torch.nn.init.normal_(head.bias)
    first, second = torch.randn(5, 6), torch.randn(5, 6)
    logits = as_linear(head, 1).logits(pair_features(first.numpy(), second.numpy()))
    with torch.no_grad():
        said = head(first, second, torch.ones(5, dtype=torch.int64)).numpy()
    assert np.allclose(logits[:, 1] - logits[:, 0], said, atol=1e-5)


def test_both_heads_are_measured_on_the_pairs_that_choose(tasks: PairTasks, tests: PairTasks) -> None:
    head = PairClassifier(2, 24)
    with torch.no_grad():
        head.bias.fill_(-9.0)  # a match from a cosine of 0.9 on
    table = compare_heads(Words(), head, tasks, tests, seed=1)
    assert [(row.task, row.split, row.head, row.pairs) for row in table] == [
        ("same", "validation", REUSED, 60),
        ("same", "validation", FITTED, 60),
        ("too", "validation", REUSED, 60),
        ("too", "validation", FITTED, 60),
        ("too", "test", REUSED, 300),
        ("too", "test", FITTED, 300),
    ]
    assert all(row.roc_auc > 0.9 and row.low <= row.accuracy <= row.high for row in table)
    assert table[-1].majority == 0.5


def test_the_reused_head_is_a_head_of_the_artifact(tasks: PairTasks, smoke_run: Path, tmp_path: Path) -> None:
    manifest = load_artifact(smoke_run / "artifact").manifest
    head = PairClassifier(2, manifest.model.dimension)
    table = compare_heads(Words(), PairClassifier(2, 24), tasks, None, seed=1)
    (tmp_path / "pairs.tsv").write_text("label\n")
    publish_reused(head, tasks, manifest, [tmp_path / "pairs.tsv"], table, tmp_path / "head", seed=1)
    loaded = load_head(tmp_path / "head")
    assert loaded.manifest.classes == ("0", "1")
    assert loaded.manifest.backbone.revision == manifest.revision
    assert [figure.value for figure in loaded.manifest.figures] == [table[0].accuracy, table[0].roc_auc]
