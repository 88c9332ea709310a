"""From texts or pairs to the probabilities of a head's classes."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.deadline import Deadline
from service.encoder.base import Encoding
from service.encoder.batcher import Batcher
from service.heads.head import Head

PROBABILITY_DECIMALS = 6

# Scores of more numbers than these are computed elsewhere than on the event loop, where others wait meanwhile.
_MOST_COMPUTED_HERE = 2_000_000


@dataclass(frozen=True)
class Classified:
    """What became of some inputs.

    Attributes:
        probabilities: float64 `[inputs, classes]`, rounded: the last bits, which vary with the processor and with what
            shares a batch, should not decide between classes.
        readable: bool `[inputs]`, whether something is known of an input's text, of both of a pair; else its
            probabilities say nothing.
        encoding: of the texts; of pairs, all first ones and then all second ones.
        encode_s: seconds that embedding took, waiting for a free thread included.
        score_s: seconds that the head took.
    """

    probabilities: NDArray[np.float64]
    readable: NDArray[np.bool_]
    encoding: Encoding
    encode_s: float
    score_s: float


async def classify(
    head: Head, inputs: Sequence[str] | Sequence[Sequence[str]], encoder: Batcher, deadline: Deadline
) -> Classified:
    """Classify texts with a head of texts, or pairs of texts with a head of pairs.

    Raises:
        DeadlineExceededError: the deadline passed.
        OverloadedError: too many texts wait to be embedded.
    """
    started = time.perf_counter()
    encoding = await encoder.encode(_texts(inputs), deadline)
    encoded = time.perf_counter()
    aside = len(inputs) * head.matrix.size > _MOST_COMPUTED_HERE
    exact = await asyncio.to_thread(_decide, head, encoding) if aside else _decide(head, encoding)
    probabilities = np.round(exact, PROBABILITY_DECIMALS)
    readable = np.all(encoding.readable.reshape(-1, len(inputs)), axis=0)
    return Classified(probabilities, readable, encoding, encoded - started, time.perf_counter() - encoded)


def _texts(inputs: Sequence[str] | Sequence[Sequence[str]]) -> list[str]:
    singles = [one for one in inputs if isinstance(one, str)]
    pairs = [one for one in inputs if not isinstance(one, str)]
    return singles or [pair[side] for side in (0, 1) for pair in pairs]


def _decide(head: Head, encoding: Encoding) -> NDArray[np.float64]:
    if head.manifest.kind == "text":
        return head.of_texts(encoding.vectors)
    left, right = np.split(encoding.vectors, 2)
    return head.of_pairs(left, right)
