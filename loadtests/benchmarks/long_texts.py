"""The cost of long texts: the bundled model on texts of one, two, four and eight windows.

    python -m loadtests.benchmarks.long_texts [--texts 100] [--rounds 5]

Rounds of all lengths alternate, so that noise affects all of them. Compare the ratios to texts of one window.
"""

import argparse
import itertools
import statistics
import time

from rich.console import Console
from rich.table import Table

from service.artifact.artifact import load_artifact
from service.encoder.onnx import OnnxEncoder
from service.feature_store.codec import pack
from service.feature_store.features import Features
from service.feature_store.items.catalogue import read_catalogue
from service.settings import BUNDLED_MODEL, DEMO_CATALOGUE

_WORDS = {1: 20, 2: 38, 4: 78, 8: 156}
"""Number of words of the demo catalogue for a number of windows."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    encoder = OnnxEncoder(load_artifact(BUNDLED_MODEL))
    texts = {windows: _texts(words, options.texts) for windows, words in _WORDS.items()}
    seconds: dict[int, list[float]] = {windows: [] for windows in texts}
    for _, (windows, some) in itertools.product(range(options.rounds), texts.items()):
        started = time.perf_counter()
        encoder.encode(some)
        seconds[windows].append(time.perf_counter() - started)
    table = Table()
    for heading in ("windows, mean", "tokens, mean", "ms a text", "to one window", "bytes an item"):
        table.add_column(heading, justify="right")
    one = statistics.median(seconds[1])
    for windows, some in texts.items():
        median, encoding = statistics.median(seconds[windows]), encoder.encode(some)
        packed = [
            len(pack(Features.of(vectors, text, terms)))
            for text, vectors, terms in zip(some, encoding.windows, encoding.terms, strict=True)
        ]
        table.add_row(
            f"{statistics.mean(map(len, encoding.windows)):.1f}",
            f"{encoding.tokens.mean():.0f}",
            f"{1000 * median / len(some):.2f}",
            f"{median / one:.2f}",
            f"{statistics.mean(packed):.0f}",
        )
    Console(width=100).print(table)


def _texts(words: int, count: int) -> list[str]:
    """Texts of a number of words, cut consecutively from the demo catalogue."""
    said = itertools.cycle([word for item in read_catalogue(DEMO_CATALOGUE) for word in item.text.split()])
    return [" ".join(itertools.islice(said, words)) for _ in range(count)]


if __name__ == "__main__":
    main()
