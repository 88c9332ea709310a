from collections import Counter

from loadtests.soak.mixture import Keys, Mixture

KEYS = Keys("all", "some")


def drawn(seed: int, count: int = 400, **heads: str) -> list[tuple[str, bytes]]:
    mixture = Mixture(seed, KEYS, heads=heads)
    return [(one.kind, one.request) for one in (mixture.draw() for _ in range(count))]


def test_the_same_seed_draws_the_same_requests() -> None:
    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_every_kind_comes_by_its_weight() -> None:
    kinds = Counter(kind for kind, _ in drawn(3, 20_000, topics="text"))
    assert kinds["known"] > 5000
    assert len(kinds) > 30
    assert kinds["classify"] > 100
    assert min(kinds.values()) > 0


def test_nothing_is_classified_without_a_head() -> None:
    assert "classify" not in {kind for kind, _ in drawn(3, 3000)}


def test_pairs_are_sent_to_a_head_of_pairs() -> None:
    classified = [request for kind, request in drawn(3, 3000, same="pair") if kind == "classify"]
    assert classified
    assert all(b'"inputs": [["' in request for request in classified)


def test_the_items_that_rankings_name_are_put_first() -> None:
    first = list(Mixture(3, KEYS).first())
    assert sum(one.request.count(b'"id": ') for one in first) == 2000
    assert all(one.request.startswith(b"PUT /v1/items ") for one in first)
