"""WordLlama: static embeddings extracted from language models, included in its package.

Run as in its README (https://pypi.org/project/wordllama/0.4.0.post1/): `WordLlama.load()`, then `rank(query, docs)`;
`sort=False` keeps the order of the texts. `rank` needs two texts, so a single text is sent twice. In the package's own
folder `load` finds the weights but not the tokenizer (it looks for `tokenizer/`, the folder is `tokenizers/`), which it
would download; so the package's folder is also given as the cache folder.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from loadtests.peers.library import library
from loadtests.peers.peer import Asked, Label, Place, Running, files_of
from loadtests.peers.worker import Rank, answer

_FILES = ("weights/l2_supercat_256.safetensors", "tokenizers/l2_supercat_tokenizer_config.json")


class WordLlama:
    """WordLlama with its default of 256 dimensions."""

    label = Label("wordllama", "WordLlama 0.4.0", "l2_supercat, 256 dimensions", Asked.CALL)
    environment = "wordllama"
    weights = None
    remembers = False

    def files(self, place: Place) -> Sequence[Path]:
        """Weights and tokenizer of the package."""
        return files_of(place.packages / "wordllama", _FILES)

    def start(self, place: Place) -> AbstractContextManager[Running]:
        """Start a worker."""
        return library("loadtests.peers.wordllama", [], place)


def load() -> Rank:
    """Load the packaged model."""
    import wordllama  # noqa: PLC0415 (only its own environment need have it)

    model = wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)

    def rank(query: str, texts: list[str]) -> Sequence[float]:
        given = texts if len(texts) > 1 else texts * 2
        return [score for _, score in model.rank(query, given, sort=False)][: len(texts)]

    return rank


if __name__ == "__main__":
    answer(load())
