from pathlib import Path

import numpy as np
import pytest

from model_build.common.errors import DataError
from model_build.evaluation.systems.bm25 import BM25System
from model_build.evaluation.tasks.registry import task_named
from model_build.evaluation.tasks.search import SearchProblem, film_text
from tests.model_build.evaluation.benchmark import FakeSystem, write_search, write_table

SHARED = (1 / np.log2(3) + 1 / np.log2(4)) / 2
"""NDCG where the only relevant document shares the second and third rank with another."""


def test_film_search_reports_on_a_fifth_of_the_queries(tmp_path: Path) -> None:
    write_search(tmp_path)
    problem = task_named("msrd").load(tmp_path, limit=None, seed=0)
    (outcome,) = problem.measure(FakeSystem())
    # "red": the irrelevant document 1 matches, the relevant 2 shares the ranks behind it with 3.
    # "green dog": the relevant document comes first. Query 15 has no relevant document; 6 is not of the fifth.
    assert outcome.examples == 2
    assert outcome.metric == "NDCG@10"
    assert outcome.value == pytest.approx((SHARED + 1) / 2)


def test_bm25_orders_by_words(tmp_path: Path) -> None:
    write_search(tmp_path)
    problem = task_named("msrd").load(tmp_path, limit=None, seed=0)
    (outcome,) = problem.measure(BM25System())
    assert outcome.value == pytest.approx((SHARED + 1) / 2)


def test_bm25_scores_a_query_of_unknown_words_zero() -> None:
    index = BM25System().index(["red cat", "green dog"])
    assert index.scores("the").tolist() == [0.0, 0.0]
    assert index.scores("zebra").tolist() == [0.0, 0.0]
    scores = index.scores("green zebra")
    assert scores[1] > scores[0] == 0.0


def test_a_whole_collection_is_ordered_where_only_relevant_documents_are_listed(tmp_path: Path) -> None:
    folder = tmp_path / "benchmark" / "search" / "cranfield"
    write_table(folder / "docs.tsv.xz", "doc_id|title|text", "1|a|red", "2|b|red green", "3|c|dog")
    write_table(folder / "queries.tsv.xz", "qid|query", "1|red")
    write_table(folder / "qrels.tsv.xz", "qid|doc_id|rel", "1|2|1")
    (outcome,) = task_named("cranfield").load(tmp_path, limit=None, seed=0).measure(FakeSystem())
    assert outcome.value == pytest.approx(1 / np.log2(3))


def test_relevance_counts_from_the_grade_of_the_irrelevant(tmp_path: Path) -> None:
    folder = tmp_path / "benchmark" / "search" / "homedepot"
    write_table(folder / "docs.tsv.xz", "doc_id|title", "1|red", "2|green", "3|dog")
    write_table(folder / "queries.tsv.xz", "qid|query", "5|red", "10|dog", "11|red")
    # Nothing answers the second query, and the third is not of the fifth that reports.
    grades = ("5|1|1.0", "5|2|2.5", "5|3|0.5", "10|1|1", "11|1|3")
    write_table(folder / "qrels.tsv.xz", "qid|doc_id|relevance_1to3", *grades)
    problem = task_named("homedepot").load(tmp_path, limit=None, seed=0)
    assert isinstance(problem, SearchProblem)
    assert [query.grades.tolist() for query in problem.queries] == [[0.0, 1.5, 0.0]]
    (outcome,) = problem.measure(FakeSystem())
    assert outcome.value == pytest.approx(SHARED)


def test_a_limit_draws_queries(tmp_path: Path) -> None:
    write_search(tmp_path)
    (outcome,) = task_named("msrd").load(tmp_path, limit=1, seed=0).measure(FakeSystem())
    assert outcome.examples == 1


def test_a_set_without_relevant_documents_is_refused(tmp_path: Path) -> None:
    write_search(tmp_path)
    write_table(tmp_path / "benchmark/search/msrd/qrels.tsv.xz", "qid|doc_id|grade", "5|1|0")
    with pytest.raises(DataError, match="no query with a relevant document"):
        task_named("msrd").load(tmp_path, limit=None, seed=0)


def test_a_grade_must_be_a_number(tmp_path: Path) -> None:
    write_search(tmp_path)
    write_table(tmp_path / "benchmark/search/msrd/qrels.tsv.xz", "qid|doc_id|grade", "5|1|good")
    with pytest.raises(DataError, match="'good' is not a grade"):
        task_named("msrd").load(tmp_path, limit=None, seed=0)


def test_a_film_text_leaves_out_what_is_not_known() -> None:
    assert film_text(("Alien", "Horror", "", "S. Weaver", "x" * 300)) == f"Alien. Horror. S. Weaver. {'x' * 200}"
