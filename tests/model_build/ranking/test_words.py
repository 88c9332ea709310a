import numpy as np

from model_build.ranking.data.lists import JudgedList, qualities
from model_build.ranking.words import OVERLAPS, TITLES, fit_words
from service.ranking.weights import DEFAULT_WEIGHTS
from tests.model_build.ranking.benchmark import judged

PRIOR = DEFAULT_WEIGHTS["search"]


def lists_of(source: str, *, lexical: float, lead: float, count: int = 40, seed: int = 0) -> list[JudgedList]:
    """Lists in which the answer's similarity is noisy, and its words and lead tell so much of it."""
    draw = np.random.default_rng(seed)
    made = []
    for number in range(count):
        gains = [1.0, *[0.0] * 9]
        answer = np.array(gains)
        made.append(
            judged(
                gains,
                group=f"{source} {number}",
                source=source,
                query_similarity=list(0.5 + 0.1 * answer + 0.2 * draw.random(10)),
                query_overlap=list(np.clip(lexical * answer + (1 - lexical) * draw.random(10), 0, 1)),
                query_lead_overlap=list(np.clip(lead * answer + (1 - lead) * draw.random(10), 0, 1)),
            )
        )
    return made


def test_words_that_help_everywhere_count() -> None:
    lists = [one for name in "abc" for one in lists_of(name, lexical=0.4, lead=0.0, seed=ord(name))]
    fit = fit_words(lists, PRIOR, seed=0)
    assert fit.weights["query_overlap"] >= 0.2
    assert fit.weights["query_lead_overlap"] < fit.weights["query_overlap"]
    assert [one.domain for one in fit.left_out] == ["a", "b", "c"]
    assert all(one.fused >= one.best for one in fit.left_out)
    assert {name: fit.weights[name] for name in PRIOR if "overlap" not in name} == {
        name: weight for name, weight in PRIOR.items() if "overlap" not in name
    }


def test_one_domain_alone_decides_nothing() -> None:
    """The lead tells everything in one, and misleads in the others."""
    films = lists_of("films", lexical=0.3, lead=1.0)
    products = [one for name in "ab" for one in lists_of(name, lexical=0.3, lead=0.0, seed=ord(name))]
    alone = fit_words([*films, *lists_of("more films", lexical=0.3, lead=1.0, seed=9)], PRIOR, seed=0)
    together = fit_words([*films, *products], PRIOR, seed=0)
    assert alone.weights["query_lead_overlap"] > together.weights["query_lead_overlap"]


def test_a_domain_is_ordered_by_weights_that_have_not_seen_it() -> None:
    others = [one for name in "ab" for one in lists_of(name, lexical=0.5, lead=0.0, seed=ord(name))]
    own = lists_of("c", lexical=0.0, lead=1.0, seed=3)
    fit, without = fit_words([*others, *own], PRIOR, seed=0), fit_words(others, PRIOR, seed=0)
    np.testing.assert_array_equal(fit.held_out[len(others) :], qualities(own, without.weights, "NDCG@10"))
    assert fit.left_out[2].fused == round(float(fit.held_out[len(others) :].mean()), 4)


def test_the_grid_holds_words_alone_and_none() -> None:
    assert OVERLAPS[0] == TITLES[0] == 0.0
