import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from transformers import BertTokenizer

from model_build.common.batching import pad
from model_build.common.errors import TeacherError
from model_build.common.log import Journal
from model_build.recipe import TeacherRecipe
from model_build.teacher.embed import SHARDS_DONE, VECTORS, embed_texts
from model_build.teacher.model import (
    Teacher,
    folder_of,
    load_teacher,
    precision,
    resolve_model,
)
from model_build.teacher.pooling import CONFIGURATION, Pooling
from model_build.teacher.targets import LiveVectors
from tests.model_build.materials import texts

RECIPE = TeacherRecipe(model="unused", max_length=32, batch_texts=8, precision="float32")


def embed(teacher: Teacher, folder: Path, known: list[str]) -> np.ndarray:
    folder.mkdir(exist_ok=True)
    embed_texts(teacher, known, RECIPE, folder, Journal(folder / "journal.jsonl"))
    return np.asarray(np.load(folder / VECTORS))


def test_vectors_are_unit_and_independent_of_their_batch(teacher: Teacher, tmp_path: Path) -> None:
    known = texts(60)
    vectors = embed(teacher, tmp_path / "all", known)
    assert np.allclose(np.linalg.norm(vectors.astype(np.float32), axis=1), 1, atol=1e-3)
    assert np.allclose(vectors[7], embed(teacher, tmp_path / "one", known[7:8])[0], atol=1e-3)


def test_a_teacher_that_has_run_is_the_same_in_another_process(teacher: Teacher) -> None:
    ids, mask = pad([[2, 7, 3]], 0)
    with torch.inference_mode(), precision(teacher.model, "bfloat16"):
        expected = teacher.model(
            ids, attention_mask=mask, output_attentions=True
        ).last_hidden_state  # hangs hooks on it
        other = pickle.loads(pickle.dumps(teacher))
        assert torch.equal(other.model(ids, attention_mask=mask).last_hidden_state, expected)
    assert (other.name, other.sha256, other.pooling) == (teacher.name, teacher.sha256, teacher.pooling)
    assert other.vocabulary == teacher.vocabulary


def test_embedding_goes_on_at_the_shard_where_it_stopped(teacher: Teacher, tmp_path: Path) -> None:
    known = texts(600)
    whole = embed(teacher, tmp_path, known)
    # As a stop after 20 of 50 shards leaves it: the shards that follow are not yet written.
    (tmp_path / SHARDS_DONE).write_text("20")
    stopped = np.lib.format.open_memmap(tmp_path / VECTORS, mode="r+")
    order = np.argsort([len(row) for row in teacher.tokenizer(known)["input_ids"]], kind="stable")
    stopped[order[400:]] = 0
    stopped.flush()
    assert np.array_equal(embed(teacher, tmp_path, known), whole)


def test_a_teacher_pools_as_its_name_or_its_folder_says(teacher_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "first"
    shutil.copytree(teacher_folder, folder)
    (folder / CONFIGURATION).parent.mkdir()
    (folder / CONFIGURATION).write_text('{"pooling_mode_cls_token": true}')
    said, read = load_teacher(f"{teacher_folder}:cls"), load_teacher(str(folder))
    assert (said.pooling, read.pooling) == (Pooling.CLS, Pooling.CLS)
    assert load_teacher(f"{folder}:mean").pooling is Pooling.MEAN
    assert folder_of(f"{folder}:cls") == folder

    known = texts(8)
    ids, mask = pad([said.tokenizer(text)["input_ids"] for text in known], said.tokenizer.pad_token_id)
    with torch.inference_mode():
        states = F.normalize(said.model(ids, attention_mask=mask).last_hidden_state[:, 0], dim=-1).numpy()
    assert np.allclose(embed(said, tmp_path / "said", known), states, atol=1e-3)
    live = LiveVectors(read, known, RECIPE.model_copy(update={"trainable_layers": 1}))(np.arange(8))
    assert np.allclose(live.detach().numpy(), states, atol=1e-5)


def test_half_precision_leaves_the_weights_unharmed(teacher: Teacher) -> None:
    before = {name: value.clone() for name, value in teacher.model.state_dict().items()}
    with precision(teacher.model, "bfloat16"):
        assert next(teacher.model.parameters()).dtype == torch.bfloat16
    assert all(torch.equal(value, before[name]) for name, value in teacher.model.state_dict().items())


def test_only_the_top_layers_of_a_live_teacher_train(teacher_folder: Path) -> None:
    own = load_teacher(str(teacher_folder))
    recipe = RECIPE.model_copy(update={"trainable_layers": 1})
    features = LiveVectors(own, texts(8), recipe)
    vectors = features(np.arange(8))
    assert torch.allclose(vectors.norm(dim=-1), torch.ones(8), atol=1e-5)
    vectors.sum().backward()  # type: ignore[no-untyped-call]
    trained = {name for name, parameter in own.model.named_parameters() if parameter.grad is not None}
    assert trained
    assert all(name.startswith("encoder.layer.1.") for name in trained)
    with pytest.raises(TeacherError, match="trainable_layers is 3; the teacher has 2"):
        LiveVectors(own, texts(8), RECIPE.model_copy(update={"trainable_layers": 3}))


def test_a_missing_teacher_is_reported_in_a_line(teacher_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(TeacherError, match="does not exist"):
        load_teacher(str(tmp_path / "none"))
    with pytest.raises(TeacherError, match="package no_such_package is not installed"):
        resolve_model("package:no_such_package/model")
    with pytest.raises(TeacherError, match="has no folder nowhere"):
        resolve_model("package:numpy/nowhere")
    torn = tmp_path / "torn"
    shutil.copytree(teacher_folder, torn)
    (torn / "model.safetensors").write_bytes(b"torn")
    with pytest.raises(TeacherError, match="can't be loaded") as caught:
        load_teacher(str(torn))
    assert "\n" not in str(caught.value)


def test_texts_are_lowercased_where_the_vocabulary_has_no_capitals(teacher_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cased"
    shutil.copytree(teacher_folder, folder)
    BertTokenizer(vocab=str(folder / "vocab.txt"), do_lower_case=False).save_pretrained(folder)
    teacher = load_teacher(str(folder))
    assert teacher.lowercase
    assert teacher.tokenizer.tokenize("ABé") == load_teacher(str(teacher_folder)).tokenizer.tokenize("ABé")
