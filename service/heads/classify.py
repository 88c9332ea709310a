"""Classification of texts or pairs with a head."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from service.admission.deadline import Deadline
from service.encoder.base import Encoding
from service.encoder.batcher import Batcher
from service.heads.head import Head

PROBABILITY_DECIMALS = 6

# More products than these are computed on a thread instead of the event loop.
_MOST_COMPUTED_HERE = 2_000_000


@dataclass(frozen=True)
class Classified:
    """The classes of some inputs.

    Attributes:
        probabilities: `[inputs, classes]`, rounded: the last bits, which vary with the processor and the batch, should
            not decide between classes.
        likeliest: `[inputs, most]`, the most probable classes, the first one first; equals in the classes' order.
        readable: whether the vocabulary knows a token of the text, or of both of a pair.
        encoding: of the texts; of pairs, first all left ones, then all right ones.
        encode_s: seconds of embedding, queueing included.
    """

    probabilities: NDArray[np.float64]
    likeliest: NDArray[np.int64]
    readable: NDArray[np.bool_]
    encoding: Encoding
    encode_s: float
    score_s: float


async def classify(
    head: Head, inputs: Sequence[str] | Sequence[Sequence[str]], encoder: Batcher, deadline: Deadline, *, most: int = 1
) -> Classified:
    """Classify texts or pairs of texts, at least one; `most` is how many of the likeliest classes to return.

    Raises:
        DeadlineExceededError: the deadline passed.
        OverloadedError: too many texts are queued.
    """
    started = time.perf_counter()
    encoding = await encoder.encode(_texts(inputs), deadline)
    encoded = time.perf_counter()
    decide = partial(_decide, head, encoding, most)
    on_thread = len(inputs) * head.matrix.size > _MOST_COMPUTED_HERE
    probabilities, likeliest = await asyncio.to_thread(decide) if on_thread else decide()
    readable = np.all(encoding.readable.reshape(-1, len(inputs)), axis=0)
    return Classified(probabilities, likeliest, readable, encoding, encoded - started, time.perf_counter() - encoded)


def _texts(inputs: Sequence[str] | Sequence[Sequence[str]]) -> list[str]:
    singles = [one for one in inputs if isinstance(one, str)]
    pairs = [one for one in inputs if not isinstance(one, str)]
    return singles or [pair[side] for side in (0, 1) for pair in pairs]


def _decide(head: Head, encoding: Encoding, most: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    if head.manifest.kind == "text":
        exact = head.of_texts(encoding.vectors)
    else:
        left, right = np.split(encoding.vectors, 2)
        exact = head.of_pairs(left, right)
    probabilities = np.round(exact, PROBABILITY_DECIMALS)
    return probabilities, np.argsort(-probabilities, axis=1, kind="stable")[:, :most]
