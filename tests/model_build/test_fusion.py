import numpy as np

from model_build.fusion import fuse
from model_build.student import embed
from tests.model_build.students import rows, student


def test_the_device_s_form_keeps_every_cosine_in_fewer_dimensions() -> None:
    model = student()
    whole, small = embed(model, rows()), embed(fuse(model), rows())
    assert (whole.shape[1], small.shape[1]) == (48, 32)
    assert np.allclose(whole @ whole.T, small @ small.T, atol=1e-5)
