"""How far a student sees texts as its teacher does: on the whole, among neighbours, and where the two differ most."""

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
_LEAST_CHARACTERS = 12  # of two words or so one can't tell who is right


@dataclass(frozen=True)
class PairOfTexts:
    """Two texts that teacher and student judge differently.

    Attributes:
        first: a text.
        second: another.
        teacher: the teacher's cosine of the two.
        student: the student's.
    """

    first: str
    second: str
    teacher: float
    student: float


@dataclass(frozen=True)
class Agreement:
    """What a sample of texts shows.

    Attributes:
        texts: how many.
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
    """Compare two models' vectors of the same texts.

    Args:
        texts: two at least; of more than 2,000 a sample is taken.
        student: float32 `[texts, any width]`, unit rows.
        teacher: likewise; the width may be another.
        seed: of the sample and of the random pairs.
    """
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.choice(len(texts), min(len(texts), MOST_TEXTS), replace=False))
    ours, theirs = (_cosines(vectors[chosen]) for vectors in (student, teacher))
    known = [texts[place] for place in chosen]
    count = min(NEIGHBOURS, len(known) - 1)
    near = np.argsort(-theirs, axis=1)[:, :count]
    near_ours = np.argsort(-ours, axis=1)[:, :count]
    shared = np.mean([len(np.intersect1d(*both)) / count for both in zip(near, near_ours, strict=True)])
    columns = (np.repeat(np.arange(len(known)), count), near.ravel())
    first, second = rng.integers(0, len(known), (2, _RANDOM_PAIRS))
    apart = first != second
    drawn = (first[apart], second[apart])
    gap = np.triu(ours - theirs, 1)
    return Agreement(
        texts=len(known),
        shared_neighbours=float(shared),
        near_correlation=_rank_correlation(ours[columns], theirs[columns]),
        random_correlation=_rank_correlation(ours[drawn], theirs[drawn]),
        closer=tuple(_examples(known, gap, ours, theirs)),
        farther=tuple(_examples(known, -gap, ours, theirs)),
    )


def _cosines(vectors: Vectors) -> NDArray[np.float32]:
    """Of each with each; with itself, -1, so that no text is its own neighbour."""
    cosines: NDArray[np.float32] = vectors @ vectors.T
    np.fill_diagonal(cosines, -1.0)
    return cosines


def _rank_correlation(ours: NDArray[np.floating], theirs: NDArray[np.floating]) -> float:
    return float(spearmanr(ours, theirs).statistic)


def _examples(
    texts: Sequence[str], gap: NDArray[np.float32], ours: NDArray[np.float32], theirs: NDArray[np.float32]
) -> Iterator[PairOfTexts]:
    """The pairs of the largest gaps above nothing, each text at most once."""
    told = np.array([len(text) >= _LEAST_CHARACTERS for text in texts])
    free = np.where(told[:, None] & told, gap, 0.0)
    for _ in range(_EXAMPLES):
        first, second = divmod(int(free.argmax()), len(texts))
        if free[first, second] <= 0.0:
            return
        yield PairOfTexts(texts[first], texts[second], float(theirs[first, second]), float(ours[first, second]))
        free[[first, second]] = free[:, [first, second]] = 0.0
