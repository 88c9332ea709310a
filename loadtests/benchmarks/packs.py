"""What packs cost beside the bundled model: memory of the service, and time.

    python -m loadtests.benchmarks.packs [--packs 60] [--rank 8] [--rounds 100]

Their weights are random. Rounds of the model alone and of a pack alternate, so that noise affects both.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from loadtests.benchmarks.random_head import write_head
from loadtests.harness.processes import SERVE, serving
from service.artifact.artifact import load_artifact
from service.encoder.adapted_graph import adapted_graph
from service.encoder.onnx import OnnxEncoder
from service.feature_store.items.catalogue import read_catalogue
from service.heads.loading import load_heads
from service.heads.opening import opened
from service.settings import BUNDLED_MODEL, DEMO_CATALOGUE

_CLASSES = 20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packs", type=int, default=60)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    artifact, console = load_artifact(BUNDLED_MODEL), Console(width=120)
    layers = adapted_graph(artifact.model_path).layers
    with TemporaryDirectory() as folder:
        heads = Path(folder)
        megabytes = [_megabytes(heads)]
        for number in range(1 + options.packs):
            name = f"pack{number}"
            write_head(heads / name, artifact.manifest, name=name, classes=_CLASSES, rank=options.rank, layers=layers)
            if number in {0, options.packs}:
                megabytes.append(_megabytes(heads))
        none, one, all_of_them = megabytes
        console.print(f"a service without packs: {none:.1f} MB; the first adds {one - none:.1f} MB")
        console.print(f"each of {options.packs} more adds {(all_of_them - one) / options.packs:.2f} MB")
        encoder = OnnxEncoder(artifact, run_tokens=256)
        reader = opened(load_heads(heads, artifact.manifest), encoder)["pack0"].encoder
    assert reader is not None  # noqa: S101 -- of a pack
    for count in (1, 32):
        texts = list(islice(cycle(item.text for item in read_catalogue(DEMO_CATALOGUE)), count))
        rows = [(text,) for text in texts]
        alone, packed = _alternately(options.rounds, partial(encoder.encode, texts), partial(reader.encode, rows))
        console.print(f"{count} texts: {alone:.2f} ms by the model, {packed:.2f} ms by a pack ({packed / alone:.2f})")


def _megabytes(heads: Path) -> float:
    """Resident memory of a service that serves the classifiers in a folder."""
    with serving(SERVE, environment={"EDGE_RANK_HEADS": str(heads)}) as service:
        return service.resident_megabytes


def _alternately(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The median of each in milliseconds."""
    seconds: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, found in zip(works, seconds, strict=True):
            started = time.perf_counter()
            work()
            found.append(time.perf_counter() - started)
    return [1000 * statistics.median(found) for found in seconds]


if __name__ == "__main__":
    main()
