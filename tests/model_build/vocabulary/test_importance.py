from pathlib import Path

import numpy as np
import pytest
import torch

from model_build.common.batching import pad
from model_build.common.log import Journal
from model_build.teacher.model import Teacher, tokenize
from model_build.vocabulary.importance import Importance, load_importance, measure_importance, save_importance
from tests.model_build.materials import texts


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
