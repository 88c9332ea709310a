"""Agreement of a student with its teacher: neighbours, rank correlations, and the pairs on which they differ most."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from model_build.common.systems import Vectors

NEIGHBOURS = 10
MOST_TEXTS = 2_000
_RANDOM_PAIRS = 20_000
_EXAMPLES = 8
_LEAST_CHARACTERS = 12  # on shorter texts one can't see which model is right


@dataclass(frozen=True)
class PairOfTexts:
    """Two texts whose similarity teacher and student see differently, and the two models' cosines."""

    first: str
    second: str
    teacher: float
    student: float


@dataclass(frozen=True)
class Agreement:
    """Agreement on a sample of texts.

    Attributes:
        texts: size of the sample.
        shared_neighbours: mean share of a text's ten nearest by the teacher that are among its ten nearest by the
            student, 0 to 1.
        near_correlation: Spearman's, of the two models' cosines over each text and its ten nearest by the teacher.
        random_correlation: the same over pairs drawn at random.
        closer: pairs that the student finds far more alike than the teacher does, the worst first.
        farther: pairs that the teacher finds far more alike, the worst first. No text is in two pairs.
    """

    texts: int
    shared_neighbours: float
    near_correlation: float
    random_correlation: float
    closer: tuple[PairOfTexts, ...]
    farther: tuple[PairOfTexts, ...]


def measure_agreement(texts: Sequence[str], student: Vectors, teacher: Vectors, *, seed: int) -> Agreement:
    """Compare two models' vectors of the same texts: float32 `[texts, width]`, unit rows; the widths may differ.

    There are at least two texts; of more than 2,000 a sample is drawn. The seed is the sample's and the random pairs'.
    """
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.choice(len(texts), min(len(texts), MOST_TEXTS), replace=False))
    own, reference = (_cosines(vectors[chosen]) for vectors in (student, teacher))
    known = [texts[place] for place in chosen]
    count = min(NEIGHBOURS, len(known) - 1)
    near = np.argsort(-reference, axis=1)[:, :count]
    near_student = np.argsort(-own, axis=1)[:, :count]
    shared = np.mean([len(np.intersect1d(*both)) / count for both in zip(near, near_student, strict=True)])
    columns = (np.repeat(np.arange(len(known)), count), near.ravel())
    first, second = rng.integers(0, len(known), (2, _RANDOM_PAIRS))
    apart = first != second
    drawn = (first[apart], second[apart])
    gap = np.triu(own - reference, 1)
    return Agreement(
        texts=len(known),
        shared_neighbours=float(shared),
        near_correlation=_rank_correlation(own[columns], reference[columns]),
        random_correlation=_rank_correlation(own[drawn], reference[drawn]),
        closer=tuple(_examples(known, gap, own, reference)),
        farther=tuple(_examples(known, -gap, own, reference)),
    )


def _cosines(vectors: Vectors) -> NDArray[np.float32]:
    """Cosines of all pairs; -1 on the diagonal, so that no text is its own neighbour."""
    cosines: NDArray[np.float32] = vectors @ vectors.T
    np.fill_diagonal(cosines, -1.0)
    return cosines


def _rank_correlation(own: NDArray[np.floating], reference: NDArray[np.floating]) -> float:
    return float(spearmanr(own, reference).statistic)


def _examples(
    texts: Sequence[str], gap: NDArray[np.float32], own: NDArray[np.float32], reference: NDArray[np.float32]
) -> Iterator[PairOfTexts]:
    """The pairs of the largest positive gaps, each text at most once."""
    long_enough = np.array([len(text) >= _LEAST_CHARACTERS for text in texts])
    free = np.where(long_enough[:, None] & long_enough, gap, 0.0)
    for _ in range(_EXAMPLES):
        first, second = divmod(int(free.argmax()), len(texts))
        if free[first, second] <= 0.0:
            return
        yield PairOfTexts(texts[first], texts[second], float(reference[first, second]), float(own[first, second]))
        free[[first, second]] = free[:, [first, second]] = 0.0
