"""The texts that measure the model, so that the corpus can leave them out."""

from pathlib import Path

from model_build.evaluation.errors import DataError
from model_build.evaluation.files import BENCHMARK, read_table

_TEXT_COLUMNS = (
    ("language/*/test.tsv.xz", ("text",)),
    ("pairs/*/test.tsv.xz", ("text_a", "text_b")),
    ("pairs/stsb/dev.tsv.xz", ("text_a", "text_b")),
    ("search/*/queries.tsv.xz", ("query",)),
)


def normalized(text: str) -> str:
    """The form in which texts are compared: case folded, every run of white space one blank."""
    return " ".join(text.casefold().split())


def evaluation_texts(data: Path) -> set[str]:
    """Every text that is measured or chosen by, normalised.

    These are the test texts of the language and pairs tasks, every search query (fitted on or not), and the STS-B dev
    pairs that select a model. The documents of the search tasks and the items of the behaviour tasks are not among
    them: they are catalogue texts, which a model may know, and a judgement about them stands in no text. Sets that
    the folder lacks are skipped.

    Args:
        data: the folder that holds `benchmark/`.

    Raises:
        DataError: there is no `benchmark/`, or a file in it isn't laid out as expected.
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
