import numpy as np

from model_build.quantization.formats import Format
from model_build.quantization.schemes import (
    MODULES,
    compare_schemes,
    format_of,
    matrices,
    measure_sensitivity,
    simulate,
)
from model_build.recipe import QuantizationRecipe
from model_build.student.fuse import fuse
from model_build.student.model import embed
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
    before = embed(device, rows())
    full = dict.fromkeys(MODULES, "float32")
    assert np.array_equal(embed(simulate(device, full), rows()), before)
    assert not np.array_equal(embed(simulate(device, full | {"head": "int8"}), rows()), before)
    assert np.array_equal(embed(device, rows()), before)


def test_sensitivity_has_a_row_a_module_and_one_for_all() -> None:
    table = measure_sensitivity(fuse(student()), QuantizationRecipe(head="float32"), rows())
    assert [row.module for row in table] == [*MODULES, "all"]
    assert table[3].mean_cosine > 0.999999  # the head stays float32
    assert 0.99 < table[4].mean_cosine < 1
    assert table[4].least_cosine <= table[4].mean_cosine


def test_schemes_are_compared_by_bytes_and_vectors_and_what_else_is_asked() -> None:
    device = fuse(student())
    trials = {scheme: dict.fromkeys(MODULES, scheme) for scheme in ("float32", "int8", "int8-tensor", "int4")}
    table = compare_schemes(
        device, trials, rows(), lambda model: {"parameters": sum(p.numel() for p in model.parameters())}
    )
    assert [trial.name for trial in table] == list(trials)
    float32, int8, tensor, int4 = table
    assert float32.bytes == 4 * sum(p.numel() for p in device.parameters() if p.requires_grad)
    assert float32.bytes > 3 * int8.bytes > 3 * tensor.bytes > 3 * int4.bytes
    assert float32.mean_cosine > int8.mean_cosine > tensor.mean_cosine > int4.mean_cosine > 0.9
    assert len({trial.figures["parameters"] for trial in table}) == 1
