import numpy as np

from model_build.common.batching import embed_rows
from model_build.quantization.rounding import Format
from model_build.quantization.schemes import MODULES, format_of, matrices, quantized
from model_build.student.fuse import fuse
from tests.model_build.students import rows, student


def test_every_matrix_belongs_to_a_module() -> None:
    device = fuse(student())
    named = {name for layers in matrices(device).values() for name, _ in layers}
    large = {name.removesuffix(".weight") for name, value in device.named_parameters() if value.ndim == 2}
    assert large - named == {"encoder.embeddings.token_type_embeddings"}
    assert [len(matrices(device)[module]) for module in MODULES] == [3, 8, 4, 1]


def test_in_4_bits_only_the_tokens_of_the_embeddings_are() -> None:
    names = ("word_embeddings", "position_embeddings", "embeddings_project", "dense")
    forms = [Format.INT4, Format.INT8, Format.INT8, Format.INT4_GROUPED]
    assert [format_of(name, "int4") for name in names] == forms


def test_only_the_named_modules_change_and_the_original_stays() -> None:
    device = fuse(student())
    before = embed_rows(device, rows())
    full = dict.fromkeys(MODULES, "float32")
    assert np.array_equal(embed_rows(quantized(device, full), rows()), before)
    assert not np.array_equal(embed_rows(quantized(device, full | {"head": "int8"}), rows()), before)
    assert np.array_equal(embed_rows(device, rows()), before)
