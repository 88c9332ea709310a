from hypothesis import given
from hypothesis import strategies as st

from service.encoder.batch_plan import plan_batches

lengths_and_budget = st.tuples(st.lists(st.integers(1, 128)), st.integers(1, 1024))


@given(lengths_and_budget)
def test_every_text_is_planned_once(given_: tuple[list[int], int]) -> None:
    lengths, budget = given_
    planned = [position for batch in plan_batches(lengths, budget) for position in batch]
    assert sorted(planned) == list(range(len(lengths)))


@given(lengths_and_budget)
def test_no_run_is_over_the_budget_but_of_a_single_text(given_: tuple[list[int], int]) -> None:
    lengths, budget = given_
    for batch in plan_batches(lengths, budget):
        assert len(batch) == 1 or len(batch) * max(lengths[position] for position in batch) <= budget


def test_texts_of_like_length_share_runs() -> None:
    assert list(plan_batches([2, 10, 3, 9], 20)) == [[1, 3], [2, 0]]
