import numpy as np

from model_build.distillation.projection import fine_tune_task_layer
from model_build.teacher.model import identity_layer
from model_build.teacher.targets import FrozenFeatures


def test_fine_tuning_the_task_layer_helps_the_task() -> None:
    vectors = np.random.default_rng(1).normal(size=(80, 48))
    vectors[40:] += vectors[:40]
    features = FrozenFeatures(vectors.astype(np.float16))
    pairs = np.stack([np.arange(40), np.arange(40, 80)], axis=1)
    losses = [
        fine_tune_task_layer(identity_layer(48), features, pairs, steps=steps, temperature=0.05, seed=1)
        for steps in (20, 300)
    ]
    assert losses[1] < losses[0]
