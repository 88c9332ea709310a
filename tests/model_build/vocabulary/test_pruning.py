from pathlib import Path

import numpy as np
import pytest
import torch

from model_build.common.errors import RecipeError
from model_build.common.log import Journal
from model_build.common.special_tokens import MARKS
from model_build.teacher.model import Teacher, pad, tokenize
from model_build.vocabulary.pruning import (
    Importance,
    coverage,
    is_single_character,
    load_importance,
    measure_importance,
    prune,
    save_importance,
    token_rows,
)
from service.artifact.artifact import TokenizerRules
from tests.model_build.materials import texts

RULES = TokenizerRules(lowercase=True, strip_accents=True)


@pytest.fixture
def journal(tmp_path_factory: pytest.TempPathFactory) -> Journal:
    return Journal(tmp_path_factory.mktemp("journal") / "journal.jsonl")


def test_importance_is_the_attention_received(teacher: Teacher, journal: Journal) -> None:
    text = texts(1)
    measured = measure_importance(teacher, text, max_length=32, batch_texts=8, journal=journal)
    ids, mask = pad(tokenize(teacher, text, 32), 0)
    teacher.model.set_attn_implementation("eager")
    with torch.inference_mode():
        layers = teacher.model(ids, attention_mask=mask, output_attentions=True).attentions
    expected = np.zeros(len(measured.attention))
    for layer in layers:
        for column, token in enumerate(ids[0].tolist()):
            expected[token] += float(layer[0, :, :, column].sum())
    assert np.allclose(measured.attention, expected, atol=1e-4)
    assert measured.frequency.sum() == ids.numel()


def test_padding_neither_gives_nor_receives_attention(teacher: Teacher, journal: Journal) -> None:
    together = measure_importance(teacher, texts(40), max_length=32, batch_texts=40, journal=journal)
    alone = measure_importance(teacher, texts(40), max_length=32, batch_texts=1, journal=journal)
    assert np.allclose(together.attention, alone.attention, rtol=1e-3, atol=1e-3)
    assert together.attention[0] == 0


def test_importance_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    save_importance(Importance(np.array([0.1, 1 / 3]), np.array([5, 7])), tmp_path)
    loaded = load_importance(tmp_path)
    assert (loaded.attention.tolist(), loaded.frequency.tolist()) == ([0.1, 1 / 3], [5, 7])


def test_marks_and_characters_stay_and_the_most_important_follow() -> None:
    pieces = [*MARKS, "a", "##a", "low", "high", "mid", "[unused0]", "中"]
    scores = np.array([9, 9, 9, 9, 9, 0, 0, 1, 3, 2, 8, 0])
    vocabulary = {piece: place for place, piece in enumerate(pieces)}
    assert prune(vocabulary, scores, 9) == [*MARKS, "a", "##a", "high", "mid"]
    with pytest.raises(RecipeError, match="must be between 7"):
        prune(vocabulary, scores, 6)
    with pytest.raises(RecipeError, match="and 12"):
        prune(vocabulary, scores, 13)


@pytest.mark.parametrize(
    ("piece", "single"),
    [("a", True), ("##a", True), ("é", True), ("#", True), ("##", False), ("ab", False), ("中", False)],
)
def test_single_characters(piece: str, single: bool) -> None:
    assert is_single_character(piece) is single


def test_no_word_becomes_unknown_when_all_but_characters_is_pruned(teacher: Teacher) -> None:
    size = len(MARKS) + sum(is_single_character(piece) for piece in teacher.vocabulary)
    pieces = prune(teacher.vocabulary, np.zeros(len(teacher.vocabulary)), size)
    row = coverage("none", pieces, ["Zebra 42!", *texts(50)], RULES)
    assert row.unknown_rate == 0
    assert row.pieces_per_word > 2
    assert coverage("none", pieces, ["中"], RULES).unknown_rate == 1


def test_pieces_that_no_text_is_split_into_do_not_stay() -> None:
    pieces = [*MARKS, "a", "##a", "中", "##中", "中国", "ab"]
    vocabulary = {piece: place for place, piece in enumerate(pieces)}
    assert prune(vocabulary, np.arange(len(pieces))[::-1], 9) == [*MARKS, "a", "##a", "中", "ab"]
    with pytest.raises(RecipeError, match=r"must be between 7 .* and 9"):
        prune(vocabulary, np.zeros(len(pieces)), 10)


def test_each_cjk_character_counts_as_a_word() -> None:
    row = coverage("some", [*MARKS, "中", "a"], ["中中 a国"], RULES)
    assert (row.pieces_per_word, row.unknown_rate, row.whole_words) == (1, 0.25, 1)


def test_rows_carry_marks_and_are_cut() -> None:
    pieces = [*MARKS, "a", "b"]
    assert list(token_rows(pieces, RULES, ["a B", "a b a b"], max_length=4)) == [[2, 5, 6, 3], [2, 5, 6, 3]]
