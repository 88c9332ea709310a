"""Classification of texts or pairs, by one classifier or several."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from service.admission.deadline import Deadline
from service.encoder.base import Encoding, RowEncoder
from service.encoder.batcher import Batcher
from service.encoder.embedded_text import join
from service.heads.classifier import Classifier, Inputs

DECIMALS = 6

# More products than these are computed on a thread instead of the event loop.
_MOST_COMPUTED_HERE = 2_000_000


@dataclass(frozen=True)
class Decided:
    """The classes of some inputs, by one classifier.

    Attributes:
        outputs: probabilities `[inputs, classes]`, or grades `[inputs, 1]`, rounded: the last bits, which vary with the
            processor and the batch, should not decide between classes.
        likeliest: `[inputs, most]`, the most probable classes, the first one first; equals in the classes' order.
        readable: whether the vocabulary knows a token of the text, or of both of a pair.
    """

    outputs: NDArray[np.float64]
    likeliest: NDArray[np.int64]
    readable: NDArray[np.bool_]


@dataclass(frozen=True)
class Classified:
    """The decisions of each classifier, in their order.

    Attributes:
        encodings: what the decisions were made by; classifiers that read with the served model share one.
        encode_s: seconds of embedding, queueing included.
    """

    decided: Sequence[Decided]
    encodings: Sequence[Encoding]
    encode_s: float
    score_s: float


async def classify(
    classifiers: Sequence[Classifier], inputs: Inputs, encoder: Batcher, deadline: Deadline, *, most: int = 1
) -> Classified:
    """Classify texts or pairs of texts, at least one; `most` is how many of the likeliest classes to return.

    Raises:
        DeadlineExceededError: the deadline passed.
        OverloadedError: too many texts are queued.
    """
    started = time.perf_counter()
    wanted = {one.encoder: one.encoded(inputs) for one in classifiers}
    embedded = iter(await encoder.embed(list(chain.from_iterable(wanted.values())), deadline))
    encodings = {reader: join(list(islice(embedded, len(texts)))) for reader, texts in wanted.items()}
    encoded = time.perf_counter()
    decide = partial(_decide, classifiers, encodings, len(inputs), most)
    on_thread = len(inputs) * sum(one.products for one in classifiers) > _MOST_COMPUTED_HERE
    decided = await asyncio.to_thread(decide) if on_thread else decide()
    return Classified(decided, list(encodings.values()), encoded - started, time.perf_counter() - encoded)


def _decide(
    classifiers: Sequence[Classifier], encodings: Mapping[RowEncoder | None, Encoding], inputs: int, most: int
) -> list[Decided]:
    decided = []
    for one in classifiers:
        encoding = encodings[one.encoder]
        outputs = np.round(one.outputs(encoding), DECIMALS)
        likeliest = np.argsort(-outputs, axis=1, kind="stable")[:, :most]
        decided.append(Decided(outputs, likeliest, np.all(encoding.readable.reshape(-1, inputs), axis=0)))
    return decided
