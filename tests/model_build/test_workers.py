import numpy as np

from model_build.workers import ThisProcess


def test_batches_are_embedded_one_after_the_other_when_they_are_asked_for() -> None:
    seen: list[str] = []

    def embed(batch: object) -> np.ndarray:
        seen.append(str(batch))
        return np.zeros((1, 2))

    stream = ThisProcess().map(embed, ["a", "b"])
    assert seen == []
    next(stream)
    assert seen == ["a"]
    next(stream)
    assert seen == ["a", "b"]
