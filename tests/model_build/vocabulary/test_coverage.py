import numpy as np

from model_build.teacher.model import Teacher
from model_build.vocabulary.coverage import coverage_curve
from model_build.vocabulary.pruning import Importance, reachable_pieces, standing_pieces
from service.artifact.artifact import TokenizerRules
from tests.model_build.materials import texts


def test_more_pieces_split_words_less(teacher: Teacher) -> None:
    known = teacher.vocabulary
    scores = np.arange(max(known.values()) + 1)[::-1]
    least, most = len(standing_pieces(reachable_pieces(known))), len(reachable_pieces(known))
    chosen = (least + most) // 2
    rules = TokenizerRules(lowercase=True, strip_accents=True)
    rows = coverage_curve(known, Importance(scores.astype(float), scores), chosen, texts(200), rules)
    for method in ("attention", "frequency"):
        own = [row for row in rows if row.method == method]
        sizes = [row.size for row in own]
        assert sizes == sorted(set(sizes))
        assert (sizes[0], sizes[-1]) == (least, most)
        assert chosen in sizes
        assert own[0].whole_words < own[-1].whole_words
        assert own[0].pieces_per_word > own[-1].pieces_per_word
