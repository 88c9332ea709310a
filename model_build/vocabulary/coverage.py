"""How well vocabularies of growing size would split texts: what one more piece is worth."""

from collections.abc import Mapping, Sequence

import numpy as np

from model_build.vocabulary.pruning import Coverage, Importance, coverage, prune, reachable_pieces, standing_pieces
from service.artifact.artifact import TokenizerRules

_SIZES = 8


def coverage_curve(
    teacher_vocabulary: Mapping[str, int],
    importance: Importance,
    chosen: int,
    texts: Sequence[str],
    rules: TokenizerRules,
) -> list[Coverage]:
    """Coverage by size, the sizes from the least possible to the teacher's own, with the chosen one among them.

    Args:
        teacher_vocabulary: id by piece.
        importance: by which pieces are kept; both orders are measured.
        chosen: the size that was built.
        texts: held out.
        rules: how they are normalised.

    Returns:
        A row for each method and size, the sizes ascending.
    """
    reachable = reachable_pieces(teacher_vocabulary)
    least, most = len(standing_pieces(reachable)), len(reachable)
    sizes = sorted({*np.geomspace(least, most, _SIZES).round().astype(int).tolist(), chosen})
    orders = {"attention": importance.attention, "frequency": importance.frequency}
    return [
        coverage(method, prune(teacher_vocabulary, scores, size), texts, rules)
        for method, scores in orders.items()
        for size in sizes
    ]
