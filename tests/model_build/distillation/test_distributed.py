"""Runs of several processes, as torchrun starts them; the backend is gloo, on processors."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from model_build.common.errors import RunError
from model_build.common.log import Silence
from model_build.distillation.distributed import Processes, join_processes
from model_build.recipe import load_recipe
from model_build.run.pipeline import run_build
from model_build.run.stage import Stage, follow_stages
from tests.model_build.forks import may_fork, model_build, start_method
from tests.model_build.materials import RECIPES

CHANGES = (
    *("distillation.steps=20", "distillation.batch_texts=16", "threads=1", "teacher.trainable_layers=0"),
    *("corpus.texts_per_file=400", "vocabulary.sample_texts=100", "student.pretraining_steps=5"),
)


def torchrun(number: int, command: Sequence[str], logs: Path) -> dict[int, int]:
    """`torchrun --standalone --nproc-per-node NUMBER -m model_build COMMAND`, in copies of this process.

    Returns the exit codes.
    """
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=number,
        run_id="test",
        rdzv_backend="c10d",
        rdzv_endpoint="127.0.0.1:0",
        start_method=start_method(),
    )
    with may_fork():
        codes: dict[int, int] = elastic_launch(config, one_of_them)(command, logs)
    return codes


def one_of_them(command: Sequence[str], logs: Path) -> int:
    return model_build(command, logs / f"{os.environ['LOCAL_RANK']}.log")


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
def test_two_processes_train_what_one_does(data: Path, teacher_folder: Path, tmp_path: Path) -> None:
    settings = [f"teacher.model={teacher_folder}", *CHANGES]
    command = ["run", str(RECIPES / "smoke.toml"), "--data", str(data), "--run-dir", str(tmp_path / "two")]
    command += [part for change in settings for part in ("--set", change)]
    codes = torchrun(2, command, tmp_path)
    told = "".join((tmp_path / f"{rank}.log").read_text() for rank in (0, 1))
    assert codes == {0: 0, 1: 0}, told
    assert told.count("device bytes, revision") == 1
    recipe = load_recipe(RECIPES / "smoke.toml", settings)
    run_build(recipe, data, tmp_path / "one", destination=tmp_path / "artifact", resume=False)
    one, both = (torch.load(tmp_path / name / "05-distillation" / "student.pt") for name in ("one", "two"))
    # Sums are split in another way: 1e-5. Where the gradients of the two parts do not meet, it is 2e-2.
    for name, weights in one.items():
        assert torch.allclose(weights, both[name], atol=2e-4), name


def test_alone_nothing_is_shared() -> None:
    alone = Processes()
    places, vectors = np.arange(5), torch.ones(2, 3)
    assert alone.is_leader
    assert alone.from_leader(True)
    assert alone.shard(places).tolist() == places.tolist()
    assert alone.gathered(vectors) is vectors
    parameter = torch.nn.Parameter(torch.ones(1))
    parameter.grad = torch.ones(1)
    alone.average_gradients([parameter])
    assert parameter.grad.item() == 1
    alone.wait()


def test_a_batch_is_shared_evenly_or_not_at_all() -> None:
    parts = [Processes(rank, 3).shard(np.arange(6)).tolist() for rank in range(3)]
    assert parts == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(RunError, match="a batch of 7 texts can't be shared evenly by 3 processes"):
        Processes(0, 3).shard(np.arange(7))


def test_without_torchrun_there_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with join_processes() as processes:
        assert processes == Processes()


class Follower(Processes):
    """One whose leader makes every stage."""

    def from_leader(self, value: bool) -> bool:
        return not value


def test_a_follower_takes_part_in_shared_stages_alone(tmp_path: Path) -> None:
    made: list[str] = []
    stages = tuple(
        Stage(name, {}, lambda place: made.append(place.name), shared=shared)
        for name, shared in (("first", False), ("second", True))
    )
    follow_stages(stages, tmp_path, Follower())
    assert made == ["02-second"]


def test_a_silent_journal_keeps_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    silence = Silence()
    silence.event("stage", "event", figure=1.0)
    with silence.bar("steps", 3) as bar:
        bar.advance()
    assert capsys.readouterr() == ("", "")
