import torch

from model_build.student.state_pooling import StatePooling
from model_build.teacher.model import pad
from tests.model_build.students import rows, student

IDS, MASK = pad(rows(6), 0)


def test_the_last_states_alone_are_as_many_as_the_encoder_is_wide() -> None:
    model = student()
    pooled = model.pooling(model.encoder, IDS, MASK)
    assert pooled.shape == (6, 32)
    assert model.pooling.width == 32


def test_the_first_states_stand_beside_the_last() -> None:
    model = student(first=True)
    pooled = model.pooling(model.encoder, IDS, MASK)
    assert pooled.shape == (6, model.pooling.width) == (6, 32 + 24)
    assert torch.equal(pooled[:, :32], student().pooling(model.encoder, IDS, MASK))
    words = model.encoder.embeddings(input_ids=IDS[:1, : int(MASK[0].sum())]).mean(1)
    assert torch.allclose(pooled[0, 32:], words[0], atol=1e-6)


def test_each_mean_has_weights_of_its_own() -> None:
    model = student(first=True, weighted=True)
    before = model.pooling(model.encoder, IDS, MASK)
    with torch.no_grad():
        assert model.pooling.first_weights is not None
        model.pooling.first_weights.places.zero_()
    after = model.pooling(model.encoder, IDS, MASK)
    assert torch.equal(before[:, :32], after[:, :32])
    assert not torch.allclose(before[:, 32:], after[:, 32:])


def test_untrained_weights_are_those_of_the_mean() -> None:
    model = student(first=True)
    weighted = StatePooling(model.encoder.config, weighted=True, first=True)
    assert torch.allclose(weighted(model.encoder, IDS, MASK), model.pooling(model.encoder, IDS, MASK), atol=1e-6)


def test_shortened_weights_weigh_the_same_places_alike() -> None:
    model = student(first=True, weighted=True)
    before = model.pooling(model.encoder, IDS, MASK)
    model.pooling.shorten(IDS.shape[1])
    assert torch.equal(model.pooling(model.encoder, IDS, MASK), before)
