import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models
from transformers import (
    BertConfig,
    BertForPreTraining,
    BertForSequenceClassification,
    BertModel,
    BertTokenizer,
    DistilBertConfig,
    DistilBertForMaskedLM,
    DistilBertForSequenceClassification,
    ElectraConfig,
    ElectraForPreTraining,
    ElectraForSequenceClassification,
    GPT2Config,
    GPT2Model,
)

from model_build.common.errors import TeacherError
from model_build.teacher.checks import check_folder
from model_build.teacher.model import load_teacher

BPE = models.BPE(vocab={"a": 0, "b": 1, "ab": 2}, merges=[("a", "b")])
UNIGRAM = models.Unigram([("<unk>", 0.0), ("▁a", -1.0)], 0, byte_fallback=False)
WORDS = models.WordLevel({"[UNK]": 0}, "[UNK]")


@pytest.fixture
def folder(teacher_folder: Path, tmp_path: Path) -> Path:
    """A copy of the teacher that a test may harm."""
    return Path(shutil.copytree(teacher_folder, tmp_path / "teacher"))


def write_foreign(folder: Path, config: Mapping[str, object], model: models.Model) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    Tokenizer(model).save(str(folder / "tokenizer.json"))
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(TeacherError) as caught:
        load_teacher(str(folder))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("family", "model", "told"),
    [
        ("t5", UNIGRAM, "is a t5 model with a SentencePiece (Unigram) tokenizer"),
        ("gpt2", BPE, "is a gpt2 model with a BPE tokenizer"),
        ("roberta", BPE, "is a roberta model with a BPE tokenizer"),
        ("bert", UNIGRAM, "is a bert model with a SentencePiece (Unigram) tokenizer"),
        ("bert", WORDS, "is a bert model with a word-level tokenizer"),
        (None, BPE, "is a nameless model with a BPE tokenizer"),
    ],
)
def test_another_family_is_reported_by_its_name_and_its_tokenizer(
    family: str | None, model: models.Model, told: str, tmp_path: Path
) -> None:
    message = refused(write_foreign(tmp_path / "foreign", {"model_type": family} if family else {}, model))
    assert told in message
    assert message.endswith(
        "needed is an encoder of the BERT family (bert, distilbert, electra) with a WordPiece vocabulary"
    )


@pytest.mark.parametrize(
    ("file", "told"), [("merges.txt", "a gpt2 model with a BPE tokenizer"), ("spiece.model", "with a SentencePiece")]
)
def test_older_tokenizers_are_reported_by_their_files(file: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "gpt2"}')
    (tmp_path / file).touch()
    assert told in refused(tmp_path)


def test_a_folder_with_a_part_missing_is_reported(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    assert "model.safetensors is a Git LFS pointer, not the weights; fetch them with: git lfs pull" in refused(folder)
    (folder / "model.safetensors").unlink()
    assert refused(folder) == f"the teacher folder {folder} has no weights (model.safetensors)"
    for name in ("tokenizer.json", "vocab.txt"):
        (folder / name).unlink(missing_ok=True)
    assert "has no tokenizer (tokenizer.json or vocab.txt)" in refused(folder)
    (folder / "config.json").write_text("[]")
    assert "config.json is not a JSON object" in refused(folder)
    (folder / "config.json").write_text("{")
    assert "config.json is not JSON" in refused(folder)
    (folder / "config.json").unlink()
    assert "has no config.json; it holds " in refused(folder)


def test_a_decoder_with_wordpieces_is_no_teacher(folder: Path) -> None:
    size = len((folder / "vocab.txt").read_text().split("\n"))
    GPT2Model(GPT2Config(vocab_size=size, n_embd=8, n_layer=1, n_head=2, n_positions=16)).save_pretrained(folder)
    assert f"the teacher {folder} is a gpt2 model, not an encoder like BERT; needed is" in refused(folder)


def test_a_bert_that_writes_is_no_teacher(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"is_decoder": True}))
    assert "is a bert model, not an encoder like BERT" in refused(folder)


@pytest.mark.filterwarnings("ignore")
def test_weights_of_another_model_are_not_taken_for_random_ones(folder: Path) -> None:
    path = folder / "model.safetensors"
    save_file({f"other.{name}": value for name, value in load_file(path).items()}, path, metadata={"format": "pt"})
    assert "the weights lack embeddings.LayerNorm.bias and " in refused(folder)


def test_a_teacher_without_a_pooler_is_taken(folder: Path) -> None:
    path = folder / "model.safetensors"
    kept = {name: value for name, value in load_file(path).items() if not name.startswith("pooler")}
    save_file(kept, path, metadata={"format": "pt"})
    assert load_teacher(str(folder)).dimension == 48


SHAPE: dict[str, Any] = {"num_hidden_layers": 1, "num_attention_heads": 2, "hidden_size": 8, "intermediate_size": 8}
FAMILIES = {
    "bert": (BertConfig, BertForSequenceClassification, BertForPreTraining),
    "distilbert": (DistilBertConfig, DistilBertForSequenceClassification, DistilBertForMaskedLM),
    "electra": (ElectraConfig, ElectraForSequenceClassification, ElectraForPreTraining),
}


def replaced(folder: Path, family: str, number: int) -> Path:
    """Put a task model or a pretrained one of a family into a teacher's folder, beside its tokenizer."""
    size = len((folder / "vocab.txt").read_text().split("\n"))
    shape = FAMILIES[family][0](vocab_size=size, **SHAPE)
    FAMILIES[family][number](shape).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("family", FAMILIES)
def test_a_classifier_is_not_taken_for_an_encoder(family: str, folder: Path) -> None:
    message = refused(replaced(folder, family, 1))
    assert "the weights have classifier." in message
    assert "it was fine-tuned for a task, and needed is an encoder of sentences" in message


@pytest.mark.parametrize("family", FAMILIES)
def test_the_heads_of_pretraining_are_left_out(family: str, folder: Path) -> None:
    assert load_teacher(str(replaced(folder, family, 2))).model.config.model_type == family


def test_a_tokenizer_of_another_model_is_reported(folder: Path) -> None:
    size = len((folder / "vocab.txt").read_text().split("\n")) - 1
    shape = BertConfig(vocab_size=100, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
    BertModel(shape).save_pretrained(folder)
    assert f"the tokenizer has {size:,} tokens, but the weights have 100" in refused(folder)


def test_a_vocabulary_without_berts_marks_is_reported(folder: Path) -> None:
    pieces = (folder / "vocab.txt").read_text().replace("[MASK]", "<mask>")
    (folder / "vocab.txt").write_text(pieces)
    BertTokenizer(vocab=str(folder / "vocab.txt"), mask_token="<mask>").save_pretrained(folder)
    assert "is a bert model whose vocabulary has no [MASK]" in refused(folder)


def test_a_whole_folder_is_taken(teacher_folder: Path) -> None:
    check_folder(teacher_folder)
