import numpy as np

from model_build.teacher.workers import ThisProcess


class Recording:
    on_gpu = False

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, batch: object) -> np.ndarray:
        self.seen.append(str(batch))
        return np.zeros((1, 2))


def test_batches_are_embedded_one_after_the_other_when_they_are_asked_for() -> None:
    embed = Recording()
    stream = ThisProcess().map(embed, ["a", "b"])
    seen = embed.seen
    assert seen == []
    next(stream)
    assert seen == ["a"]
    next(stream)
    assert seen == ["a", "b"]
