from pathlib import Path

import pytest

from model_build.common.errors import CorpusError
from model_build.ranking.data.search_domains import CANDIDATES, SEARCH_DOMAINS
from tests.model_build.ranking.benchmark import write_ranking_data

DOMAINS = {one.name: one for one in SEARCH_DOMAINS}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_ranking_data(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", DOMAINS)
def test_a_search_has_an_answer_among_others(name: str, data: Path) -> None:
    searches = DOMAINS[name].load(data, 0)
    assert searches
    for one in searches:
        texts = [candidate["text"] for candidate in one.candidates]
        assert len(set(texts)) == len(texts) <= CANDIDATES
        assert one.gains.max() > 0
        assert (one.gains == 0).any()
        assert one.source == name
    assert [one.query for one in DOMAINS[name].load(data, 0)] == [one.query for one in searches]


@pytest.mark.parametrize("name", ["msrd", "homedepot"])
def test_reported_queries_teach_nothing(name: str, data: Path) -> None:
    """The made-up set has a query a number; every fifth is reported."""
    assert len(DOMAINS[name].load(data, 0)) == 28


def test_an_answer_of_a_pair_is_its_match(data: Path) -> None:
    for one in DOMAINS["match_wdc_shoes"].load(data, 0):
        answers = [text["text"] or "" for text, gain in zip(one.candidates, one.gains, strict=True) if gain]
        assert [answer.split()[0] for answer in answers] == [(one.query or "").split()[0]]


def test_a_missing_corpus_is_reported(data: Path) -> None:
    (data / "corpus" / "appstream.txt.xz").unlink()
    with pytest.raises(CorpusError, match=r"appstream.txt.xz can't be read"):
        DOMAINS["corpus"].load(data, 0)
