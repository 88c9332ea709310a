from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from model2vec import StaticModel
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import (
    AutoModel,
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    MPNetConfig,
    MPNetModel,
    PreTrainedTokenizerFast,
)

from model_build.common.errors import ModelError
from model_build.common.systems import EmbeddingSystem, LexicalSystem, Role, unit_rows
from model_build.evaluation.systems.artifact import ArtifactSystem, encoder_identity
from model_build.evaluation.systems.bm25 import BM25System
from model_build.evaluation.systems.random import RandomSystem
from model_build.evaluation.systems.static import Model2VecSystem, WordLlamaSystem
from model_build.teacher.pooling import CONFIGURATION
from model_build.teacher.system import TeacherSystem, load_system
from service.artifact.artifact import CARD, LICENCE, RANKER, VOCABULARY
from tests.service.artifacts import build_artifact
from tests.service.encoders import FakeEncoder

WORDS = {"[PAD]": 0, "[UNK]": 1, "red": 2, "green": 3, "cat": 4}
TEXTS = ["red cat", "green", "red green cat"]


def tokenizer() -> Tokenizer:
    made = Tokenizer(WordLevel(WORDS, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    return made


@pytest.fixture
def teacher_folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    shape = BertConfig(
        vocab_size=len(WORDS), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    BertModel(shape).save_pretrained(tmp_path)
    wrapped: Any = PreTrainedTokenizerFast
    wrapped(tokenizer_object=tokenizer(), pad_token="[PAD]", unk_token="[UNK]").save_pretrained(tmp_path)
    return tmp_path


@pytest.fixture
def static_folder(tmp_path: Path) -> Path:
    vectors = np.eye(len(WORDS), dtype=np.float32)
    StaticModel(vectors=vectors, tokenizer=tokenizer(), config={}, normalize=True).save_pretrained(tmp_path)
    return tmp_path


def test_zero_rows_stay_zero() -> None:
    assert unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0]]


def test_an_artifact_is_its_encoder() -> None:
    system = ArtifactSystem("student", FakeEncoder(), 1_900_000, "artifact abc")
    assert isinstance(system, EmbeddingSystem)
    assert (system.name, system.role, system.bytes) == ("student", Role.ARTIFACT, 1_900_000)
    assert system.identity == "artifact abc"
    assert np.array_equal(system.embed(TEXTS), FakeEncoder().encode(TEXTS).vectors)


def test_an_artifacts_identity_is_its_encoder_without_its_card_licence_and_ranker(tmp_path: Path) -> None:
    first, published, trained_on = (
        encoder_identity(build_artifact(tmp_path / str(place), files=files).manifest)
        for place, files in enumerate(({}, {CARD: b"# Figures", LICENCE: b"", RANKER: b"{}"}, {VOCABULARY: b"[PAD]"}))
    )
    assert first == published != trained_on


def test_a_teacher_averages_its_last_layer(teacher_folder: Path) -> None:
    system = TeacherSystem(teacher_folder, name="tiny")
    vectors = system.embed(TEXTS)
    assert isinstance(system, EmbeddingSystem)
    assert vectors.shape == (3, 8)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0)
    model: Any = AutoModel.from_pretrained(teacher_folder)
    model.eval()
    with torch.inference_mode():
        alone = model(input_ids=torch.tensor([[3]])).last_hidden_state[0, 0].numpy()
    assert vectors[1] == pytest.approx(alone / np.linalg.norm(alone), abs=1e-6)


def test_a_teacher_may_be_its_first_state(teacher_folder: Path) -> None:
    (teacher_folder / CONFIGURATION).parent.mkdir()
    (teacher_folder / CONFIGURATION).write_text('{"pooling_mode_cls_token": true}')
    read, said, mean = (
        load_system(str(teacher_folder)),
        load_system(f"{teacher_folder}:cls"),
        load_system(f"{teacher_folder}:mean"),
    )
    assert read is not None
    assert said is not None
    assert mean is not None
    assert (read.name, said.name) == (teacher_folder.name, f"{teacher_folder.name}:cls")
    assert read.identity == said.identity != mean.identity
    assert np.array_equal(read.embed(TEXTS), said.embed(TEXTS))
    model: Any = AutoModel.from_pretrained(teacher_folder)
    model.eval()
    with torch.inference_mode():
        first = model(input_ids=torch.tensor([[2, 4]])).last_hidden_state[0, 0].numpy()
    assert read.embed(TEXTS)[0] == pytest.approx(first / np.linalg.norm(first), abs=1e-6)
    # A text of one piece is its own mean.
    assert mean.embed(["green"]) == pytest.approx(read.embed(["green"]), abs=1e-6)
    assert mean.embed(["red cat"]) != pytest.approx(read.embed(["red cat"]), abs=1e-3)


def test_a_teacher_without_token_types(tmp_path: Path) -> None:
    shape = MPNetConfig(
        vocab_size=len(WORDS), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    MPNetModel(shape).save_pretrained(tmp_path)
    # Its tokenizer gives token types all the same, as any fast tokenizer does that is not told otherwise.
    wrapped: Any = PreTrainedTokenizerFast
    wrapped(
        tokenizer_object=tokenizer(),
        pad_token="[PAD]",
        unk_token="[UNK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    ).save_pretrained(tmp_path)
    assert TeacherSystem(tmp_path).embed(TEXTS).shape == (3, 8)


def test_a_cross_encoder_is_no_teacher(tmp_path: Path) -> None:
    shape = BertConfig(
        vocab_size=len(WORDS), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    BertForSequenceClassification(shape).save_pretrained(tmp_path)
    wrapped: Any = PreTrainedTokenizerFast
    wrapped(tokenizer_object=tokenizer(), pad_token="[PAD]", unk_token="[UNK]").save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="is a cross-encoder"):
        load_system(str(tmp_path))


def test_a_teacher_reads_so_far_and_no_further(teacher_folder: Path) -> None:
    system = TeacherSystem(teacher_folder, max_length=2)
    whole, cut = system.embed(["red cat green", "red cat"])
    assert whole == pytest.approx(cut, abs=1e-6)


def test_a_teacher_in_bfloat16_is_another_system_with_like_vectors(teacher_folder: Path) -> None:
    exact, rough = TeacherSystem(teacher_folder), TeacherSystem(teacher_folder, bfloat16=True)
    assert exact.identity != rough.identity
    assert rough.embed(TEXTS) == pytest.approx(exact.embed(TEXTS), abs=0.05)


def test_a_folder_without_weights_is_no_teacher(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"it has no config\.json"):
        load_system(str(tmp_path))


def test_a_missing_teacher_package_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model_build.teacher.system._PACKAGE", "no_such_package")
    assert load_system() is None


def test_a_model2vec_folder(static_folder: Path) -> None:
    system = Model2VecSystem(static_folder)
    assert system.name == static_folder.name
    assert system.bytes > 0
    vectors = system.embed(TEXTS)
    assert vectors @ vectors.T == pytest.approx(
        np.array([[1, 0, 2 / 6**0.5], [0, 1, 1 / 3**0.5], [2 / 6**0.5, 1 / 3**0.5, 1]]), abs=1e-6
    )


def test_a_folder_without_weights_is_no_model2vec_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"it has no model\.safetensors"):
        Model2VecSystem(tmp_path)


def test_wordllama_comes_with_its_package() -> None:
    system = WordLlamaSystem(64)
    near, far = (
        system.embed(["wireless mouse", "cordless mouse", "medieval history"])[1:] @ system.embed(["wireless mouse"])[0]
    )
    assert near > far
    assert 4_000_000 < system.bytes < 7_000_000


def test_chance_gives_a_text_one_vector() -> None:
    system = RandomSystem(seed=1)
    first, second, again = system.embed(["a", "b", "a"])
    assert np.array_equal(first, again)
    assert abs(float(first @ second)) < 0.6
    assert not np.array_equal(first, RandomSystem(seed=2).embed(["a"])[0])
    assert system.embed([]).shape == (0, 64)


def test_bm25_is_lexical() -> None:
    assert isinstance(BM25System(), LexicalSystem)
    assert not isinstance(BM25System(), EmbeddingSystem)
