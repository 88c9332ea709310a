from pathlib import Path

from model_build.common.log import Silence
from model_build.compress import compress
from model_build.recipe import Recipe
from service.encoder.onnx import OnnxEncoder
from tests.model_build.materials import texts


def test_the_method_in_one_read_makes_an_artifact_that_serves(smoke: Recipe, data: Path, tmp_path: Path) -> None:
    distillation = smoke.distillation.model_copy(update={"qat_fraction": 0.2})
    artifact = compress(smoke.model_copy(update={"distillation": distillation}), data, tmp_path, Silence())
    assert artifact.manifest.device_bytes <= smoke.gates.byte_budget
    vectors = OnnxEncoder(artifact).encode(texts(5)).vectors
    assert vectors.shape == (5, artifact.manifest.model.dimension)
