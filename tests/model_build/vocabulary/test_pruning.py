import numpy as np
import pytest

from model_build.common.errors import RecipeError
from model_build.common.special_tokens import SPECIAL_TOKENS
from model_build.vocabulary.pruning import is_single_character, prune, token_rows
from service.artifact.artifact import TokenizerRules

RULES = TokenizerRules(lowercase=True, strip_accents=True)


def test_special_tokens_and_characters_stay_and_the_most_important_follow() -> None:
    tokens = [*SPECIAL_TOKENS, "a", "##a", "low", "high", "mid", "[unused0]", "中"]
    scores = np.array([9, 9, 9, 9, 9, 0, 0, 1, 3, 2, 8, 0])
    vocabulary = {token: index for index, token in enumerate(tokens)}
    assert prune(vocabulary, scores, 9) == [*SPECIAL_TOKENS, "a", "##a", "high", "mid"]
    with pytest.raises(RecipeError, match="must be between 7"):
        prune(vocabulary, scores, 6)
    with pytest.raises(RecipeError, match="and 12"):
        prune(vocabulary, scores, 13)


@pytest.mark.parametrize(
    ("token", "single"),
    [("a", True), ("##a", True), ("é", True), ("#", True), ("##", False), ("ab", False), ("中", False)],
)
def test_single_characters(token: str, single: bool) -> None:
    assert is_single_character(token) is single


def test_tokens_that_can_not_occur_are_not_kept() -> None:
    tokens = [*SPECIAL_TOKENS, "a", "##a", "中", "##中", "中国", "ab"]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    assert prune(vocabulary, np.arange(len(tokens))[::-1], 9) == [*SPECIAL_TOKENS, "a", "##a", "中", "ab"]
    with pytest.raises(RecipeError, match=r"must be between 7 .* and 9"):
        prune(vocabulary, np.zeros(len(tokens)), 10)


def test_rows_carry_special_tokens_and_are_cut() -> None:
    tokens = [*SPECIAL_TOKENS, "a", "b"]
    assert list(token_rows(tokens, RULES, ["a B", "a b a b"], max_length=4)) == [[2, 5, 6, 3], [2, 5, 6, 3]]
