"""Whether a recipe's student fits its byte budget, and what would."""

from collections.abc import Iterable

from model_build.common.errors import BudgetError
from model_build.recipe import LEAST_PIECES, Recipe
from model_build.run.estimate import ByteEstimate, estimate_bytes

_STEP = 1_000  # pieces between two weighed vocabularies
_ROUNDED = 100


def check_fits(recipe: Recipe, sizes: ByteEstimate, vocabulary: int, *, manifest: int = 0) -> None:
    """Refuse a student that is over the budget.

    Args:
        recipe: what is to be made.
        sizes: its estimate, of which the graph's and the ranker's bytes are exact.
        vocabulary: bytes that its `vocab.txt` has, at least.
        manifest: the same of its manifest.

    Raises:
        BudgetError: it is; the message has the largest vocabulary that fits, or the least budget.
    """
    budget = recipe.gates.byte_budget
    total = sizes.graph + sizes.ranker + vocabulary + manifest
    if total > budget:
        over = f"the device files take {total:,} bytes, {total - budget:,} over gates.byte_budget ({budget:,})"
        raise BudgetError(f"{over}; {_advice(recipe)}")


def vocabulary_bytes(pieces: Iterable[str]) -> list[int]:
    """What each piece takes in `vocab.txt`, its line end included."""
    return [len(piece.encode()) + 1 for piece in pieces]


def least_bytes(pieces: Iterable[str], size: int) -> int:
    """The least that a vocabulary of `size` of these pieces can take."""
    return sum(sorted(vocabulary_bytes(pieces))[:size])


def _advice(recipe: Recipe) -> str:
    """The largest vocabulary that the budget has room for at this shape; a student's bytes are linear in its size."""
    least = _total(recipe, LEAST_PIECES)
    more = (_total(recipe, LEAST_PIECES + _STEP) - least) / _STEP
    room = recipe.gates.byte_budget - least
    if room < 0:
        return (
            f"{LEAST_PIECES} pieces, the least that a vocabulary has, take about {least:,} with this shape: "
            "lower the student's shape or raise the budget"
        )
    largest = int(LEAST_PIECES + room / more) // _ROUNDED * _ROUNDED
    if largest >= recipe.vocabulary.size:  # its pieces are longer than they are estimated to be
        largest = recipe.vocabulary.size - _ROUNDED
    return f"lower vocabulary.size to about {max(LEAST_PIECES, largest):,}, or lower the student's shape"


def _total(recipe: Recipe, size: int) -> int:
    vocabulary = recipe.vocabulary.model_copy(update={"size": size})
    return estimate_bytes(recipe.model_copy(update={"vocabulary": vocabulary})).total
