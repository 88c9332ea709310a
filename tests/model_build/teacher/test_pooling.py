import json
from pathlib import Path

import pytest
import torch

from model_build.common.errors import TeacherError
from model_build.teacher.pooling import CONFIGURATION, Pooling, read_pooling, split_pooling


def configured(folder: Path, **configuration: object) -> Path:
    path = folder / CONFIGURATION
    path.parent.mkdir()
    path.write_text(json.dumps({"word_embedding_dimension": 384, **configuration}))
    return folder


def test_the_mean_leaves_padding_out_and_cls_is_the_first_state() -> None:
    hidden = torch.tensor([[[1.0, 0.0], [3.0, 2.0], [9.0, 9.0]]])
    mask = torch.tensor([[1, 1, 0]])
    assert Pooling.MEAN(hidden, mask).tolist() == [[2.0, 1.0]]
    assert Pooling.CLS(hidden, mask).tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, Pooling.CLS),
        ({"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}, Pooling.MEAN),
        ({"pooling_mode": "cls", "include_prompt": True}, Pooling.CLS),
        ({"pooling_mode": ["mean"]}, Pooling.MEAN),
        ({}, Pooling.MEAN),
    ],
)
def test_a_folder_says_how_its_model_pools(configuration: dict[str, object], expected: Pooling, tmp_path: Path) -> None:
    assert read_pooling(configured(tmp_path, **configuration)) is expected


def test_a_folder_without_a_configuration_means_the_mean(tmp_path: Path) -> None:
    assert read_pooling(tmp_path) is Pooling.MEAN


@pytest.mark.parametrize(
    ("configuration", "told"),
    [
        ({"pooling_mode_max_tokens": True}, "pooling by max_tokens; only mean or cls"),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}, "pooling by cls and mean"),
        ({"pooling_mode": "lasttoken"}, "pooling by lasttoken"),
    ],
)
def test_another_way_to_pool_is_refused(configuration: dict[str, object], told: str, tmp_path: Path) -> None:
    with pytest.raises(TeacherError, match=told):
        read_pooling(configured(tmp_path, **configuration))


@pytest.mark.parametrize("text", ["torn {", "[]"])
def test_a_torn_configuration_is_refused(text: str, tmp_path: Path) -> None:
    configured(tmp_path)
    (tmp_path / CONFIGURATION).write_text(text)
    with pytest.raises(TeacherError, match="is not a pooling configuration"):
        read_pooling(tmp_path)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("folder:cls", ("folder", Pooling.CLS)),
        ("package:name/path:mean", ("package:name/path", Pooling.MEAN)),
        ("package:name/path", ("package:name/path", None)),
        ("./folder", ("./folder", None)),
        (":cls", ("", Pooling.CLS)),
    ],
)
def test_a_name_may_say_it(model: str, expected: tuple[str, Pooling | None]) -> None:
    assert split_pooling(model) == expected
