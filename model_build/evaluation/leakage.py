"""The texts of the evaluation sets, so that the training corpus can exclude them."""

from pathlib import Path

from model_build.common.errors import DataError
from model_build.common.tsv import read_table
from model_build.evaluation.tasks.base import BENCHMARK

_TEXT_COLUMNS = (
    ("language/*/test.tsv.xz", ("text",)),
    ("pairs/*/test.tsv.xz", ("text_a", "text_b")),
    ("pairs/stsb/dev.tsv.xz", ("text_a", "text_b")),
    ("search/*/queries.tsv.xz", ("query",)),
)


def normalized(text: str) -> str:
    """The form in which texts are compared: case folded, every run of white space one space."""
    return " ".join(text.casefold().split())


def evaluation_texts(data: Path) -> set[str]:
    """Every text that is measured on or selected by, normalised.

    These are the test texts of the language and pairs tasks, all search queries, and the STS-B dev pairs that select a
    model. Documents of search tasks and items of behaviour tasks are not among them: a model may know catalogue texts,
    since the relevance judgements are not part of any text. Sets that the folder lacks are skipped.

    Raises:
        DataError: there is no `benchmark/` in `data`, or a file in it has another layout than expected.
    """
    folder = data / BENCHMARK
    if not folder.is_dir():
        raise DataError(f"{folder} is missing; expected search/, behaviour/, language/ and pairs/ in it")
    return {
        normalized(text)
        for pattern, columns in _TEXT_COLUMNS
        for path in sorted(folder.glob(pattern))
        for cells in read_table(path, columns)
        for text in cells
    }
