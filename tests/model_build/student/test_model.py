import pytest

from tests.model_build.students import SHAPE


def test_the_shape_must_divide_into_heads() -> None:
    with pytest.raises(ValueError, match="multiple of attention_heads"):
        type(SHAPE).model_validate(SHAPE.model_dump() | {"attention_heads": 3})
