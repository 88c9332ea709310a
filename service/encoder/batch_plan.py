"""How texts share runs of the model: similar lengths together, so that little padding is computed."""

from collections.abc import Iterator, Sequence


def plan_batches(lengths: Sequence[int], token_budget: int) -> Iterator[list[int]]:
    """Group texts by length so that no run exceeds the budget.

    Args:
        lengths: tokens of each text.
        token_budget: most tokens of a run, counted as texts times the longest of them.

    Yields:
        Positions in `lengths`, longest texts first. Every position comes once. A text that is over the budget by itself
        gets a run of its own.
    """
    batch: list[int] = []
    for position in sorted(range(len(lengths)), key=lambda one: (-lengths[one], one)):
        # Longest first: the first text of a batch decides what every further one costs.
        if batch and (len(batch) + 1) * lengths[batch[0]] > token_budget:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch
