"""Groups texts of similar length into runs of the model, to minimise padding."""

from collections.abc import Iterator, Sequence


def plan_batches(lengths: Sequence[int], token_budget: int) -> Iterator[list[int]]:
    """Group texts, of these lengths in tokens, so that no run exceeds the budget: its texts times the longest of them.

    Yields:
        Positions in `lengths`, the longest texts first, each once. A text over the budget gets a run of its own.
    """
    batch: list[int] = []
    for position in sorted(range(len(lengths)), key=lambda one: (-lengths[one], one)):
        # The first text of a batch is its longest, to which all others are padded.
        if batch and (len(batch) + 1) * lengths[batch[0]] > token_budget:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch
