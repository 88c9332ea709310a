"""The workers on a stand-in for Ray, which runs actors here; `make ray-check` has the real one."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from model_build.common.errors import WorkersError
from model_build.teacher.ray import LOCAL, RayWorkers


class Dataset:
    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def map(
        self, actor: Any, *, fn_constructor_args: Any, num_cpus: int | None, num_gpus: int | None, compute: Any
    ) -> "Dataset":
        self.num_cpus, self.num_gpus, self.compute = num_cpus, num_gpus, compute
        made = actor(*fn_constructor_args)
        self.rows = [made(row) for row in self.rows]
        return self

    def iter_rows(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)


class Ray(ModuleType):
    """The functions of Ray that `ray_workers` calls."""

    class ObjectRef:
        def __init__(self, value: Any) -> None:
            self.value = value

    def __init__(self, cpus: int) -> None:
        super().__init__("ray")
        self.resources = {"CPU": float(cpus)}
        self.asked, self.made = dict[str, Any](), list[Dataset]()
        self.running = False
        options = SimpleNamespace(preserve_order=False)
        self.context = SimpleNamespace(enable_progress_bars=True, execution_options=options)
        self.data = ModuleType("ray.data")
        vars(self.data).update(
            from_items=self.from_items,
            ActorPoolStrategy=lambda **sizes: sizes,
            DataContext=SimpleNamespace(get_current=lambda: self.context),
        )

    def init(self, address: str, **options: Any) -> None:
        if address == "nowhere:1":
            raise ConnectionError("no answer\nand a long story")
        self.asked, self.running = {"address": address, **options}, True

    def cluster_resources(self) -> dict[str, float]:
        return self.resources

    def put(self, value: Any) -> "Ray.ObjectRef":
        return self.ObjectRef(value)

    def get(self, reference: "Ray.ObjectRef") -> Any:
        return reference.value

    def from_items(self, rows: list[dict[str, Any]]) -> Dataset:
        self.made.append(Dataset(rows))
        return self.made[-1]

    def shutdown(self) -> None:
        self.running = False


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> Ray:
    fake = Ray(cpus=7)
    monkeypatch.setitem(sys.modules, "ray", fake)
    monkeypatch.setitem(sys.modules, "ray.data", fake.data)
    return fake


@dataclass(frozen=True)
class Lengths:
    on_gpu: bool = False

    def __call__(self, batch: Sequence[str]) -> np.ndarray:
        return np.array([[len(text)] for text in batch], dtype=np.float16)


def test_vectors_come_in_the_order_of_the_batches(ray: Ray) -> None:
    workers = RayWorkers(LOCAL, threads=2)
    found = list(workers.map(Lengths(), [["a", "bb"], ["ccc"]]))
    assert [one.tolist() for one in found] == [[[1], [2]], [[3]]]
    assert ray.context.execution_options.preserve_order
    assert ray.made[0].num_cpus == 2
    workers.close()
    assert not ray.running


def test_there_are_as_many_actors_as_processors_and_batches_allow(ray: Ray) -> None:
    list(RayWorkers("auto", threads=2).map(Lengths(), [["a"]] * 9))
    list(RayWorkers("auto", threads=2).map(Lengths(), [["a"]] * 2))
    assert [one.compute["max_size"] for one in ray.made] == [3, 2]


def test_an_actor_has_a_gpu_to_itself_where_it_uses_one(ray: Ray) -> None:
    ray.resources["GPU"] = 2.0
    list(RayWorkers("auto", threads=1).map(Lengths(on_gpu=True), [["a"]] * 9))
    list(RayWorkers("auto", threads=1).map(Lengths(), [["a"]] * 9))
    given = [(one.num_gpus, one.num_cpus, one.compute["max_size"]) for one in ray.made]
    assert given == [(1, None, 2), (None, 1, 7)]


def test_nothing_to_embed_starts_no_actor(ray: Ray) -> None:
    assert list(RayWorkers("auto", threads=1).map(Lengths(), [])) == []
    assert not ray.made


def test_a_cluster_of_ones_own_has_no_dashboard(ray: Ray) -> None:
    RayWorkers(LOCAL, threads=1)
    assert ray.asked["include_dashboard"] is False
    RayWorkers("head:6379", threads=1)
    assert ray.asked["address"] == "head:6379"


def test_what_is_missing_is_reported_in_a_line(ray: Ray, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkersError, match=r"the Ray cluster nowhere:1 can't be reached: no answer$"):
        RayWorkers("nowhere:1", threads=1)
    with pytest.raises(WorkersError, match=r"fewer processors than the recipe's threads \(8\)"):
        RayWorkers(LOCAL, threads=8)
    assert not ray.running
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(WorkersError, match=r"pip install 'edge-rank\[build,ray\]'"):
        RayWorkers(LOCAL, threads=1)
