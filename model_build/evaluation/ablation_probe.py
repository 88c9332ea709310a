"""A validation figure for language understanding: a probe fit on some training texts of banking77, measured on others.

The test split has no part in it.
"""

from pathlib import Path

import numpy as np

from model_build.evaluation.errors import DataError
from model_build.evaluation.files import BENCHMARK, read_table
from model_build.evaluation.tasks.language import LanguageProblem

NAME = "banking77"
FIGURE = f"{NAME} validation accuracy"
TEXTS = 1_500  # of each part; the training split has 10,000
SEED = 0


def load_probe(data: Path, texts: int = TEXTS) -> LanguageProblem | None:
    """Draw two parts of the training split; None where the data folder lacks the set.

    Raises:
        DataError: the file isn't laid out as expected, or has too few labels.
    """
    path = data / BENCHMARK / "language" / NAME / "train.tsv.xz"
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
