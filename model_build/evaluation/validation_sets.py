"""Examples that select a model while it is built. None of them is among the reported ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_build.common.errors import DataError
from model_build.common.systems import EmbeddingSystem
from model_build.common.tsv import read_table
from model_build.evaluation.cache import DistinctTexts
from model_build.evaluation.tasks.base import BENCHMARK
from model_build.evaluation.tasks.language import LanguageProblem
from model_build.evaluation.tasks.pairs import PairsProblem, PairsTask
from model_build.evaluation.tasks.search import SearchProblem, film_task, unreported

FILM_QUERIES = 400
SEED = 0
STSB_METRIC = "stsb dev Spearman"
MSRD_METRIC = "msrd validation NDCG@10"
PROBE_SET = "banking77"
PROBE_METRIC = f"{PROBE_SET} validation accuracy"
PROBE_TEXTS = 1_500  # of each half; the training split has 10,000


@dataclass(frozen=True)
class Validation:
    """The validation examples, read once for many measurements.

    They are STS-B's dev pairs, and 400 fixed film queries whose id is not a multiple of 5.
    """

    similarity: PairsProblem
    films: SearchProblem

    def metrics(self, system: EmbeddingSystem) -> Mapping[str, float]:
        """Spearman's correlation on STS-B dev, and NDCG@10 on the film queries."""
        distinct = DistinctTexts(system)
        (similarity,) = self.similarity.measure(distinct)
        (films,) = self.films.measure(distinct)
        return {STSB_METRIC: similarity.value, MSRD_METRIC: films.value}


def load_validation(data: Path) -> Validation:
    """Read the validation examples.

    Raises:
        DataError: a file is missing or has another layout than expected.
    """
    return Validation(
        similarity=PairsTask("stsb", match=None, split="dev").load(data, limit=None, seed=SEED),
        films=film_task(unreported, "queries, id % 5 > 0").load(data, limit=FILM_QUERIES, seed=SEED),
    )


def load_probe(data: Path, texts: int = PROBE_TEXTS) -> LanguageProblem | None:
    """Draw two halves of banking77's training split, to fit a probe to and to measure it on; None without the set.

    Raises:
        DataError: the file has another layout than expected, or too few labels.
    """
    path = data / BENCHMARK / "language" / PROBE_SET / "train.tsv.xz"
    if not path.is_file():
        return None
    rows = list({text: label for label, text in read_table(path, ("label", "text"))}.items())
    order = np.random.default_rng(SEED).permutation(len(rows))[: 2 * texts]
    fitted, measured = ([rows[place] for place in half] for half in (order[::2], order[1::2]))
    if len({label for _, label in fitted}) < 2:
        raise DataError(f"{path} has fewer than two labels")
    return LanguageProblem(
        train_texts=tuple(text for text, _ in fitted),
        train_labels=tuple(label for _, label in fitted),
        test_texts=tuple(text for text, _ in measured),
        test_labels=tuple(label for _, label in measured),
    )
