import numpy as np

from model_build.fusion import fuse, shorten
from model_build.student import embed
from tests.model_build.students import rows, student


def test_the_device_s_form_keeps_every_cosine_in_fewer_dimensions() -> None:
    model = student()
    whole, small = embed(model, rows()), embed(fuse(model), rows())
    assert (whole.shape[1], small.shape[1]) == (48, 32)
    assert np.allclose(whole @ whole.T, small @ small.T, atol=1e-5)


def test_a_device_that_reads_less_computes_the_same_for_what_it_reads() -> None:
    known = rows(longest=8)
    whole, short = fuse(student()), shorten(fuse(student()), 12)
    assert np.allclose(embed(whole, known), embed(short, known), atol=1e-6)
    assert short.encoder.embeddings.position_embeddings.weight.shape[0] == 12
    assert short.encoder.config.max_position_embeddings == 12
