import asyncio
import gc
import time
import warnings
from collections.abc import AsyncIterator, Sequence

import numpy as np
import pytest

from service.deadline import Deadline
from service.encoder.base import Encoding
from service.encoder.batcher import Batcher, EncoderError
from service.encoder.fake import FakeEncoder
from service.errors import DeadlineExceededError, OverloadedError
from service.metrics import Metrics
from tests.service.encoders import GatedEncoder

SOON = 0.02


def batcher_of(encoder: FakeEncoder, *, batch_tokens: int = 100, queue_tokens: int = 1000) -> Batcher:
    return Batcher(encoder, Metrics(), threads=1, batch_tokens=batch_tokens, queue_tokens=queue_tokens, max_tokens=64)


@pytest.fixture
async def gated() -> AsyncIterator[tuple[GatedEncoder, Batcher]]:
    """An encoder whose only thread is at "first" until the gate opens, and its batcher."""
    encoder = GatedEncoder()
    batcher = batcher_of(encoder)
    first = asyncio.create_task(batcher.encode(["first"], Deadline()))
    await asyncio.sleep(0)
    yield encoder, batcher
    encoder.gate.set()
    await first
    batcher.close()


async def test_vectors_come_back_in_the_order_of_the_texts() -> None:
    batcher = batcher_of(FakeEncoder(), batch_tokens=8)
    texts = ["taxi", "dinner", "taxi", "a longer text of several words"]
    encoding = await batcher.encode(texts, Deadline())
    expected = FakeEncoder().encode(texts)
    np.testing.assert_array_equal(encoding.vectors, expected.vectors)
    assert encoding.tokens.tolist() == expected.tokens.tolist()
    assert (await batcher.encode([], Deadline())).vectors.shape == (0, 64)


async def test_what_waits_shares_the_next_batch(gated: tuple[GatedEncoder, Batcher]) -> None:
    encoder, batcher = gated
    others = asyncio.gather(*(batcher.encode([text], Deadline()) for text in ("a", "b", "c")))
    await asyncio.sleep(0)
    encoder.gate.set()
    await others
    assert encoder.calls == [["first"], ["a", "b", "c"]]


async def test_texts_of_a_length_share_a_batch() -> None:
    encoder = FakeEncoder()
    texts = ["b" * 60, "a", "c" * 60, "d"]  # 22 and 3 tokens
    await batcher_of(encoder, batch_tokens=44).encode(texts, Deadline())
    assert encoder.calls == [["a", "d", "b" * 60], ["c" * 60]]


async def test_a_query_passes_the_texts_of_a_large_request(gated: tuple[GatedEncoder, Batcher]) -> None:
    encoder, batcher = gated
    many = [f"{number:0>60}" for number in range(20)]  # 22 tokens each, four a batch
    large = asyncio.create_task(batcher.encode(many, Deadline()))
    await asyncio.sleep(0)
    small = asyncio.create_task(batcher.encode(["query"], Deadline()))
    await asyncio.sleep(0)
    encoder.gate.set()
    await small
    assert not large.done()
    assert "query" in encoder.calls[1]
    assert len((await large).vectors) == 20
    assert [len(call) for call in encoder.calls[1:]] == [5, 4, 4, 4, 4]


async def test_a_text_that_several_ask_for_is_embedded_once(gated: tuple[GatedEncoder, Batcher]) -> None:
    encoder, batcher = gated
    asked = asyncio.gather(*(batcher.encode(["same", "first"], Deadline()) for _ in range(5)))
    await asyncio.sleep(0)
    encoder.gate.set()
    one, *others = await asked
    assert encoder.calls == [["first"], ["same"]]
    for other in others:
        np.testing.assert_array_equal(one.vectors, other.vectors)


async def test_what_is_late_is_never_begun(gated: tuple[GatedEncoder, Batcher]) -> None:
    encoder, batcher = gated
    deadline = Deadline.after(SOON * 1000, since=time.perf_counter())
    late = asyncio.create_task(batcher.encode(["late", "wanted by another"], deadline))
    other = asyncio.create_task(batcher.encode(["wanted by another"], Deadline()))
    with pytest.raises(DeadlineExceededError):
        await late
    encoder.gate.set()
    await other
    assert encoder.calls == [["first"], ["wanted by another"]]
    assert batcher.waiting_tokens == 0


async def test_what_was_late_may_be_asked_for_again(gated: tuple[GatedEncoder, Batcher]) -> None:
    encoder, batcher = gated
    with pytest.raises(DeadlineExceededError):
        await batcher.encode(["again"], Deadline.after(SOON * 1000, since=time.perf_counter()))
    again = asyncio.create_task(batcher.encode(["again"], Deadline()))
    await asyncio.sleep(0)
    encoder.gate.set()
    assert len((await again).vectors) == 1


async def test_more_than_may_wait_is_refused_at_once() -> None:
    encoder = GatedEncoder()
    batcher = batcher_of(encoder, queue_tokens=30)
    running = asyncio.create_task(batcher.encode(["first"], Deadline()))
    await asyncio.sleep(0)
    large = asyncio.create_task(batcher.encode(["x" * 90, "y" * 90], Deadline()))  # finds nothing waiting
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError) as refused:
        await batcher.encode(["z"], Deadline())
    assert int(refused.value.headers["Retry-After"]) >= 1
    own = asyncio.create_task(batcher.encode(["own"], Deadline(), refusable=False))
    encoder.gate.set()
    await asyncio.gather(running, large, own)
    assert batcher.waiting_tokens == 0
    assert len((await batcher.encode(["z"], Deadline())).vectors) == 1


async def test_a_fault_reaches_those_who_wait_for_its_text_and_nobody_else() -> None:
    class Faulty(GatedEncoder):
        def encode(self, texts: Sequence[str]) -> Encoding:
            encoding = super().encode(texts)
            if "bad" in texts:
                raise RuntimeError(f"can't read {texts}")
            return encoding

    encoder = Faulty()
    batcher = batcher_of(encoder)
    first = asyncio.create_task(batcher.encode(["first"], Deadline()))
    await asyncio.sleep(0)
    asked = [asyncio.create_task(batcher.encode(texts, Deadline())) for texts in (["good"], ["bad", "fine"], ["bad"])]
    await asyncio.sleep(0)
    encoder.gate.set()
    good, *bad = await asyncio.gather(*asked, return_exceptions=True)
    await first
    assert isinstance(good, Encoding)
    assert [type(one) for one in bad] == [EncoderError, EncoderError]
    assert bad[0] is not bad[1]
    assert "bad" not in repr(bad)
    assert ["good", "bad", "fine"] in encoder.calls, "they shared a batch"
    assert len((await batcher.encode(["good"], Deadline())).vectors) == 1


async def test_a_deadline_concerns_nobody_else(
    gated: tuple[GatedEncoder, Batcher], caplog: pytest.LogCaptureFixture
) -> None:
    """Who waits for the same texts, and strangers in the same batch, never notice."""
    encoder, batcher = gated
    hasty = Deadline.after(SOON * 1000, since=time.perf_counter())
    late = asyncio.create_task(batcher.encode(["first", "a", "b"], hasty))  # one is begun, the others are not
    same = asyncio.create_task(batcher.encode(["b", "first", "a"], Deadline()))
    stranger = asyncio.create_task(batcher.encode(["c"], Deadline()))
    given_up = asyncio.create_task(batcher.encode(["a", "c"], Deadline()))
    await asyncio.sleep(0)
    given_up.cancel()
    with pytest.raises(DeadlineExceededError):
        await late
    encoder.gate.set()
    async with asyncio.timeout(5):
        assert len((await same).vectors) == 3
        assert len((await stranger).vectors) == 1
    assert sorted(text for call in encoder.calls for text in call) == ["a", "b", "c", "first"]
    assert batcher.waiting_tokens == 0
    assert caplog.records == []


async def test_what_waits_shows_no_text(gated: tuple[GatedEncoder, Batcher]) -> None:
    encoder, batcher = gated
    asked = asyncio.create_task(batcher.encode(["a secret"], Deadline()))
    await asyncio.sleep(0)
    assert "secret" not in repr(batcher._queue)
    encoder.gate.set()
    await asked


async def test_a_fault_that_nobody_hears_of_is_not_logged_with_what_it_says(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(FakeEncoder):
        def encode(self, texts: Sequence[str]) -> Encoding:
            raise RuntimeError(f"can't read {texts}")

    with warnings.catch_warnings():  # what tests before it left lying is not its own
        warnings.simplefilter("ignore")
        gc.collect()

    async def fails() -> bool:
        batcher = batcher_of(Broken())
        try:
            await batcher.encode(["one secret", "another secret"], Deadline())
        except EncoderError:
            return True
        finally:
            batcher.close()
        return False

    assert await fails()
    await asyncio.sleep(0.05)  # the thread lets go of what it was at
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # what other tests have left is not asked here
        gc.collect()  # asyncio tells of futures whose exceptions nobody took when they are collected
    assert "secret" not in caplog.text
