import numpy as np

from model_build.common.special_tokens import SPECIAL_TOKENS
from model_build.teacher.model import Teacher
from model_build.vocabulary.coverage import coverage, coverage_curve
from model_build.vocabulary.importance import Importance
from model_build.vocabulary.pruning import is_single_character, prune, reachable_tokens, required_tokens
from service.artifact.artifact import TokenizerRules
from tests.model_build.materials import texts

RULES = TokenizerRules(lowercase=True, strip_accents=True)


def test_more_pieces_split_words_less(teacher: Teacher) -> None:
    known = teacher.vocabulary
    scores = np.arange(max(known.values()) + 1)[::-1]
    least, most = len(required_tokens(reachable_tokens(known))), len(reachable_tokens(known))
    chosen = (least + most) // 2
    rows = coverage_curve(known, Importance(scores.astype(float), scores), chosen, texts(200), RULES)
    for method in ("attention", "frequency"):
        own = [row for row in rows if row.method == method]
        sizes = [row.size for row in own]
        assert sizes == sorted(set(sizes))
        assert (sizes[0], sizes[-1]) == (least, most)
        assert chosen in sizes
        assert own[0].whole_words < own[-1].whole_words
        assert own[0].pieces_per_word > own[-1].pieces_per_word


def test_no_word_becomes_unknown_when_all_but_characters_is_pruned(teacher: Teacher) -> None:
    size = len(SPECIAL_TOKENS) + sum(is_single_character(token) for token in teacher.vocabulary)
    tokens = prune(teacher.vocabulary, np.zeros(len(teacher.vocabulary)), size)
    row = coverage("none", tokens, ["Zebra 42!", *texts(50)], RULES)
    assert row.unknown_rate == 0
    assert row.pieces_per_word > 2
    assert coverage("none", tokens, ["中"], RULES).unknown_rate == 1


def test_each_cjk_character_counts_as_a_word() -> None:
    row = coverage("some", [*SPECIAL_TOKENS, "中", "a"], ["中中 a国"], RULES)
    assert (row.pieces_per_word, row.unknown_rate, row.whole_words) == (1, 0.25, 1)
