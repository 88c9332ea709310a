from typing import get_args

import pytest

from model_build.ablation.variants import CROSS, GROUPS, QUANTIZATION, Variant, by_name
from model_build.recipe import Scheme

VARIANTS = by_name(GROUPS)


def test_every_name_is_one_variants() -> None:
    assert len(VARIANTS) == sum(len(group.variants) for group in GROUPS)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_a_variant_refers_to_variants_and_comes_behind_the_student_that_it_quantizes(variant: Variant) -> None:
    names = list(VARIANTS)
    assert set(variant.against) <= set(names)
    assert variant.name not in variant.against
    assert variant.question.endswith(("?", ")"))
    if variant.student:
        assert names.index(variant.student) < names.index(variant.name)
        assert VARIANTS[variant.student].student is None


def test_every_scheme_is_tried() -> None:
    names = [variant.name for variant in QUANTIZATION.variants]
    assert set(names) >= {*get_args(Scheme), "mixture"}
    assert {variant.student for variant in QUANTIZATION.variants} == {CROSS, "rounded", None}
