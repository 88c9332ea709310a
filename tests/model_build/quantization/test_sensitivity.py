from model_build.quantization.schemes import MODULES
from model_build.quantization.sensitivity import measure_sensitivity
from model_build.recipe import QuantizationRecipe
from model_build.student.fuse import fuse
from tests.model_build.students import rows, student


def test_sensitivity_has_a_row_a_module_and_one_for_all() -> None:
    table = measure_sensitivity(fuse(student()), QuantizationRecipe(head="float32"), rows())
    assert [row.module for row in table] == [*MODULES, "all"]
    assert table[3].mean_cosine > 0.999999  # the head stays float32
    assert 0.99 < table[4].mean_cosine < 1
    assert table[4].least_cosine <= table[4].mean_cosine
