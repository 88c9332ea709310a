"""01-corpus: collect the training texts.

Writes `texts.txt`, `heldout.txt`, `pairs.npy`, `sources.json` (read with `corpus.build.load_corpus`).
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from model_build.corpus.build import build_corpus, save_corpus
from model_build.run.context import Context
from service.artifact.artifact import file_sha256


def inputs(context: Context) -> dict[str, object]:
    """The recipe's section, files, excluded texts, seed and threads."""
    recipe = context.recipe
    return {
        "recipe": recipe.corpus.model_dump(mode="json"),
        "files": hashes(context.files),
        "excluded": hashlib.sha256("\n".join(sorted(context.excluded)).encode()).hexdigest(),
        "seed": recipe.seed,
        "threads": recipe.threads,
    }


def run(context: Context, folder: Path) -> None:
    """Collect the training texts."""
    corpus = build_corpus(context.recipe.corpus, context.data, context.excluded, context.recipe.seed)
    save_corpus(corpus, folder)
    context.journal.event(
        "corpus", "collected", texts=len(corpus.texts), pairs=len(corpus.pairs), sources=len(corpus.sources)
    )


def hashes(files: Sequence[Path]) -> dict[str, str]:
    """SHA-256 by a file's name, with its folders where several files have the same name."""
    names = Counter(path.name for path in files)
    return {path.name if names[path.name] == 1 else path.as_posix(): file_sha256(path) for path in files}
