from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from service.artifact.artifact import MODEL, RANKER, VOCABULARY, ArtifactError
from service.encoder.base import mean_direction
from service.encoder.onnx import OnnxEncoder
from service.encoder.onnx_run import Run
from service.text.windows import MOST_WINDOWS, capacity
from tests.service.artifacts import DIMENSION, LETTERS, MAX_LENGTH, PIECES, build_artifact, graph

TEXTS = [
    "split the dinner bill",
    "taxi",
    "",
    "train ticket " * 30,
    " ".join("abcdefghijklmnopqrstuvwxyz"),
    "Déjà vu?",
    "日本語 text",
    "\ud800 lone",
    "[SEP] [PAD]",
]


def words(count: int) -> str:
    """A text of so many words, one token each, of which no phrase comes again and again."""
    return " ".join(np.random.default_rng(7).choice(list(LETTERS), 200)[:count])


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> OnnxEncoder:
    return OnnxEncoder(build_artifact(tmp_path_factory.mktemp("artifact")))


def test_vectors_are_of_unit_length_and_in_order(encoder: OnnxEncoder) -> None:
    encoding = encoder.encode(TEXTS)
    assert encoding.vectors.shape == (len(TEXTS), DIMENSION)
    assert encoding.vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(encoding.vectors, axis=1), 1, atol=1e-5)
    for row, text in enumerate(TEXTS):
        np.testing.assert_allclose(encoding.vectors[row], encoder.encode([text]).vectors[0], atol=1e-6)


def test_a_small_budget_changes_nothing(encoder: OnnxEncoder, tmp_path: Path) -> None:
    narrow = OnnxEncoder(build_artifact(tmp_path), run_tokens=16)
    np.testing.assert_allclose(narrow.encode(TEXTS).vectors, encoder.encode(TEXTS).vectors, atol=1e-6)


def test_tokens_and_truncation_are_exact(encoder: OnnxEncoder) -> None:
    room, most = MAX_LENGTH - 2, capacity(MAX_LENGTH - 2, MOST_WINDOWS)
    encoding = encoder.encode([words(room), words(room + 1), words(most), words(most + 1), "taxi", ""])
    assert [len(one) for one in encoding.windows] == [1, 2, MOST_WINDOWS, MOST_WINDOWS, 1, 1]
    assert encoding.tokens.tolist() == [MAX_LENGTH, 26, MOST_WINDOWS * MAX_LENGTH, MOST_WINDOWS * MAX_LENGTH, 3, 2]
    assert encoding.truncated.tolist() == [False, False, False, True, False, False]


def test_how_many_windows_are_read_is_a_setting(tmp_path: Path) -> None:
    narrow = OnnxEncoder(build_artifact(tmp_path), most_windows=1)
    encoding = narrow.encode([words(MAX_LENGTH - 2), words(MAX_LENGTH - 1)])
    assert [len(one) for one in encoding.windows] == [1, 1]
    assert encoding.tokens.tolist() == [MAX_LENGTH, MAX_LENGTH]
    assert encoding.truncated.tolist() == [False, True]
    np.testing.assert_allclose(encoding.vectors[0], encoding.vectors[1], atol=1e-6)


def test_a_long_text_has_the_direction_of_its_windows_mean(encoder: OnnxEncoder) -> None:
    texts = ["taxi", words(3 * MAX_LENGTH), "train ticket"]
    encoding = encoder.encode(texts)
    assert [len(one) for one in encoding.windows][::2] == [1, 1]
    assert len(encoding.windows[1]) > 1
    for vector, windows in zip(encoding.vectors, encoding.windows, strict=True):
        np.testing.assert_allclose(np.linalg.norm(windows, axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(vector, mean_direction(windows), atol=1e-6)


def test_what_is_said_over_and_over_is_read_once(encoder: OnnxEncoder) -> None:
    once, often = encoder.encode(["train ticket", "train ticket " * 500]).windows
    np.testing.assert_allclose(often, once, atol=1e-6)


def test_what_the_vocabulary_knows_nothing_of_is_reported(encoder: OnnxEncoder) -> None:
    texts = ["такси", "", "  ", "\N{HOT BEVERAGE}", "рис дом", "такси taxi"]
    assert encoder.encode(texts).readable.tolist() == [False] * 5 + [True]


def test_no_texts_give_an_empty_encoding(encoder: OnnxEncoder) -> None:
    encoding = encoder.encode([])
    assert encoding.vectors.shape == (0, DIMENSION)
    assert encoding.tokens.shape == encoding.truncated.shape == encoding.readable.shape == (0,)
    assert (encoding.windows, encoding.terms) == ([], [])


def test_threads_may_share_it(encoder: OnnxEncoder) -> None:
    alone = encoder.encode(TEXTS).vectors
    with ThreadPoolExecutor(4) as threads:
        for vectors in threads.map(lambda _: encoder.encode(TEXTS).vectors, range(20)):
            np.testing.assert_array_equal(vectors, alone)


def test_a_text_cannot_forge_the_marks_of_the_model(encoder: OnnxEncoder) -> None:
    assert encoder.encode(["[SEP]"]).tokens[0] > 3


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({MODEL: b"not a graph"}, "not those of an ONNX graph"),
        ({MODEL: graph(second_input="token_type_ids")}, "takes"),
        ({MODEL: graph(dimension=8)}, "shape"),
        ({MODEL: graph(normalize=False)}, "unit length"),
        ({VOCABULARY: b"\xff\xfe"}, "UTF-8"),
        ({VOCABULARY: "\n".join(PIECES[:-1]).encode()}, "the manifest states"),
        ({VOCABULARY: "\n".join([*PIECES[:-1], "taxi"]).encode()}, "repeats"),
        ({VOCABULARY: "\n".join(PIECES).replace("[SEP]", "sep").encode()}, r"lacks \[SEP\]"),
    ],
)
def test_what_the_manifest_does_not_describe_is_refused(tmp_path: Path, files: dict[str, bytes], message: str) -> None:
    artifact = build_artifact(tmp_path, files=files)
    with pytest.raises(ArtifactError, match=message):
        OnnxEncoder(artifact)


def test_the_ranker_is_not_the_encoder_s_business(tmp_path: Path) -> None:
    OnnxEncoder(build_artifact(tmp_path, files={RANKER: b"nonsense"}))


def test_runs_tell_of_unknown_words(tmp_path: Path) -> None:
    runs: list[Run] = []
    encoder = OnnxEncoder(build_artifact(tmp_path), on_run=runs.append)
    encoder.encode(["taxi такси", "рис дом", "taxi \N{HOT BEVERAGE}"])
    assert sum(run.unknown for run in runs) == 3
