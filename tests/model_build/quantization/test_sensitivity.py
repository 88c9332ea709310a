from model_build.quantization.schemes import MODULES
from model_build.quantization.sensitivity import compare_schemes, measure_sensitivity
from model_build.recipe import QuantizationRecipe
from model_build.student.fuse import fuse
from tests.model_build.students import rows, student


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
    assert len({trial.metrics["parameters"] for trial in table}) == 1
