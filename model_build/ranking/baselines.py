"""The TF-IDF baseline over the titles of a history."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from model_build.evaluation.tasks.behaviour import DECAY, HISTORY, Step
from model_build.ranking.data.lists import Matrix


def tfidf_scores(texts: Sequence[str], steps: Sequence[Step]) -> Matrix:
    """Score each step's popular negatives by TF-IDF: float64 `[steps, 1 + negatives]`, the target first.

    IDF is over all texts of the catalogue. The words of the last `HISTORY` items count by age, as the behaviour tasks
    weight vectors.
    """
    words = TfidfVectorizer().fit_transform(texts)
    rows = []
    for step in steps:
        recent = step.history[-HISTORY:]
        ages = np.arange(len(recent) - 1, -1, -1)
        user = words[recent].T @ (DECAY**ages)
        rows.append(words[np.append(step.target, step.popular)] @ user)
    return np.stack(rows)
