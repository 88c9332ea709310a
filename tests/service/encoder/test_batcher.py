import asyncio
import gc
import random
import time
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from itertools import count

import numpy as np
import pytest

from service.admission.deadline import Deadline
from service.encoder.base import Encoding, Input, Row
from service.encoder.batcher import Batcher, EncoderError, _Batch
from service.errors import DeadlineExceededError, OverloadedError
from service.metrics.registry import Metrics
from tests.service.encoders import FakeEncoder, FakeRowEncoder, GatedEncoder, SlowEncoder

SOON = 0.02


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of a few texts, so that they can be told apart."""
    monkeypatch.setattr("service.encoder.batcher._SMALLEST_BATCH", 1)
    monkeypatch.setattr("service.encoder.batcher._SMALLEST_PART", 60)


def batcher_of(encoder: FakeEncoder, *, batch_tokens: int = 140) -> Batcher:
    return Batcher(encoder, Metrics(), threads=1, batch_tokens=batch_tokens, max_tokens=64)


def within(seconds: float) -> Deadline:
    return Deadline.after(seconds * 1000, since=time.perf_counter())


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
    texts = ["taxi", "dinner", " ", "taxi", "a longer text of several words", "word " * 40]
    encoding = await batcher.encode(texts, Deadline())
    expected = FakeEncoder().encode(texts)
    np.testing.assert_array_equal(encoding.vectors, expected.vectors)
    np.testing.assert_array_equal(encoding.windows, expected.windows)
    for column in ("tokens", "truncated", "readable"):
        np.testing.assert_array_equal(getattr(encoding, column), getattr(expected, column))
    assert encoding.terms == expected.terms
    nothing = await batcher.encode([], Deadline())
    assert nothing.vectors.shape == batcher.nothing.vectors.shape == (0, 64)
    assert (nothing.windows, nothing.terms, len(nothing.readable)) == ([], [], 0)


async def test_what_waits_shares_the_next_batch(gated: tuple[GatedEncoder, Batcher]) -> None:
    encoder, batcher = gated
    others = asyncio.gather(*(batcher.encode([text], Deadline()) for text in ("a", "b", "c")))
    await asyncio.sleep(0)
    encoder.gate.set()
    await others
    assert encoder.calls == [["first"], ["a", "b", "c"]]


async def test_texts_of_a_length_share_a_batch() -> None:
    encoder = FakeEncoder()
    texts = ["b" * 60, "a", "c" * 60, "d"]  # 28 and 9 units
    await batcher_of(encoder, batch_tokens=60).encode(texts, Deadline())
    assert encoder.calls == [["a", "d", "b" * 60], ["c" * 60]]


async def test_a_query_passes_the_texts_of_a_large_request(gated: tuple[GatedEncoder, Batcher]) -> None:
    encoder, batcher = gated
    many = [f"{number:0>60}" for number in range(20)]  # 28 units each, five a batch
    large = asyncio.create_task(batcher.encode(many, Deadline()))
    await asyncio.sleep(0)
    small = asyncio.create_task(batcher.encode(["query"], Deadline()))
    await asyncio.sleep(0)
    encoder.gate.set()
    await small
    assert "query" in encoder.calls[1]
    assert len((await large).vectors) == 20
    assert [len(call) for call in encoder.calls[1:]] == [5, 5, 5, 5, 1]


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
    deadline = within(SOON)
    late = asyncio.create_task(batcher.encode(["late", "wanted by another"], deadline))
    other = asyncio.create_task(batcher.encode(["wanted by another"], Deadline()))
    with pytest.raises(DeadlineExceededError):
        await late
    encoder.gate.set()
    await other
    assert encoder.calls == [["first"], ["wanted by another"]]
    assert batcher._queue.waiting_units == 0


async def test_what_was_late_may_be_asked_for_again(gated: tuple[GatedEncoder, Batcher]) -> None:
    encoder, batcher = gated
    with pytest.raises(DeadlineExceededError):
        await batcher.encode(["again"], within(SOON))
    again = asyncio.create_task(batcher.encode(["again"], Deadline()))
    await asyncio.sleep(0)
    encoder.gate.set()
    assert len((await again).vectors) == 1


async def test_what_can_not_be_embedded_in_time_is_refused_at_once() -> None:
    encoder = SlowEncoder(seconds_a_text=0.02)
    batcher = batcher_of(encoder)
    await batcher.encode(["learned from"], Deadline())
    large = asyncio.create_task(batcher.encode([f"text {number}" for number in range(20)], Deadline()))
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError) as refused:
        await batcher.encode([f"other {number}" for number in range(20)], within(0.1))
    assert 1 <= int(refused.value.headers["Retry-After"]) <= 5
    assert "other 0" not in str(encoder.calls)
    own = asyncio.create_task(batcher.encode(["own"], within(0.1), refusable=False))
    assert len((await batcher.encode(["quick"], within(2))).vectors) == 1
    assert not large.done()
    await asyncio.gather(large, own, return_exceptions=True)
    assert batcher._queue.waiting_units == 0
    await batcher.encode([f"other {number}" for number in range(4)], within(2))


async def test_an_idle_encoder_refuses_nobody() -> None:
    batcher = batcher_of(SlowEncoder(seconds_a_text=0.02))
    await batcher.encode(["learned from"], Deadline())
    with pytest.raises(DeadlineExceededError):
        await batcher.encode([f"text {number}" for number in range(20)], within(0.1))


async def test_a_large_request_is_not_starved_by_small_ones() -> None:
    """It takes twice its own work, and a round of the others', however many there are."""
    encoder = SlowEncoder(seconds_a_text=0.002)
    batcher = batcher_of(encoder, batch_tokens=20)
    stopped = False

    async def small(number: int) -> None:
        for turn in count():
            if stopped:
                return
            await batcher.encode([f"{number} {turn}"], Deadline())

    clients = [asyncio.create_task(small(number)) for number in range(20)]
    await asyncio.sleep(0.1)
    before = encoder.texts
    await batcher.encode([f"large {number}" for number in range(50)], Deadline())
    between = encoder.texts - before
    stopped = True
    await asyncio.gather(*clients)
    assert between <= 3 * 50 + 2 * 20  # twice 50 and 20, with room for how roughly it is predicted


async def shared_last_text(
    batcher: Batcher,
) -> tuple[list[str], asyncio.Task[Encoding], asyncio.Task[Encoding]]:
    """The texts of a large request, and that request and one for the last of them alone, both waiting."""
    many = [f"{number:0>60}" for number in range(20)]
    large = asyncio.create_task(batcher.encode(many, Deadline()))
    await asyncio.sleep(0)
    small = asyncio.create_task(batcher.encode([many[-1]], Deadline()))
    await asyncio.sleep(0)
    return many, large, small


async def test_who_shares_a_text_with_a_large_request_need_not_wait_for_its_turn(
    gated: tuple[GatedEncoder, Batcher],
) -> None:
    encoder, batcher = gated
    many, large, small = await shared_last_text(batcher)
    encoder.gate.set()
    await small
    assert many[-1] in encoder.calls[1]
    await large
    assert sum(map(len, encoder.calls)) == 1 + 20


async def test_a_shared_text_stays_with_who_is_left(gated: tuple[GatedEncoder, Batcher]) -> None:
    encoder, batcher = gated
    _, large, small = await shared_last_text(batcher)
    small.cancel()
    await asyncio.sleep(0)
    encoder.gate.set()
    assert len((await large).vectors) == 20
    assert batcher._queue.waiting_units == 0


async def test_a_busy_thread_is_not_waited_for_while_another_is_free() -> None:
    encoder = SlowEncoder(seconds_a_text=0.01)
    batcher = Batcher(encoder, Metrics(), threads=2, batch_tokens=1000, max_tokens=64)
    await batcher.encode([f"{number:0>150}" for number in range(12)], Deadline())
    assert [len(call) for call in encoder.calls] == [6, 6]


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
    hasty = within(SOON)
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
    assert batcher._queue.waiting_units == 0
    assert caplog.records == []


async def test_what_waits_shows_no_text(gated: tuple[GatedEncoder, Batcher]) -> None:
    encoder, batcher = gated
    asked = asyncio.create_task(batcher.encode(["a secret"], Deadline()))
    await asyncio.sleep(0)
    assert "secret" not in repr(batcher._queue._heap)
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


class StallingEncoder(FakeEncoder):
    """Stalls for as long as it is told to in its next call."""

    stall_s = 0.0

    def encode(self, texts: Sequence[str]) -> Encoding:
        stall_s, self.stall_s = self.stall_s, 0.0
        time.sleep(stall_s)
        return super().encode(texts)


async def test_a_first_batch_that_stalls_refuses_no_burst_that_comes_later() -> None:
    encoder = StallingEncoder()
    encoder.stall_s = 0.3
    batcher = Batcher(encoder, Metrics(), threads=2, batch_tokens=1024, max_tokens=64)
    for number in range(10):
        await batcher.encode([f"alone {number}"], Deadline())
    burst = [batcher.encode([f"burst {number}"], within(1)) for number in range(100)]
    assert len(await asyncio.gather(*burst)) == 100
    batcher.close()


def test_stalls_of_batches_that_are_alone_do_not_add_up() -> None:
    batcher = Batcher(FakeEncoder(), Metrics(), threads=2, batch_tokens=1024, max_tokens=64)
    for number in range(5000):
        took_s = 0.2 if number % 50 == 0 else 0.01
        batcher._learn(_Batch([], 100, 0.0, together=False, took_s=took_s))
    assert 0.004 < batcher._rate.seconds(100) < 0.02
    batcher.close()


async def _until_nothing_runs(batcher: Batcher) -> None:
    for _ in range(10_000):
        if not batcher._running:
            return
        await asyncio.sleep(0.001)
    raise AssertionError


async def test_nothing_is_left_of_whatever_comes_and_goes() -> None:
    """Shared texts, deadlines, clients that leave, faults: who waits gets its own vectors, and nothing stays behind."""

    class Faulty(FakeEncoder):
        def encode(self, texts: Sequence[str]) -> Encoding:
            time.sleep(0.0002 * len(texts))
            if any(text.startswith("bad") for text in texts):
                raise ValueError
            return super().encode(texts)

    chance = random.Random(7)
    metrics, encoder = Metrics(), Faulty()
    batcher = Batcher(encoder, metrics, threads=2, batch_tokens=140, max_tokens=64)
    outcomes: Counter[str] = Counter()

    async def ask(texts: Sequence[str], deadline: Deadline, *, refusable: bool) -> None:
        try:
            encoding = await batcher.encode(texts, deadline, refusable=refusable)
        except (DeadlineExceededError, OverloadedError) as error:
            assert deadline.expires_at is not None
            outcomes[type(error).__name__] += 1
        except EncoderError:
            assert any(text.startswith("bad") for text in texts)
            outcomes["fault"] += 1
        else:
            np.testing.assert_array_equal(encoding.vectors, FakeEncoder().encode(texts).vectors)
            outcomes["done"] += 1

    requests = []
    for number in range(600):
        texts = [
            chance.choice(["shared", "text", "bad" if chance.random() < 0.02 else "good"])
            + f" {chance.randrange(number // 4, number // 4 + 30)}" * chance.randrange(1, 4)
            for _ in range(chance.randrange(1, 12))
        ]
        deadline = chance.choice([Deadline(), within(chance.choice([0.001, 0.01, 0.1, 60]))])
        request = asyncio.create_task(ask(texts, deadline, refusable=chance.random() < 0.8))
        requests.append(request)
        if chance.random() < 0.2:
            asyncio.get_running_loop().call_later(chance.random() * 0.05, request.cancel)
        if chance.random() < 0.3:
            await asyncio.sleep(chance.random() * 0.004)
    ended = await asyncio.wait_for(asyncio.gather(*requests, return_exceptions=True), 60)
    assert all(one is None or isinstance(one, asyncio.CancelledError) for one in ended)
    assert min(outcomes[one] for one in ("done", "fault", "DeadlineExceededError", "OverloadedError")) > 0
    await batcher.encode(["the last one"], Deadline())  # what was begun for those who left has ended before it
    await _until_nothing_runs(batcher)
    assert batcher._queue.waiting_units == 0
    assert not batcher._queue._by_text
    assert len(batcher._schedule) == 0
    assert metrics.queue_tokens._value.get() == 0
    batcher.close()


async def test_rows_are_read_by_their_own_encoders_on_the_same_threads(gated: tuple[GatedEncoder, Batcher]) -> None:
    encoder, batcher = gated
    one, other = FakeRowEncoder(), FakeRowEncoder()
    inputs: list[Input] = [
        "a text",
        Row(one, ("a text",)),
        Row(other, ("left", "right")),
        Row(one, ("more",)),
        Row(one, ("more",)),
    ]
    asked = asyncio.create_task(batcher.embed(inputs, Deadline()))
    await asyncio.sleep(0)
    assert one.calls == other.calls == []  # the only thread is taken
    encoder.gate.set()
    embedded = await asked
    assert encoder.calls == [["first"], ["a text"]]
    assert sorted(text for call in one.calls for text in call) == ["a text", "more"]
    assert other.calls == [["left / right"]]
    assert [len(one.vector) for one in embedded] == [64, 8, 8, 8, 8]
    np.testing.assert_array_equal(embedded[3].vector, embedded[4].vector)


async def test_late_rows_are_never_begun(gated: tuple[GatedEncoder, Batcher]) -> None:
    encoder, batcher = gated
    rows = FakeRowEncoder()
    with pytest.raises(DeadlineExceededError):
        await batcher.embed([Row(rows, ("late",))], within(SOON))
    encoder.gate.set()
    await batcher.embed([Row(rows, ("in time",))], Deadline())
    assert rows.calls == [["in time"]]
    assert batcher._queue.waiting_units == 0


async def test_a_row_that_fails_fails_no_other() -> None:
    batcher, rows = batcher_of(FakeEncoder(), batch_tokens=1000), FakeRowEncoder()
    good = asyncio.create_task(batcher.embed([Row(rows, ("good",)), "a text"], Deadline()))
    with pytest.raises(EncoderError):
        await batcher.embed([Row(rows, ("bad",))], Deadline())
    assert [len(one.vector) for one in await good] == [8, 64]


@pytest.mark.parametrize(("cost", "length", "units"), [(1.0, 1, 6 + 1 + 2), (2.0, 1, 18), (1.5, 2, 18), (1.0, 99, 38)])
async def test_rows_are_planned_with_what_they_cost(cost: float, length: int, units: int) -> None:
    rows = FakeRowEncoder(cost=cost)
    assert batcher_of(FakeEncoder())._estimate(Row(rows, ("abc",) if length == 1 else ("abc", "abc" * length))) == units
