"""The figures that select a model while it is built. They share no example with the figures that are reported."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from model_build.common.systems import EmbeddingSystem
from model_build.evaluation.cache import DistinctTexts
from model_build.evaluation.tasks.pairs import PairsProblem, PairsTask
from model_build.evaluation.tasks.search import SearchProblem, film_task, reported_fifth

FILM_QUERIES = 400
SEED = 0
STSB_FIGURE = "stsb dev Spearman"
MSRD_FIGURE = "msrd validation NDCG@10"


@dataclass(frozen=True)
class Validation:
    """The validation examples, read once for many measurements.

    Attributes:
        similarity: STS-B's dev pairs.
        films: 400 fixed film queries whose id is no multiple of 5.
    """

    similarity: PairsProblem
    films: SearchProblem

    def figures(self, system: EmbeddingSystem) -> Mapping[str, float]:
        """Spearman's correlation on STS-B dev, and NDCG@10 on the film queries."""
        distinct = DistinctTexts(system)
        (similarity,) = self.similarity.measure(distinct)
        (films,) = self.films.measure(distinct)
        return {STSB_FIGURE: similarity.value, MSRD_FIGURE: films.value}


def load_validation(data: Path) -> Validation:
    """Read the validation examples.

    Raises:
        DataError: a file is missing or isn't laid out as expected.
    """
    return Validation(
        similarity=PairsTask("stsb", match=None, split="dev").load(data, limit=None, seed=SEED),
        films=film_task(_fitting, "queries, id % 5 > 0").load(data, limit=FILM_QUERIES, seed=SEED),
    )


def _fitting(key: str) -> bool:
    return not reported_fifth(key)
