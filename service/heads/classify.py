"""From texts or pairs to the probabilities of a head's classes."""

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

# Scores of more numbers than these are computed elsewhere than on the event loop, where others wait meanwhile.
_MOST_COMPUTED_HERE = 2_000_000


@dataclass(frozen=True)
class Classified:
    """What became of some inputs.

    Attributes:
        probabilities: float64 `[inputs, classes]`, rounded: the last bits, which vary with the processor and with what
            shares a batch, should not decide between classes.
        likeliest: int64 `[inputs, most]`, the places of the likeliest classes, the likeliest first; of equals, the one
            that stands first among the classes.
        readable: bool `[inputs]`, whether something is known of an input's text, of both of a pair; else its
            probabilities say nothing.
        encoding: of the texts; of pairs, all first ones and then all second ones.
        encode_s: seconds that embedding took, waiting for a free thread included.
        score_s: seconds that the head took.
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
    """Classify texts with a head of texts, or pairs of texts with a head of pairs.

    Args:
        head: of the kind of the inputs.
        inputs: at least one.
        encoder: makes the vectors that the head reads.
        deadline: when the answer is due.
        most: how many of the likeliest classes to find, if there are as many.

    Raises:
        DeadlineExceededError: the deadline passed.
        OverloadedError: too many texts wait to be embedded.
    """
    started = time.perf_counter()
    encoding = await encoder.encode(_texts(inputs), deadline)
    encoded = time.perf_counter()
    decide = partial(_decide, head, encoding, most)
    aside = len(inputs) * head.matrix.size > _MOST_COMPUTED_HERE
    probabilities, likeliest = await asyncio.to_thread(decide) if aside else decide()
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
