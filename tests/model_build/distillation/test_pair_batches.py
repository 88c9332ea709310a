from pathlib import Path

import numpy as np
import torch

from model_build.corpus.pairs import PairTasks
from model_build.distillation.pair_batches import TASKS, PairValidator, supervised_pairs
from model_build.teacher.embed import VECTORS
from model_build.teacher.pair_classifier import PairClassifier
from tests.model_build.students import rows, student


def tokenize(texts: object) -> list[list[int]]:
    return rows(len(list(texts)))  # type: ignore[call-overload]


def test_vectors_come_from_the_corpus_and_from_beside_it(tasks: PairTasks, tmp_path: Path) -> None:
    corpus = ["another text", *reversed(tasks.texts[10:])]
    (tmp_path / TASKS).mkdir()
    np.save(tmp_path / VECTORS, np.eye(len(corpus), 600, dtype=np.float16))
    np.save(tmp_path / TASKS / VECTORS, np.eye(10, 600, dtype=np.float16)[:, ::-1])
    labelled = supervised_pairs(tasks, corpus, tokenize, PairClassifier(2, 600), tmp_path)
    vectors = labelled.examples.vectors(np.array([3, 10])).numpy()
    assert vectors[0].argmax() == 600 - 1 - 3
    assert corpus[vectors[1].argmax()] == tasks.texts[10]
    assert len(labelled.labels) == len(labelled.tasks) == len(labelled.examples.pairs) == tasks.training
    batch = labelled.stream(8, seed=1).at(0)
    assert len(batch) == 8
    assert batch.max() < tasks.training


def test_validation_has_metrics_of_each_task(tasks: PairTasks) -> None:
    model = student(tasks=2)
    metrics = PairValidator(tasks, tokenize)(model)
    assert list(metrics) == ["same accuracy", "same ROC-AUC", "too accuracy", "too ROC-AUC"]
    assert model.pair_classifier is not None
    with torch.no_grad():
        model.pair_classifier.bias.fill_(-1e6)
    negatives = tasks.labels[tasks.training :][tasks.tasks[tasks.training :] == 0] == 0
    assert PairValidator(tasks, tokenize)(model)["same accuracy"] == negatives.mean()
