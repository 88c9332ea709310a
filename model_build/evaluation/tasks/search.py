"""Search: rank documents for a query, by cosine or by words; NDCG@10.

If documents have graded judgements (msrd, homedepot), a query's judged documents are ranked. If only the relevant ones
are listed (cranfield, vaswani), the whole collection is ranked, and an unlisted document counts as irrelevant.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.common.errors import DataError
from model_build.common.systems import EmbeddingSystem, LexicalSystem, System
from model_build.common.tsv import read_table
from model_build.evaluation.metrics import ndcg_at_k
from model_build.evaluation.tasks.base import BENCHMARK, TaskMetric, mean_of, sample

OVERVIEW_CHARACTERS = 200
FIFTH = "queries, id % 5 = 0"


@dataclass(frozen=True)
class Query:
    """A query and the documents to rank for it.

    Documents, int64 `[candidates]`, are indices into the collection; grades, float64 likewise, are 0 for irrelevant
    ones.
    """

    text: str
    documents: NDArray[np.int64]
    grades: NDArray[np.float64]


@dataclass(frozen=True)
class SearchProblem:
    """Queries, each with a relevant document, over a collection, from which BM25 takes its word statistics."""

    documents: tuple[str, ...]
    queries: tuple[Query, ...]
    split: str

    def measure(self, system: System) -> tuple[TaskMetric, ...]:
        """NDCG@10."""
        scores = self._cosines(system) if isinstance(system, EmbeddingSystem) else self._matches(system)
        values = np.array([ndcg_at_k(row, query.grades) for query, row in zip(self.queries, scores, strict=True)])
        return (TaskMetric("NDCG@10", self.split, len(values), mean_of(values)),)

    def _cosines(self, system: EmbeddingSystem) -> Iterator[NDArray[np.float32]]:
        needed = np.unique(np.concatenate([query.documents for query in self.queries]))
        texts = [query.text for query in self.queries] + [self.documents[row] for row in needed]
        vectors = system.embed(texts)
        queries, documents = vectors[: len(self.queries)], vectors[len(self.queries) :]
        for query, vector in zip(self.queries, queries, strict=True):
            yield documents[np.searchsorted(needed, query.documents)] @ vector

    def _matches(self, system: LexicalSystem) -> Iterator[NDArray[np.float32]]:
        index = system.index(self.documents)
        for query in self.queries:
            yield index.scores(query.text)[query.documents]


@dataclass(frozen=True)
class SearchTask:
    """A collection in `benchmark/search/<name>`: `docs`, `queries` and `qrels`.

    Attributes:
        name: of the folder.
        columns: of `docs.tsv.xz`, from which a document's text is made.
        text: makes the text from those columns.
        grade: column of `qrels.tsv.xz` with the relevance.
        chosen: selects queries by id.
        split: name of the selection.
        whole: rank the whole collection instead of the judged documents.
        irrelevant: grade of an irrelevant document, which is subtracted.
    """

    name: str
    columns: tuple[str, ...]
    text: Callable[[tuple[str, ...]], str]
    grade: str
    chosen: Callable[[str], bool]
    split: str
    whole: bool = False
    irrelevant: float = 0.0

    def load(self, data: Path, *, limit: int | None, seed: int) -> SearchProblem:
        """Read the collection and its judgements.

        Queries without a relevant document, and judgements of unknown documents, are skipped.
        """
        folder = data / BENCHMARK / "search" / self.name
        documents = read_table(folder / "docs.tsv.xz", ("doc_id", *self.columns))
        rows = {document[0]: row for row, document in enumerate(documents)}
        judged = self._judgements(folder / "qrels.tsv.xz", rows)
        queries = [
            self._query(text, judged[key], len(documents))
            for key, text in read_table(folder / "queries.tsv.xz", ("qid", "query"))
            if self.chosen(key) and any(grade > 0 for grade in judged.get(key, {}).values())
        ]
        if not queries:
            raise DataError(f"{folder} has no query with a relevant document among the {self.split}")
        return SearchProblem(
            documents=tuple(self.text(document[1:]) for document in documents),
            queries=tuple(sample(queries, limit, seed)),
            split=self.split,
        )

    def _judgements(self, path: Path, rows: dict[str, int]) -> dict[str, dict[int, float]]:
        judged: dict[str, dict[int, float]] = {}
        for query, document, grade in read_table(path, ("qid", "doc_id", self.grade)):
            if document in rows:
                judged.setdefault(query, {})[rows[document]] = max(0.0, _grade(grade, path) - self.irrelevant)
        return judged

    def _query(self, text: str, judged: dict[int, float], documents: int) -> Query:
        rows = np.fromiter(judged, dtype=np.int64, count=len(judged))
        grades = np.fromiter(judged.values(), dtype=np.float64, count=len(judged))
        if not self.whole:
            return Query(text, rows, grades)
        everything = np.zeros(documents)
        everything[rows] = grades
        return Query(text, np.arange(documents, dtype=np.int64), everything)


def film_text(columns: tuple[str, ...]) -> str:
    """A film's text: title, genres, director, actors and the start of the overview."""
    title, genres, director, actors, overview = columns
    return ". ".join(part for part in (title, genres, director, actors, overview[:OVERVIEW_CHARACTERS]) if part)


def only_column(columns: tuple[str, ...]) -> str:
    """The text of a document with one column."""
    return columns[0]


def every_query(key: str) -> bool:
    """Select every query."""
    return bool(key)


def reported_fifth(key: str) -> bool:
    """Select the reported queries: those whose id is a multiple of 5."""
    return int(key) % 5 == 0


def unreported(key: str) -> bool:
    """Select the queries that are free for fitting."""
    return not reported_fifth(key)


def _grade(text: str, path: Path) -> float:
    try:
        return float(text)
    except ValueError:
        raise DataError(f"{path}: {text!r} is not a grade") from None


def film_task(chosen: Callable[[str], bool], split: str) -> SearchTask:
    """Film search over a selection of its queries."""
    columns = ("title", "genres", "director", "actors5", "overview")
    return SearchTask("msrd", columns, film_text, "grade", chosen, split)


SEARCH_TASKS = (
    film_task(reported_fifth, FIFTH),
    SearchTask("homedepot", ("title",), only_column, "relevance_1to3", reported_fifth, FIFTH, irrelevant=1.0),
    SearchTask("cranfield", ("text",), only_column, "rel", every_query, "queries", whole=True),
    SearchTask("vaswani", ("text",), only_column, "rel", every_query, "queries", whole=True),
)
